import Checkpoints
import Files
import TensorCore
import TestSupport
import Testing

@Suite struct OpeningCheckpoints {
  let folder: TemporaryFolder
  let access: FileAccess

  init() throws {
    folder = try TemporaryFolder()
    access = FileAccess(workingDirectory: folder.path)
  }

  private func putWeights(_ path: String, _ names: [String]) throws {
    try access.createFolder(PathText.folder(of: path) == "." ? "m" : PathText.folder(of: path))
    let tensors: [(name: String, value: StorableTensor)] = try names.map { ($0, .floats(try Tensor([1, 2]))) }
    try SafetensorsFile.write(tensors, to: path, access: access)
  }

  @Test func aFolder() throws {
    try putWeights("m/model.safetensors", ["a", "b"])
    try folder.put("m/config.json", #"{"model_type": "bert"}"#)
    let checkpoint: Checkpoint = try .open("m", access: access)
    #expect(checkpoint.names == ["a", "b"])
    #expect(checkpoint.config?["model_type"]?.string == "bert")
    #expect(try checkpoint["a"]?.tensor().elements == [1, 2])
    #expect(checkpoint["c"]?.name == nil)
    #expect(checkpoint.byteCount == 16)
  }

  @Test func shards() throws {
    try putWeights("m/one.safetensors", ["a"])
    try putWeights("m/two.safetensors", ["b"])
    let index: String = "m/model.safetensors.index.json"
    try folder.put(index, #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#)
    #expect(try Checkpoint.open("m", access: access).names == ["a", "b"])
    for bad in [
      #"{"weight_map": {"a": "two.safetensors"}}"#, #"{"weight_map": {"a": "../m/one.safetensors"}}"#,
      #"{"weight_map": {"a": 3}}"#, "{}", "[", #"{"weight_map": {"a": "three.safetensors"}}"#,
    ] {
      try folder.put(index, bad)
      #expect(throws: (any Error).self, "\(bad)") { try Checkpoint.open("m", access: access) }
    }
  }

  @Test func pickles() throws {
    try folder.put("m/pytorch_model.bin", "x")
    do {
      _ = try Checkpoint.open("m", access: access)
      Issue.record("a pickle was opened")
    } catch { #expect("\(error)".contains("save_pretrained")) }
  }

  @Test func emptyAndBrokenFolders() throws {
    try folder.put("m/readme", "x")
    #expect(throws: CheckpointError.self) { try Checkpoint.open("m", access: access) }
    try putWeights("m/model.safetensors", ["a"])
    for config in ["", "[]", "{", "3"] {
      try folder.put("m/config.json", config)
      #expect(throws: (any Error).self) { try Checkpoint.open("m", access: access) }
    }
    #expect(throws: FileError.self) { try Checkpoint.open("none", access: access) }
    try folder.put("m.safetensors", "no tensors here")
    #expect(throws: CheckpointError.self) { try Checkpoint.open("m.safetensors", access: access) }
  }

  @Test func aFolderWithOneGGUF() throws {
    try folder.put("g/x.gguf", GGUFBuilder.small().bytes)
    let checkpoint: Checkpoint = try .open("g", access: access)
    #expect(checkpoint.format == .gguf && checkpoint.names == ["w", "q"])
    try folder.put("g/y.gguf", GGUFBuilder.small().bytes)
    #expect(throws: CheckpointError.self) { try Checkpoint.open("g", access: access) }
  }
}

@Suite struct Names {
  @Test func modernNames() {
    #expect(ParameterNames.modern("bert.embeddings.LayerNorm.gamma") == "bert.embeddings.LayerNorm.weight")
    #expect(ParameterNames.modern("bert.embeddings.LayerNorm.beta") == "bert.embeddings.LayerNorm.bias")
    #expect(ParameterNames.modern("head.gamma") == "head.gamma")
  }

  @Test func buffers() {
    for name in ["embeddings.position_ids", "h.0.attn.bias", "h.0.attn.masked_bias", "rotary.inv_freq"] {
      #expect(ParameterNames.isBuffer(name))
    }
    for name in ["h.0.attn.c_attn.bias", "encoder.bias", "embeddings.position_embeddings.weight"] {
      #expect(!ParameterNames.isBuffer(name))
    }
  }
}

@Suite struct FindingModels {
  let folder: TemporaryFolder
  let locator: ModelLocator

  init() throws {
    folder = try TemporaryFolder()
    try folder.put("cache/luthier/models/MiniLM/config.json", "{}")
    let hub: String = "cache/huggingface/hub"
    try folder.put("\(hub)/models--org--bert/refs/main", "abc\n")
    try folder.put("\(hub)/models--org--bert/snapshots/abc/config.json", "{}")
    try folder.put("\(hub)/models--org--bert/snapshots/def/config.json", "{}")
    try folder.put("\(hub)/models--gpt2/snapshots/123/config.json", "{}")
    try folder.put("\(hub)/models--a--twin/snapshots/1/config.json", "{}")
    try folder.put("\(hub)/models--b--twin/snapshots/2/config.json", "{}")
    try folder.put("\(hub)/models--org--partial/refs/main", "abc")
    try folder.put("work/local/config.json", "{}")
    let access: FileAccess = FileAccess(workingDirectory: folder.at("work"))
    locator = ModelLocator(access: access, environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.at("cache")])
  }

  @Test(arguments: [
    ("local", "local", ModelLocator.Place.Source.path), ("MiniLM", "/cache/luthier/models/MiniLM", .luthier),
    ("org/bert", "/cache/huggingface/hub/models--org--bert/snapshots/abc", .hub),
    ("bert", "/cache/huggingface/hub/models--org--bert/snapshots/abc", .hub),
    ("gpt2", "/cache/huggingface/hub/models--gpt2/snapshots/123", .hub),
  ])
  func found(name: String, path: String, source: ModelLocator.Place.Source) throws {
    let place: ModelLocator.Place = try locator.locate(name)
    #expect(place.path.hasSuffix(path))
    #expect(place.source == source)
  }

  @Test func revisions() throws {
    #expect(try locator.locate("bert", revision: "def").revision == "def")
    #expect(try locator.locate("bert", revision: "main").revision == "abc")
    for bad in ["v9", "../abc", "", "a\u{0}"] {
      #expect(throws: CheckpointError.self) { try locator.locate("bert", revision: bad) }
    }
  }

  @Test func unknownNamesListWhatIsHere() throws {
    let known: [String] = ["MiniLM", "a/twin", "b/twin", "gpt2", "org/bert"]
    #expect(Set(locator.all().map(\.name)) == Set(known))
    for name in ["nothing", "../work/x", "a/b/c", "a--b", "org/partial"] {
      do {
        _ = try locator.locate(name)
        Issue.record("\(name) was found")
      } catch { #expect("\(error)".contains("MiniLM")) }
    }
    #expect(throws: CheckpointError.ambiguous(name: "twin", among: ["a/twin", "b/twin"])) { try locator.locate("twin") }
  }
}
