import Checkpoints
import Files
import Language

/// What `load` was asked for, found on the disk.
package struct Located {
  /// As the user wrote it.
  package let name: String
  package let path: String
  package let isFolder: Bool
  /// The file opened; nil for a folder.
  package let file: MappedFile?
  /// Names in the folder; empty for a file.
  package let names: [String]
  /// The commit, for a model of the hub's cache.
  package let revision: String?
  package let access: FileAccess
}

/// One kind of thing that `load` opens. The first in ``all`` that recognises what is there opens it.
package struct Loader: Sendable {
  /// In a word, for messages.
  package let kind: String
  package let recognizes: @Sendable (Located) -> Bool
  package let load: @Sendable (Located, Call) throws -> Value

  package init(
    _ kind: String, recognizes: @escaping @Sendable (Located) -> Bool,
    load: @escaping @Sendable (Located, Call) throws -> Value
  ) {
    self.kind = kind
    self.recognizes = recognizes
    self.load = load
  }

  /// Every kind, one a line.
  package static let all: [Loader] = [
    .array,
    .classifier,
    .tensors,
    .model,
    .gguf,
  ]
}

extension Builtin {
  static let loadWords: [Builtin] = [load, listModels]

  private static let load = Builtin(
    "load", area: .storing, returns: .model, summary: "Open a model, or anything else that Luthier saves.",
    details: [
      "A model folder, a GGUF file, a .safetensors file (a record of tensors), .npy, a saved classifier.",
      "A name is tried as a path, then among Luthier's models, then in the hub's cache. load() lists what is there.",
      "organisation/name that is nowhere here is downloaded from the hub, after asking.",
    ],
    parameters: [
      .positional("x", .path, "a path or the name of a model"),
      .named(
        "precision", .choice(["float32", "bf16"]), default: .string("float32"), "how weights take part in products"),
      .named("revision", .string, shown: "main", "branch, tag or commit of a model in the hub's cache"),
    ],
    keywords: [
      "from_pretrained", "open", "download", "hub", "model", "checkpoint", "safetensors", "gguf", "npy", "bf16",
      "quantized",
    ],
    python: #"AutoModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")"#,
    examples: [
      Example(#"model = load("all-MiniLM-L6-v2")"#, lesson: "features"),
      Example(#"gen = load("SmolLM2-135M-Instruct")"#, lesson: "generation"),
      Example(#"load("no-such-model")"#, fails: "no-such-model"),
    ], seeAlso: ["save", "read"], makesNew: true
  ) { call in
    let located: Located = try call.placing(at: "x") { try locate(call) }
    guard let loader = Loader.all.first(where: { $0.recognizes(located) }) else {
      let kinds: String = Loader.all.map(\.kind).joined(separator: ", ")
      throw call.error(
        "\(quoted(located.name)) is nothing that load knows: \(kinds)", at: "x",
        help: "read(...) opens tables and text, index(...) an index")
    }
    return try call.placing(at: "x") { try loader.load(located, call) }
  }

  private static func locate(_ call: Call) throws -> Located {
    let access: FileAccess = try call.service()
    let name: String = try call.string("x")
    let place: ModelLocator.Place = try find(name, ModelLocator(access: access), call)
    let isFolder: Bool = access.isFolder(place.path)
    let names: [String] = isFolder ? try access.list(place.path).map(\.name) : []
    let file: MappedFile? = isFolder ? nil : try access.map(place.path)
    return Located(
      name: name, path: place.path, isFolder: isFolder, file: file, names: names, revision: place.revision,
      access: access)
  }

  /// Where a model is; one of the hub that is nowhere here is fetched first, if that is allowed.
  private static func find(_ name: String, _ locator: ModelLocator, _ call: Call) throws -> ModelLocator.Place {
    let revision: String? = try call.stringIfAny("revision")
    do {
      let place: ModelLocator.Place = try locator.locate(name, revision: revision)
      // The hub's own libraries may have fetched its settings alone.
      if place.source == .hub, !holdsWeights(place.path, try call.service()),
        try ModelDownload.fetch(
          place.name, revision: revision, to: locator.hubFolder, here: locator.all().map(\.name), call)
      {
        return try locator.locate(name, revision: revision)
      }
      return place
    } catch let error as CheckpointError {
      let here: [String] = locator.all().map(\.name)
      switch error {
      case .unknownModel, .unknownRevision: break
      default: throw error
      }
      if try ModelDownload.fetch(name, revision: revision, to: locator.hubFolder, here: here, call) {
        return try locator.locate(name, revision: revision)
      }
      guard case .unknownModel = error else { throw error }
      let known: String? = here.isEmpty ? nil : "here are \(here.joined(separator: ", "))"
      let advice: String = "./Scripts/start fetches one; load(\"organisation/name\") asks the hub"
      throw call.error(
        "there is no file, folder or model \(quoted(name))", at: "x",
        help: try nearby(name, here, call) ?? known ?? advice)
    }
  }

  /// Models and paths near a name that leads nowhere, as a question.
  private static func nearby(_ name: String, _ here: [String], _ call: Call) throws -> String? {
    let access: FileAccess = try call.service()
    let folder: String = PathText.folder(of: name)
    let names: [String] = ((try? access.list(folder)) ?? []).map(\.name).filter { !$0.hasPrefix(".") }
    return Nearest.question(name, in: here + names.map { folder == "." ? $0 : PathText.join(folder, $0) })
  }

  private static func holdsWeights(_ folder: String, _ access: FileAccess) -> Bool {
    let names: [String] = (try? access.list(folder).map(\.name)) ?? []
    return names.contains { ["safetensors", "gguf", "bin"].contains(PathText.fileExtension(of: $0)) }
  }

  private static let listModels = Builtin(
    "load", area: .storing, returns: .table, summary: "List the models here.",
    keywords: ["models", "cache"], python: "huggingface_hub.scan_cache_dir()",
    examples: [Example("load()", kind: .table)], seeAlso: ["read"]
  ) { call in
    let access: FileAccess = try call.service()
    return .table(try ModelListing.table(access))
  }
}
