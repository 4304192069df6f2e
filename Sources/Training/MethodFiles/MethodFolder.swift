import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Transformers

/// Models with methods attached, as a whole: beside the base's files (which any library reads) `methods.json` and
/// `methods.safetensors` hold the methods exactly as they are, with what the base was before them.
enum MethodFolder {
  static let listName = "methods.json"
  static let weightsName = "methods.safetensors"
}

extension PretrainedModel {
  /// Writes the model folder and, where methods are attached, these beside it; reads back and compares.
  ///
  /// - Returns: bytes written.
  @discardableResult
  package func saveWithMethods(
    _ folder: String, access: FileAccess, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Int {
    var bytes: Int = try save(folder, access: access, progress: progress)
    let list: String = PathText.join(folder, MethodFolder.listName)
    let isThere: Bool = try access.list(folder).contains { $0.name == MethodFolder.listName }
    if methods.isEmpty, !isThere { return bytes }
    var tensors: [(name: String, value: StorableTensor)] = []
    var entries: [JSON] = []
    for method in methods {
      let state: MethodSwitch.State = method.control.state
      entries.append(
        .object([
          ("name", .string(method.name)), ("kind", .string(method.kind)), ("settings", method.settings),
          ("in_use", .bool(state.isActive)), ("scale", .real(Double(state.scale))),
        ]))
      for parameter in method.parameters { tensors.append((parameter.name, .floats(parameter.value))) }
      for (parameter, value) in method.originals {
        tensors.append(("base/\(method.name)/\(parameter.name)", .floats(value)))
      }
    }
    try SafetensorsFile.write(tensors, to: PathText.join(folder, MethodFolder.weightsName), access: access)
    let text: [UInt8] = Array((JSON.array(entries).text(indent: 2) + "\n").utf8)
    try access.writeAtomically(list, bytes: text)
    bytes += text.count + tensors.reduce(0) { $0 + $1.value.count * 4 }
    let again = try PretrainedModel.load(folder, access: access, head: headKind)
    try again.readMethods(folder, access: access)
    for (mine, read) in zip(parameters, again.parameters) {
      guard mine.name == read.name, try mine.floats().hasSameBits(as: read.floats()) else {
        throw TransformerError.notSaved(folder: folder, reason: "\(mine.name) reads back otherwise")
      }
    }
    return bytes
  }

  /// Attaches the methods that lie beside the model in its folder; nothing where there are none.
  package func readMethods(_ folder: String, access: FileAccess) throws {
    guard try access.list(folder).contains(where: { $0.name == MethodFolder.listName }) else { return }
    let path: String = PathText.join(folder, MethodFolder.listName)
    func wrong(_ reason: String) -> TrainingError { .method("\(path): \(reason)") }
    guard let entries = try access.readJSON(path).array else { throw wrong("it holds no list of methods") }
    if entries.isEmpty { return }
    let file = try SafetensorsFile(access.map(PathText.join(folder, MethodFolder.weightsName)))
    let source = TensorSource()
    for tensor in file.tensors { source.values[tensor.name] = try tensor.tensor() }
    for entry in entries {
      guard let kind = entry["kind"]?.string, let name = entry["name"]?.string, let settings = entry["settings"] else {
        throw wrong("an entry lacks name, kind or settings")
      }
      guard let declaration = Method.named(kind) else {
        throw wrong("kind \"\(kind)\" is not known; there are \(Method.all.map(\.kind).joined(separator: ", "))")
      }
      let method: AttachedMethod = try declaration.attach(
        settings, AttachingPlace(model: self, name: name, source: source, seed: 0))
      if let missing = method.parameters.first(where: { source.values[$0.name] == nil }) {
        throw wrong("\(MethodFolder.weightsName) lacks \(missing.name)")
      }
      for (parameter, _) in method.originals {
        if let value = source.values["base/\(name)/\(parameter.name)"] { method.setOriginal(parameter.name, value) }
      }
      method.control.state.isActive = entry["in_use"]?.bool ?? true
      if let scale = entry["scale"]?.double, scale.isFinite { method.control.state.scale = Float(scale) }
    }
    trainMethods()
    rememberParameters()
  }
}
