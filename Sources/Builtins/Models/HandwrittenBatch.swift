import Language
import NeuralNetworks
import TensorCore
import Transformers

/// A batch written as a record: `{input_ids: [[101, 102]], attention_mask: ..., labels: ...}`.
struct HandwrittenBatch {
  private let record: RecordValue
  private let model: PretrainedModel
  private let call: Call

  private static let known = ["input_ids", "token_type_ids", "attention_mask", "position_ids", "labels"]

  init(_ record: RecordValue, _ model: PretrainedModel, _ call: Call) {
    self.record = record
    self.model = model
    self.call = call
  }

  func read() throws -> (batch: Batch, labels: Labels?) {
    for key in record.keys where !Self.known.contains(key.text) {
      throw call.error(
        "a batch has no \(key.text)", at: "input",
        help: Nearest.question(key.text, in: Self.known) ?? "it has \(Self.known.joined(separator: ", "))")
    }
    guard let given = record["input_ids"] else { throw call.error("the batch has no input_ids", at: "input") }
    let ids = try sequences(given, "input_ids")
    let mask = try record["attention_mask"].map { try like(ids, sequences($0, "attention_mask"), "attention_mask") }
    func kept(_ values: [[Int]]) -> [[Int]] {
      guard let mask else { return values }
      return zip(values, mask).map { zip($0, $1).filter { $0.1 != 0 }.map(\.0) }
    }
    let types = try record["token_type_ids"].map { try like(ids, sequences($0, "token_type_ids"), "token_type_ids") }
    var batch = Batch(kept(ids), tokenTypeIDs: types.map(kept))
    if let positions = record["position_ids"] {
      batch.positionIDs = kept(try like(ids, sequences(positions, "position_ids"), "position_ids")).flatMap { $0 }
    }
    guard let labels = record["labels"], !labels.isNothing else { return (batch, nil) }
    guard let head = model.headKind else {
      throw call.error(
        "labels need a head", at: "input", help: "make one with \(model.name).for_sequence_classification(labels: 2)")
    }
    return (batch, try read(labels, head, ids, kept))
  }

  private func read(
    _ value: Value, _ head: HeadKind, _ ids: [[Int]], _ kept: ([[Int]]) -> [[Int]]
  ) throws -> Labels {
    switch head {
    case .sequenceClassification:
      switch model.configuration.effectiveProblem {
      case .singleLabel: return .classes(try classes(value))
      case .multiLabel, .regression:
        let numbers = try floats(value)
        return model.configuration.effectiveProblem == .regression ? .values(numbers) : .multiLabel(numbers)
      }
    case .tokenClassification, .maskedLM, .causalLM:
      return .tokens(kept(try like(ids, sequences(value, "labels"), "labels")).flatMap { $0 })
    case .questionAnswering:
      let spans = try sequences(value, "labels")
      guard spans.count == ids.count, spans.allSatisfy({ $0.count == 2 }) else {
        throw call.error("labels: expected [start, end] for each of \(ids.count) sequences", at: "input")
      }
      return .spans(starts: spans.map { $0[0] }, ends: spans.map { $0[1] })
    }
  }

  /// Classes as numbers or names.
  private func classes(_ value: Value) throws -> [Int] {
    if case .object(let tensor as TensorValue) = value, case .integers(let ids) = tensor.content { return ids.elements }
    guard let elements = value.elementsIfList else { throw call.error("labels: expected a list", at: "input") }
    return try elements.map { element in
      switch element {
      case .int(let number): return number
      case .string(let name):
        if let place = model.labels.firstIndex(of: name) { return place }
        throw call.error("\"\(name)\" is no label of the model: \(model.labels.joined(separator: ", "))", at: "input")
      default: throw call.error("labels: expected ints or names, got \(element.kind.phrase)", at: "input")
      }
    }
  }

  private func floats(_ value: Value) throws -> Tensor {
    switch value {
    case .object(let tensor as TensorValue): return try tensor.floats()
    case .list(let list):
      var numbers: [Float] = []
      var width: Int?
      for element in list.elements {
        switch element {
        case .int(let number): numbers.append(Float(number))
        case .float(let number): numbers.append(Float(number))
        case .list:
          let row = try floats(element).elements
          if let width, width != row.count { throw call.error("labels: rows differ in length", at: "input") }
          width = row.count
          numbers += row
        default: throw call.error("labels: expected numbers, got \(element.kind.phrase)", at: "input")
        }
      }
      return try Tensor(numbers, shape: width.map { [list.count, $0] } ?? [list.count])
    case .object(let column) where column.listElements != nil: return try floats(.list(column.listElements ?? []))
    default: throw call.error("labels: expected numbers, got \(value.kind.phrase)", at: "input")
    }
  }

  /// Lists of ints, one for each sequence; a flat list is one sequence.
  private func sequences(_ value: Value, _ name: String) throws -> [[Int]] {
    switch value {
    case .object(let tensor as TensorValue):
      guard case .integers(let ids) = tensor.content, (1...2).contains(ids.shape.count) else {
        throw call.error("\(name): expected integers [B, S], got a tensor of \(tensor.dtype)", at: "input")
      }
      if ids.shape.count == 1 { return [ids.elements] }
      let width = ids.shape[1]
      return (0..<ids.shape[0]).map { Array(ids.elements[($0 * width)..<(($0 + 1) * width)]) }
    case .list(let list):
      if list.elements.allSatisfy({ $0.kind == .int }), !list.elements.isEmpty { return [try ints(list, name)] }
      return try list.elements.map { element in
        switch element {
        case .list(let inner): return try ints(inner, name)
        case .object(let column) where column.listElements != nil:
          return try ints(try ListValue(column.listElements ?? []), name)
        case .object(let tensor as TensorValue):
          if case .integers(let ids) = tensor.content { return ids.elements }
          throw call.error("\(name): expected integers, got a tensor of \(tensor.dtype)", at: "input")
        default: throw call.error("\(name): expected lists of ints, got \(element.kind.phrase)", at: "input")
        }
      }
    case .object(let column):
      // A column stands for a list wherever a list is wanted.
      if let elements = column.listElements { return try sequences(.list(elements), name) }
      throw call.error("\(name): expected lists of ints, got \(value.kind.phrase)", at: "input")
    default: throw call.error("\(name): expected lists of ints, got \(value.kind.phrase)", at: "input")
    }
  }

  private func ints(_ list: ListValue, _ name: String) throws -> [Int] {
    try list.elements.map { element in
      guard case .int(let number) = element else {
        throw call.error("\(name): expected ints, got \(element.kind.phrase)", at: "input")
      }
      return number
    }
  }

  private func like(_ ids: [[Int]], _ values: [[Int]], _ name: String) throws -> [[Int]] {
    guard values.map(\.count) == ids.map(\.count) else {
      throw call.error(
        "\(name): lengths \(values.map(\.count).prefix(8)) differ from those of input_ids, \(ids.map(\.count).prefix(8))",
        at: "input")
    }
    return values
  }
}

extension Value {
  /// The elements of a list, or of what stands for one.
  fileprivate var elementsIfList: [Value]? {
    switch self {
    case .list(let list): list.elements
    case .object(let object): object.listElements
    default: nil
    }
  }
}
