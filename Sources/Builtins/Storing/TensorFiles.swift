import Checkpoints
import Files
import Language
import TensorCore

extension Loader {
  /// One array in NumPy's format.
  static let array = Loader(".npy") { located in
    located.file.map(NumPyFile.looksLikeOne) ?? false
  } load: { located, call in
    guard let file = located.file else { return .nothing }
    return .object(TensorValue(stored: try NumPyFile.read(file)))
  }

  /// A safetensors file by itself: a record of its tensors.
  static let tensors = Loader("a .safetensors file") { located in
    guard let file = located.file else { return false }
    return PathText.fileExtension(of: located.path) == "safetensors" || SafetensorsFile.looksLikeOne(file)
  } load: { located, call in
    guard let file = located.file else { return .nothing }
    let content: SafetensorsFile = try SafetensorsFile(file)
    let fields: [(String, Value)] = try content.tensors.map { stored in
      let value: TensorValue = TensorValue(
        stored: stored.type.isInteger ? .indices(try stored.indices()) : .floats(try stored.tensor()))
      return (stored.name, .object(value))
    }
    return try .record(fields)
  }
}

extension TensorValue {
  /// A tensor as it came from a file.
  package convenience init(stored: StorableTensor) {
    switch stored {
    case .floats(let tensor): self.init(tensor)
    case .indices(let tensor): self.init(tensor)
    }
  }

  /// The tensor as a file holds it.
  package func storable() throws -> StorableTensor {
    switch content {
    case .floats(let tensor): return .floats(tensor)
    case .integers(let tensor): return .indices(tensor)
    case .mask(let mask): return .indices(try IndexTensor(mask.elements.map { $0 ? 1 : 0 }, shape: mask.shape))
    case .ragged:
      throw LanguageError.message(
        "a ragged tensor has no file format",
        help: "save x.flat and x.lengths: save({rows: x.flat, lengths: x.lengths}, \"x.safetensors\")")
    }
  }
}

extension Builtin {
  /// Words that write tensors.
  static let saveWords: [Builtin] = [saveTensor, saveTensors]

  private static let saveTensor = Builtin(
    "save", area: .storing, on: [.tensor], returns: .nothing, summary: "Write a tensor to a .npy file.",
    parameters: [.positional("path", .path, "a name that ends in .npy, or .safetensors")],
    keywords: ["store", "numpy", "export"], python: #"numpy.save("x.npy", x)"#,
    examples: [Example(#"save(tensor([1, 2]), "x.png")"#, fails: ".npy")], seeAlso: ["load", "write"]
  ) { call in
    let access: FileAccess = try call.service()
    let value: StorableTensor = try call.object("tensor", as: TensorValue.self).storable()
    let path: String = try call.string("path")
    switch PathText.fileExtension(of: path) {
    case "npy": try NumPyFile.write(value, to: path, access: access)
    case "safetensors": try SafetensorsFile.write([("x", value)], to: path, access: access)
    default: throw call.error("\(quoted(path)): a tensor is saved as .npy or .safetensors", at: "path")
    }
    call.note("wrote a tensor of shape \(value.shape) to \(path)")
    return .nothing
  }

  private static let saveTensors = Builtin(
    "save", area: .storing, on: [.record], subject: "tensors", returns: .nothing,
    summary: "Write a record of tensors to a .safetensors file.",
    parameters: [.positional("path", .path, "a name that ends in .safetensors")],
    keywords: ["store", "safetensors", "export"], python: #"safetensors.torch.save_file(tensors, "xy.safetensors")"#,
    examples: [Example(#"save({a: tensor([1, 2])}, "x.png")"#, fails: ".safetensors")], seeAlso: ["load"]
  ) { call in
    let access: FileAccess = try call.service()
    let path: String = try call.string("path")
    guard PathText.fileExtension(of: path) == "safetensors" else {
      throw call.error(
        "\(quoted(path)): a record of tensors is saved as .safetensors", at: "path",
        help: "tables and text are written with write")
    }
    let tensors: [(name: String, value: StorableTensor)] = try call.record("tensors").fields.map { key, value in
      guard let tensor: TensorValue = value.object() else {
        throw call.error("\(key.text) is \(value.kind.phrase), expected a tensor", at: "tensors")
      }
      return (key.text, try tensor.storable())
    }
    try SafetensorsFile.write(tensors, to: path, access: access) { done, total in try call.progress("save", done, total)
    }
    call.note("wrote \(tensors.count == 1 ? "1 tensor" : "\(tensors.count) tensors") to \(path)")
    return .nothing
  }
}
