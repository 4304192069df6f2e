import NeuralNetworks
import TensorCore
import Testing

/// Gives nothing, so that every parameter is initialised.
private final class NoSource: ParameterSource {
  func value(named name: String, shape: [Int]) throws -> Tensor? { nil }
  func made(_ parameter: Parameter) {}
}

@Suite struct ModuleTests {
  private let scope = ParameterScope(source: NoSource(), seed: 7)

  @Test func namesAreThoseOfTheTree() throws {
    let root = Group(path: "", kind: "Root")
    let inner = root.hold("encoder", Group(path: "encoder", kind: "Encoder"))
    inner.hold("dense", try Linear(scope.at("encoder").at("dense"), input: 3, output: 2))
    #expect(root.namedParameters().map(\.name) == ["encoder.dense.weight", "encoder.dense.bias"])
    #expect(root.module(at: "encoder.dense")?.path == "encoder.dense")
    #expect(root.module(at: "encoder.dance") == nil)
  }

  @Test func tiedParametersAreOne() throws {
    let root = Group(path: "", kind: "Root")
    let words = root.hold("words", try Embedding(scope.at("words"), count: 5, size: 3))
    root.hold("decoder", try Linear(scope.at("decoder"), input: 3, output: 5, bias: false, tied: words.weight))
    #expect(root.namedParameters().map(\.name) == ["words.weight", "decoder.weight"])
    #expect(root.parameters().map(\.name) == ["words.weight"])
  }

  @Test func initialValuesDependOnSeedAndNameOnly() throws {
    let one = try Linear(scope.at("a"), input: 4, output: 4)
    _ = try Linear(scope.at("b"), input: 4, output: 4)
    let again = try Linear(scope.at("a"), input: 4, output: 4)
    let other = try Linear(scope.at("c"), input: 4, output: 4)
    #expect(one.weight.value.elements == again.weight.value.elements)
    #expect(one.weight.value.elements != other.weight.value.elements)
    #expect(one.bias?.value.elements == [0, 0, 0, 0])
    #expect(one.weight.isNew)
  }

  @Test func aParameterThatNothingCanHoldIsAnError() {
    for start in [Initializer.normal(standardDeviation: 1), .uniform(bound: 1), .zeros] {
      #expect(throws: TensorError.self) { try start.makeValue(shape: [1 << 40, 16], name: "w", seed: 0) }
    }
  }

  @Test func frozenParametersAreNotRecorded() throws {
    let linear = try Linear(scope.at("a"), input: 2, output: 1)
    let rows = try Tensor([1, 2], shape: [1, 2])
    linear.weight.isTrainable = false
    let gradients = try linear(rows, ForwardContext(isRecording: true)).sum().backward()
    #expect(gradients[linear.weight.leaf] == nil)
    #expect(try #require(linear.bias.flatMap { gradients[$0.leaf] }).elements == [1])
  }

  @Test func dropoutGoesByBlock() throws {
    let frozen = try Linear(scope.at("a"), input: 2, output: 2)
    for parameter in frozen.parameters() { parameter.isTrainable = false }
    let trained = try Linear(scope.at("b"), input: 2, output: 2)
    let context = ForwardContext(isRecording: true, dropout: DropoutSource(seed: 0, step: 3))
    context.places = RowPlaces(step: 3, offsets: [0, 4], examples: [9])
    let rows = try Tensor(repeating: 1, shape: [4, 64])
    try context.enter(frozen)
    #expect(try context.dropped(rows, rate: 0.5, module: "a").elements == rows.elements)
    try context.enter(trained)
    let dropped = try context.dropped(rows, rate: 0.5, module: "b").elements
    #expect(Set(dropped) == [0, 2])
    context.dropout?.isEverywhere = true
    try context.enter(frozen)
    #expect(try context.dropped(rows, rate: 0.5, module: "a").elements.contains(0))
  }

  @Test func aFitsDropoutReplacesTheConfigurationsRatesOnly() throws {
    let trained = try Linear(scope.at("b"), input: 2, output: 2)
    let context = ForwardContext(isRecording: true, dropout: DropoutSource(seed: 0, step: 0, rate: 0.5))
    context.places = RowPlaces(step: 0, offsets: [0, 4], examples: [9])
    try context.enter(trained)
    #expect(context.dropout(rate: 0, module: "b")?.rate == 0.5)
    #expect(context.dropout(rate: nil, module: "b") == nil, "the family has no dropout here")
    #expect(context.dropout(rate: 0.1, module: "b", isOwn: true)?.rate == 0.1)
    #expect(context.dropout(rate: 0, module: "b", isOwn: true) == nil)
  }

  @Test func dropoutIsKeyedByTheRowNotItsPlaceInTheBatch() throws {
    let trained = try Linear(scope.at("b"), input: 2, output: 2)
    func dropped(offsets: [Int], examples: [Int]) throws -> Tensor {
      let context = ForwardContext(isRecording: true, dropout: DropoutSource(seed: 1, step: 0))
      context.places = RowPlaces(step: 0, offsets: offsets, examples: examples)
      try context.enter(trained)
      return try context.dropped(Tensor(repeating: 1, shape: [offsets.last ?? 0, 16]), rate: 0.3, module: "b")
    }
    let both = try dropped(offsets: [0, 2, 5], examples: [11, 4])
    let alone = try dropped(offsets: [0, 3], examples: [4])
    #expect(try both.sliced(axis: 0, 2..<5).elements == alone.elements)
  }
}
