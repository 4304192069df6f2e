import Checkpoints
import Files
import Language
import Training
import Transformers

extension Loader {
  /// A model folder with config.json.
  static let model = Loader("a model folder") { located in
    located.isFolder && located.names.contains("config.json")
  } load: { located, call in
    let name = PathText.name(of: located.name)
    do {
      let model = try PretrainedModel.load(
        located.path, access: located.access, name: name.isEmpty || name == "." ? nil : name, seed: call.seedBits)
      try model.readMethods(located.path, access: located.access)
      for note in model.notes { call.note(note) }
      model.precision = try call.precision() ?? .float32
      return .object(ModelValue(model))
    } catch let error where error is TransformerError || error is TrainingError {
      throw call.error("\(error)", at: "x")
    }
  }
}

extension Loader {
  /// A GGUF file, or a folder that holds one.
  static let gguf = Loader("a GGUF file") { located in
    if let file = located.file { return GGUFFile.looksLikeOne(file) }
    return located.names.contains { $0.hasSuffix(".gguf") }
  } load: { located, call in
    var name = PathText.name(of: located.name)
    if name.hasSuffix(".gguf") { name = String(name.dropLast(5)) }
    do {
      let model = try PretrainedModel.load(located.path, access: located.access, name: name, seed: call.seedBits)
      for note in model.notes { call.note(note) }
      model.precision = try call.precision() ?? .float32
      return .object(ModelValue(model))
    } catch let error as TransformerError {
      throw call.error("\(error)", at: "x")
    }
  }
}

extension Builtin {
  /// Words that write models.
  static let saveModelWords: [Builtin] = [saveModel]

  private static let saveModel = Builtin(
    "save", area: .storing, on: [.model], returns: .nothing,
    summary: "Write a model folder in Hugging Face's format, and read it back.",
    parameters: [.positional("folder", .path, "a folder; made where there is none")],
    keywords: ["save_pretrained", "export", "store", "checkpoint"], python: #"model.save_pretrained("dir")"#,
    examples: [Example(#"save(tiny, "")"#, fails: "empty")], seeAlso: ["load"]
  ) { call in
    let model = try call.receiver(as: ModelValue.self).model
    let folder = try call.string("folder")
    let access: FileAccess = try call.service()
    let bytes = try model.saveWithMethods(folder, access: access) { done, total in
      try call.progress("save", done, total)
    }
    call.note("saved \(byteCount(bytes)) to \(folder), read back and compared")
    if model.tokenizer != nil, model.settings.tokenizerFiles.isEmpty, model.settings.vocabulary == nil {
      call.note("its tokenizer stands in the GGUF file only: to read texts, \(folder) needs a tokenizer.json")
    }
    return .nothing
  }
}
