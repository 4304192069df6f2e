import Language
import NeuralNetworks
import TensorCore
import Transformers

/// A handle into a model's tree: `model.encoder.layer[0].attention`. Not a copy: what is done to the model shows here.
package final class ModuleValue: LanguageObject {
  package let owner: ModelValue
  package let module: any Module

  package init(_ owner: ModelValue, _ module: any Module) {
    self.owner = owner
    self.module = module
  }

  package var kind: Kind { .module }
  package var summary: String {
    "\(module.kind) at \(module.path) of \(owner.model.name), \(Numbers.grouped(count)) parameters"
  }

  private var count: Int { module.parameters().reduce(0) { $0 + $1.count } }

  package func nextSteps(name: String) -> [String] {
    var steps = module.children.prefix(2).map { child in
      Int(child.name) == nil ? "\(name).\(child.name)" : "\(name)[\(child.name)]"
    }
    if let parameter = module.ownParameters.first, !parameter.name.isEmpty { steps.append("\(name).\(parameter.name)") }
    return steps
  }

  package func isEqual(to other: any LanguageObject) -> Bool { (other as? ModuleValue)?.module === module }

  package var fieldNames: [String] {
    module.children.map(\.name).filter { Int($0) == nil } + module.ownParameters.map(\.name).filter { !$0.isEmpty }
  }

  package func field(_ name: String) throws -> Value? {
    if let child = module.child(name) { return .object(ModuleValue(owner, child)) }
    if let parameter = module.ownParameters.first(where: { $0.name == name })?.parameter {
      return .object(TensorValue(parameter.value.detached))
    }
    return nil
  }

  /// `layer[0]`, `layer[-1]`, `encoder["layer.0"]`.
  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(let index) = subscripts[0] else {
      throw LanguageError.message("a module is indexed by a number or a dotted name")
    }
    switch index {
    case .int(let number):
      guard let count = length else {
        throw LanguageError.message("\(module.path) is no list; it has \(fieldNames.joined(separator: ", "))")
      }
      guard let place = Subscript.place(number, count: count) else {
        throw LanguageError.message("index \(number) is out of range: \(module.path) has \(count), 0 to \(count - 1)")
      }
      return try item(at: place)
    case .string(let name):
      guard let child = module.module(at: name) else {
        throw LanguageError.message("\(module.path) has no \"\(name)\"", help: Nearest.question(name, in: fieldNames))
      }
      return .object(ModuleValue(owner, child))
    default:
      throw LanguageError.message("a module is indexed by a number or a dotted name, not \(index.kind.phrase)")
    }
  }

  package var length: Int? {
    guard let first = module.children.first, Int(first.name) != nil else { return nil }
    return module.children.count
  }

  package func item(at place: Int) throws -> Value { .object(ModuleValue(owner, module.children[place].module)) }

  // MARK: calling

  private static let form = Builtin.signature(
    "module", area: .models, returns: .tensor, summary: "What this part of the model makes of rows.",
    parameters: [.positional("rows", .kind(.tensor), "[T, C] rows of one sequence, or ids for an embedding")])

  package var callForm: Builtin? { ModuleValue.form }

  package func call(_ call: Call) throws -> Value {
    let given = try call.object("rows", as: TensorValue.self)
    let context = ForwardContext()
    switch given.content {
    case .integers(let ids):
      guard let table = module as? Embedding else {
        throw call.error("\(module.path) takes rows of floats, not integers", at: "rows")
      }
      let rows = try table(ids.elements, context)
      return try TensorValue.value(rows.reshaped(ids.shape + [rows.shape[1]]))
    case .ragged(let ragged):
      var parts: [Tensor] = []
      for sequence in 0..<ragged.sequenceCount {
        let range = ragged.offsets[sequence]..<ragged.offsets[sequence + 1]
        parts.append(try module(ragged.rows.sliced(axis: 0, range), context))
      }
      guard !parts.isEmpty else { throw call.error("there are no rows", at: "rows") }
      return .object(TensorValue(RaggedTensor(try Tensor.concatenated(parts, axis: 0), offsets: ragged.offsets)))
    default:
      let rows = try given.floats()
      if rows.shape.count == 1 {
        return try TensorValue.value(module(rows.reshaped([1, rows.count]), context).reshaped([-1]))
      }
      guard rows.shape.count == 2 else {
        throw call.error("expected rows [T, C], got shape \(rows.shape)", at: "rows")
      }
      return try TensorValue.value(module(rows, context))
    }
  }

  // MARK: looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let heading = StyledText(module.kind, .heading) + StyledText(" · ") + StyledText(module.path, .name)
    if size == .inline { return [StyledText(module.path, .name)] }
    if size == .line { return [heading] }
    var lines = [heading]
    let named = module.namedParameters()
    let nameWidth = named.map { TextWidth.of(shown($0.name)) }.max() ?? 0
    let shapes = named.map { "\($0.parameter.shape)" }
    let shapeWidth = shapes.map(\.count).max() ?? 0
    for (place, item) in named.enumerated() {
      if lines.count == frame.height - 2, named.count - place > 1 {
        lines.append(StyledText("  … \(named.count - place) more parameters", .faint))
        break
      }
      lines.append(
        StyledText("  ") + StyledText(shown(item.name), .name).padded(to: nameWidth) + StyledText("  ")
          + StyledText(shapes[place], .number).padded(to: shapeWidth) + StyledText("  ")
          + StyledText(item.parameter.isTrainable ? "trains" : "frozen", item.parameter.isTrainable ? .accent : .faint))
    }
    lines.append(StyledText(Numbers.grouped(count), .number) + StyledText(" parameters"))
    return lines.map { $0.cut(to: frame.width) }
  }

  private func shown(_ name: String) -> String {
    module.path.isEmpty || !name.hasPrefix(module.path + ".") ? name : String(name.dropFirst(module.path.count + 1))
  }
}
