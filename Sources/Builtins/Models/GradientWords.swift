import Language
import NeuralNetworks
import Tables
import TensorCore
import Transformers

extension Builtin {
  /// The word that takes gradients at the prompt.
  static let gradientWords: [Builtin] = [gradients]

  private static let gradients = Builtin(
    "gradients", area: .tensors, returns: .table,
    summary: "How a loss changes with each parameter: a table of name, norm and gradient.",
    details: [
      "Of a model: its trainable parameters, for a loss from model({input_ids: ..., labels: ...}).",
      "Of tensors: those made with trainable: true, or any where the loss is given as a function of them.",
      #"Nothing is stored in the model. g["name"] or g[0].gradient is one gradient."#,
    ],
    parameters: [
      .positional(
        "loss", .either([.kind(.tensor), .function, .float, .int]), "one number, or a function that gives it"),
      .rest("of", .either([.kind(.model), .kind(.module), .kind(.tensor), .list, .record]), "a model, or tensors"),
    ],
    keywords: ["backward", "autograd", "derivative", "grad", "backpropagation", "differentiation"],
    python: "loss.backward(); [(n, p.grad) for n, p in model.named_parameters()]",
    examples: [
      Example("w = tensor([1.0, -2.0], trainable: true); gradients((w * w).sum(), w)[0].gradient[1]", gives: -4.0),
      Example("gradients(w -> (w ** 3).sum(), tensor([2.0])).norm[0]", gives: 12.0),
      Example(
        "\(tinyHead); out = m({input_ids: [[2, 5, 3]], labels: [1]}); gradients(out.loss, m).name[0]",
        gives: "bert.embeddings.word_embeddings.weight"),
      Example("gradients(tensor([1.0]).sum(), tensor([1.0]))", fails: "trainable: true"),
    ], seeAlso: ["trainer", "step", "tensor"]
  ) { call in .object(try GradientQuestion(call).answer()) }
}

/// What `gradients` is asked: a loss, and leaves with names.
private struct GradientQuestion {
  private let call: Call
  private let leaves: [(name: String, leaf: GraphNode)]
  private let loss: Tensor

  init(_ call: Call) throws {
    self.call = call
    var targets: [Value] = call.rest()
    guard !targets.isEmpty else {
      throw call.error("say of what: gradients(loss, model), or tensors", help: "gradients(out.loss, model)")
    }
    var loss: Value = call.value("loss")
    if case .function = loss {
      // The function sees copies that record what becomes of them; the tensors themselves stay as they are.
      targets = try targets.map { try GradientQuestion.recorded($0, call) }
      loss = try call.context.invoke(loss, targets, at: call.range)
    }
    self.loss = try GradientQuestion.number(loss, call)
    leaves = try GradientQuestion.leaves(targets, call)
  }

  func answer() throws -> GradientTable {
    let gradients: Gradients = try loss.backward(keepingGraph: true)
    var found: [(name: String, gradient: Tensor?)] = []
    for (name, leaf) in leaves { found.append((name, gradients[leaf])) }
    guard found.contains(where: { $0.gradient != nil }) else {
      throw call.error(
        "the loss does not depend on \(leaves.count == 1 ? "it" : "any of them")",
        help: "compute the loss again, from these; frozen parameters have no gradient")
    }
    return try GradientTable.of(found)
  }

  // MARK: The loss

  private static func number(_ value: Value, _ call: Call) throws -> Tensor {
    guard let tensor: TensorValue = value.object(), case .floats(let floats) = tensor.content else {
      throw call.error(
        "the loss is \(value.kind.phrase) without a record of how it was computed", at: "loss", help: advice)
    }
    guard floats.count == 1 else {
      throw call.error(
        "the loss is one number, got shape \(floats.shape)", at: "loss", help: "take its sum() or mean()")
    }
    guard floats.node != nil else {
      throw call.error("how this number was computed is not recorded", at: "loss", help: advice)
    }
    return floats
  }

  private static let advice =
    "make the tensors with trainable: true, give labels with a model's batch, or a function: gradients(w -> ..., w)"

  // MARK: Of what

