import Files
import Language
import Training
import Transformers

extension Builtin {
  /// Words that write and read methods.
  static let methodFileWords: [Builtin] = [saveAdapter, loadAdapter]

  private static let saveAdapter = Builtin(
    "save_adapter", area: .methods, on: [.model], returns: .nothing,
    summary: "Write a method and the head beside it, in PEFT's format (adapters: AdapterHub's), and read them back.",
    parameters: [
      .positional("folder", .path, "a folder; made where there is none"),
      .named("name", .string, shown: "the only one", "Which method."),
    ],
    keywords: ["save_pretrained", "adapter_model.safetensors", "adapter_config.json", "export"],
    python: #"model.save_pretrained("dir")"#,
    examples: [Example(#"tiny.save_adapter("dir")"#, fails: "no method")], seeAlso: ["load_adapter", "save"]
  ) { call in
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    let folder: String = try call.string("folder")
    let access: FileAccess = try call.service()
    guard let method = try call.chosen(of: model.methods, "method") else {
      throw call.error("\(model.name) has no method attached", help: "add_lora and its kin attach one")
    }
    do {
      let bytes: Int = try model.saveMethod(method.name, to: folder, access: access)
      call.note("saved \(method.name), \(byteCount(bytes)), to \(folder), read back and compared")
    } catch let error as TrainingError { throw call.failure(error, at: "folder") }
    if method.control.scale != 1 {
      let scale: String = Numbers.text(Double(method.control.scale))
      call.note("its scale of \(scale) is not in the file: there it counts as it was trained")
    }
    return .nothing
  }

  private static let loadAdapter = Builtin(
    "load_adapter", area: .methods, on: [.model], returns: .model,
    summary: "Another model with a method read from a folder in PEFT's or AdapterHub's format, its head included.",
    parameters: [
      .positional("folder", .path, "with adapter_config.json"),
      .named("name", .string, shown: "the file's, or its kind", "What the method is called."),
    ],
    keywords: ["PeftModel.from_pretrained", "adapter_config.json", "import"],
    python: #"PeftModel.from_pretrained(model, "dir")"#,
    examples: [Example(#"tiny.load_adapter("no such folder")"#, fails: "no such")],
    seeAlso: ["save_adapter", "methods"], makesNew: true
  ) { call in
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    let access: FileAccess = try call.service()
    do {
      let loaded: LoadedMethod = try model.loadingMethod(
        try call.string("folder"), name: try call.stringIfAny("name"), access: access, seed: call.seedBits)
      for other in loaded.model.switchOffOtherAdapters(than: loaded.method.name) {
        call.note("\"\(other)\" stands at the same places and is out of use now")
      }
      for note in loaded.notes { call.note(note) }
      return .object(ModelValue(loaded.model))
    } catch let error as TrainingError { throw call.failure(error, at: "folder") }
  }
}
