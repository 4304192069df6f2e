import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Tokenizers

extension PretrainedModel {
  /// Opens a model folder in Hugging Face's format.
  ///
  /// - Parameters:
  ///   - head: which head to make; where nil, the one that config.json names.
  ///   - seed: for parameters that the files lack.
  /// - Throws: ``TransformerError``, ``CheckpointError``, ``FileError`` and, for the tokenizer, ``TokenizerError``.
  package static func load(
    _ path: String, access: FileAccess, name: String? = nil, head: HeadKind? = nil, seed: UInt64 = 0
  ) throws -> PretrainedModel {
    let checkpoint = try Checkpoint.open(path, access: access)
    if checkpoint.format == .gguf {
      return try load(gguf: checkpoint, name: name ?? PathText.name(of: path), head: head, seed: seed)
    }
    guard let config = checkpoint.config else {
      throw TransformerError.missingFile(
        folder: path, file: "config.json", help: "without it only the tensors can be read")
    }
    let architecture = try Architecture.named(by: config)
    var configuration = try architecture.configuration(config)
    try checkSize(configuration)
    try checkQuantization(config, checkpoint)
    let kind = head ?? architecture.headKind(of: config)
    var apart: String?
    if configuration.tiesWordEmbeddings, kind == .causalLM || kind == .maskedLM {
      apart = try checkpoint.decoderApart(architecture)
      if apart != nil { configuration.untieWordEmbeddings() }
    }
    let source = CheckpointSource(checkpoint, architecture, isTied: configuration.tiesWordEmbeddings)
    let label = name ?? PathText.name(of: path)
    let model = try PretrainedModel(
      architecture, configuration, head: kind, from: source, seed: seed, name: label)
    guard source.foundAny else {
      throw TransformerError.missingFile(
        folder: path, file: "tensor of a \(architecture.modelType) model",
        help: "the weights hold \(checkpoint.names.prefix(3).joined(separator: ", "))…")
    }
    model.notes = notes(source, model)
    if let apart { model.notes.append("\(apart) is kept: it differs from the word embeddings it should be tied to") }
    model.settings.folder = path
    model.readSettings(path, access)
    return model
  }

  /// What loading made or left, in sentences.
  private static func notes(_ source: CheckpointSource, _ model: PretrainedModel) -> [String] {
    var notes: [String] = []
    let new = source.newNames
    if !new.isEmpty { notes.append("new, not in the files: " + grouped(new)) }
    let unused = source.unusedNames
    if !unused.isEmpty { notes.append("in the files, not used by \(model.className): " + grouped(unused)) }
    return notes
  }

  /// Dotted names by their modules, `pooler.dense.weight` and `.bias` as `pooler.dense`, the first few of them.
  static func grouped(_ names: [String]) -> String {
    var modules: [String] = []
    for name in names {
      let module = name.split(separator: ".").dropLast().joined(separator: ".")
      let shown = module.isEmpty ? name : module
      if !modules.contains(shown) { modules.append(shown) }
    }
    let rest = modules.count - 6
    return modules.prefix(6).joined(separator: ", ") + (rest > 0 ? ", … \(rest) more" : "")
  }

  /// A configuration whose model could not fit in memory is refused before anything is allocated.
  static func checkSize(_ configuration: ModelConfiguration) throws {
    let size = Double(configuration.hiddenSize)
    let perBlock = 4 * size * size + 2 * size * Double(configuration.intermediateSize)
    let tables = Double(configuration.vocabularySize + (configuration.maximumPositions ?? 0)) * size
    let bytes = 4 * (perBlock * Double(configuration.layerCount) + tables)
    let limit = 4 * Double(PhysicalMemory.bytes)
    guard bytes <= limit else {
      throw TransformerError.invalidField(
        field: "hidden_size, vocab_size or num_hidden_layers", got: "sizes that need \(Int(bytes / 1e9)) GB",
        expected: "a model that fits in memory")
    }
  }

  /// Weights that another library packed need its scales, which nothing here knows.
  private static func checkQuantization(_ config: JSON, _ checkpoint: Checkpoint) throws {
    guard let settings = config["quantization_config"], !settings.isNull else { return }
    let packed = checkpoint.tensors.first { tensor in
      (tensor.type.isInteger || tensor.type.blockBits < 16) && !ParameterNames.isBuffer(tensor.name)
    }
    guard let packed else { return }
    throw TransformerError.invalidField(
      field: "quantization_config.quant_method", got: settings["quant_method"]?.text() ?? "not given",
      expected: "no quantization, or a GGUF file: \(packed.name) is stored as \(packed.type.rawValue)")
  }

  /// Files beside the weights that are read as they are saved again: the tokenizer's and the pooling's.
  static let companions: [String] = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt",
    "spiece.model", "tokenizer.model", "added_tokens.json", "chat_template.jinja", "generation_config.json",
    "1_Pooling/config.json",
  ]
  /// Where sentence-transformers keeps the length texts are cut to.
  static let lengthFile = "sentence_bert_config.json"
  /// Its list of what follows the model.
  private static let moduleList = "modules.json"

  /// Whether such a list names only what a saved folder holds.
  private static func areKnown(_ modules: JSON?) -> Bool {
    guard let modules = modules?.array else { return false }
    return modules.allSatisfy { module in
      let type = module["type"]?.string ?? ""
      return ["Transformer", "Pooling", "Normalize"].contains { type.hasSuffix("." + $0) }
    }
  }

  /// Tokenizer, lengths and pooling from the files beside the weights; what can't be read is noted, not fatal.
  private func readSettings(_ folder: String, _ access: FileAccess) {
    func bytes(_ name: String) -> [UInt8]? {
      let path = PathText.join(folder, name)
      return access.isFile(path) ? try? access.read(path) : nil
    }
    func json(_ name: String) -> JSON? {
      let path = PathText.join(folder, name)
      guard access.isFile(path) else { return nil }
      do { return try access.readJSON(path) } catch {
        // What is wrong with the tokenizer's is said where it is made.
        if name != "tokenizer_config.json" { notes.append("left out: \(error)") }
        return nil
      }
    }
    settings.maxSequenceLength = json(Self.lengthFile)?["max_seq_length"]?.int.flatMap { $0 > 0 ? $0 : nil }
    if let pooling = json("1_Pooling/config.json") {
      settings.pooling = Pooling(sentenceTransformers: pooling)
      if settings.pooling == nil {
        notes.append("1_Pooling/config.json names no pooling that features have: they take \(defaultPooling.rawValue)")
      }
    }
    let modules = json(Self.moduleList)
    if let modules, !Self.areKnown(modules) {
      notes.append("what modules.json adds behind the pooling is left out of features")
    }
    settings.chatTemplate =
      bytes("chat_template.jinja").map { String(decoding: $0, as: UTF8.self) }
      ?? ChatTemplate.source(json("tokenizer_config.json")?["chat_template"])
    let ends = json("generation_config.json")?["eos_token_id"]
    settings.endTokens = Set((ends?.array ?? ends.map { [$0] } ?? []).compactMap(\.int))
    let files = Self.companions + (Self.areKnown(modules) ? [Self.moduleList] : [])
    settings.tokenizerFiles = files.compactMap { name in bytes(name).map { (name, $0) } }
    let held = Dictionary(settings.tokenizerFiles.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    let readable = ["tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model"]
    guard readable.contains(where: { held[$0] != nil }) else { return }
    do {
      tokenizer = try Tokenizer(folder: { held[$0] })
    } catch {
      notes.append("no tokenizer: \(error)")
    }
  }
}