  /// Tensors that record what is computed from them, in place of plain ones.
  private static func recorded(_ value: Value, _ call: Call) throws -> Value {
    switch value {
    case .list(let list): return try .list(list.elements.map { try recorded($0, call) })
    case .record(let record): return try .record(record.fields.map { ($0.0.text, try recorded($0.1, call)) })
    case .object(let tensor as TensorValue):
      guard case .ragged = tensor.content else {
        let floats: Tensor = try tensor.floats().detached
        return .object(TensorValue(floats.recorded(as: GraphNode(leaf: "argument", shape: floats.shape))))
      }
      throw call.error("a ragged tensor can't be differentiated by", at: "of", help: "take its rows: x.flat")
    case .float, .int: return try recorded(.object(TensorValue.from(value, in: call, "of")), call)
    default: return value
    }
  }

  private static func leaves(_ values: [Value], _ call: Call) throws -> [(name: String, leaf: GraphNode)] {
    var found: [(name: String, leaf: GraphNode)] = []
    func add(_ name: String, _ value: Value) throws {
      switch value {
      case .object(let model as ModelValue): found += parameters(model.model.parameters)
      case .object(let module as ModuleValue): found += parameters(module.module.parameters())
      case .object(let tensor as TensorValue):
        guard case .floats(let floats) = tensor.content, let leaf = floats.node else {
          throw call.error("\(name) records nothing", at: "of", help: advice)
        }
        guard leaf.isLeaf else {
          throw call.error("\(name) was computed from others; gradients are of what it was made of", at: "of")
        }
        found.append((name, leaf))
      case .list(let list): for (place, item) in list.elements.enumerated() { try add("\(name)[\(place)]", item) }
      case .record(let record): for (key, item) in record.fields { try add(key.text, item) }
      default: throw call.error("expected a model or tensors, got \(value.kind.phrase)", at: "of")
      }
    }
    for (place, value) in values.enumerated() { try add("\(place)", value) }
    guard !found.isEmpty else {
      throw call.error("every parameter is frozen", help: "unfreeze some: model.unfreeze(\"head\")")
    }
    return found
  }

  private static func parameters(_ parameters: [NeuralNetworks.Parameter]) -> [(name: String, leaf: GraphNode)] {
    parameters.filter(\.isTrainable).map { ($0.name, $0.leaf) }
  }
}

/// Gradients as a table: `name`, `norm`, and in the column `gradient` a tensor in each row (`none` where the loss does
/// not depend on it).
package final class GradientTable: TableValue {
  private let gradients: [Tensor?]
  private let names: [String]

  // An initialiser of this class that throws itself breaks Swift 6.3's optimiser.
  private init(_ names: [String], _ gradients: [Tensor?], _ table: Table) {
    self.names = names
    self.gradients = gradients
    super.init(table)
  }

  static func of(_ found: [(name: String, gradient: Tensor?)]) throws -> GradientTable {
    let (names, gradients) = (found.map(\.name), found.map(\.gradient))
    let table = try Table([
      ("name", .strings(names)), ("norm", .reals(gradients.map { $0?.norm() ?? 0 })),
      ("gradient", .strings(gradients.map { $0.map { "\($0.shape)" } ?? "none" })),
    ])
    return GradientTable(names, gradients, table)
  }

  private func gradient(_ place: Int) -> Value {
    gradients[place].map { .object(TensorValue($0.detached)) } ?? .nothing
  }

  package override func item(at place: Int) throws -> Value {
    guard case .record(let row) = try super.item(at: place) else { return .nothing }
    return try .record(row.fields.map { ($0.0.text, $0.0.text == "gradient" ? gradient(place) : $0.1) })
  }

  package override func field(_ name: String) throws -> Value? {
    guard name == "gradient" else { return try super.field(name) }
    return try .list(gradients.indices.map(gradient))
  }

  package override func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(let index) = subscripts[0] else { return try super.element(subscripts) }
    switch index {
    case .int(let number):
      guard let place = Subscript.place(number, count: names.count) else { return try super.element(subscripts) }
      return try item(at: place)
    case .string("gradient"): return try field("gradient") ?? .nothing
    case .string(let name):
      if let place = names.firstIndex(of: name) { return gradient(place) }
      return try super.element(subscripts)
    default: return try super.element(subscripts)
    }
  }

  package override func stringCompletions(for prefix: String, parameter: Language.Parameter?) -> [Completion] {
    super.stringCompletions(for: prefix, parameter: parameter)
      + names.filter { $0.hasPrefix(prefix) }.map { Completion($0) }
  }

  package override var summary: String { "gradients of \(names.count) tensors, with their norms" }

  package override func nextSteps(name: String) -> [String] {
    let first: String = names.first ?? "..."
    return ["\(name)[\"\(first)\"]", "\(name).sort(by: \"norm\", descending: true)", "\(name)[0].gradient"]
  }
}
