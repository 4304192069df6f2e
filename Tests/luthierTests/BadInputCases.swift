import Foundation
import TestSupport
import Testing

/// One thing gone wrong: the files it needs, the statement that meets it, and words that the error must hold.
struct BadInput: Sendable, CustomTestStringConvertible {
  var name: String
  var says: [String]
  var line: String
  var prepare: @Sendable (TemporaryFolder) throws -> Void = { _ in }

  var testDescription: String { name }
}

extension TemporaryFolder {
  func write(_ name: String, bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path).appendingPathComponent(name))
  }

  /// A copy of the tiny model with one of its files changed.
  func tinyModel(_ name: String, changing file: String, _ change: (inout [String: Any]) -> Void) throws {
    try tinyModel(name)
    let url = URL(fileURLWithPath: path).appendingPathComponent(name).appendingPathComponent(file)
    var object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
    change(&object)
    try JSONSerialization.data(withJSONObject: object).write(to: url)
  }

  /// A copy of the tiny model's folder.
  func tinyModel(_ name: String) throws {
    try FileManager.default.copyItem(
      atPath: Fixtures.package.appendingPathComponent("Tests/Fixtures/tiny-bert").path, toPath: path + "/" + name)
  }

  /// A file that claims a size without holding it.
  func sparse(_ name: String, bytes: Int, beginning: String) throws {
    try write(name, beginning)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path).appendingPathComponent(name))
    try handle.truncate(atOffset: UInt64(bytes))
    try handle.close()
  }
}

extension BadInput {
  static let checkpoints: [BadInput] = [
    BadInput(name: "no such model", says: ["nowhere"], line: #"load("nowhere")"#),
    BadInput(name: "a truncated weights file", says: ["model.safetensors"], line: #"load("cut")"#) { folder in
      try folder.tinyModel("cut")
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/cut/model.safetensors"))
      try folder.write("cut/model.safetensors", bytes: Array(whole.prefix(whole.count / 2)))
    },
    BadInput(name: "a weights file of nine bytes", says: ["short.safetensors"], line: #"load("short.safetensors")"#) {
      try $0.write("short.safetensors", bytes: [1, 0, 0, 0, 0, 0, 0, 0, 123])
    },
    BadInput(name: "a classifier of impossible counts", says: ["counts"], line: #"load("counts.safetensors")"#) {
      let header = """
        {"__metadata__": {"luthier": "logistic regression", "classifier": "{\\"labels\\": [\\"a\\", \\"b\\"]}"},
        "coef.bits": {"dtype": "I64", "shape": [1, 1], "data_offsets": [0, 8]},
        "intercept.bits": {"dtype": "I64", "shape": [1], "data_offsets": [8, 16]},
        "counts": {"dtype": "I64", "shape": [4], "data_offsets": [16, 48]}}
        """
      var bytes = Data(header.utf8)
      for value in [0, 0, Int.max, Int.max, 0, 0] { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
      let length = withUnsafeBytes(of: header.utf8.count) { Array($0) }
      try $0.write("counts.safetensors", bytes: length + bytes)
    },
    BadInput(name: "an empty weights file", says: ["empty.safetensors"], line: #"load("empty.safetensors")"#) {
      try $0.write("empty.safetensors", bytes: [])
    },
    BadInput(name: "an oversized header", says: ["huge.safetensors", "header"], line: #"load("huge.safetensors")"#) {
      try $0.write("huge.safetensors", bytes: [UInt8](repeating: 255, count: 64))
    },
    BadInput(name: "no safetensors at all", says: ["text.safetensors"], line: #"load("text.safetensors")"#) {
      try $0.write("text.safetensors", "These are not weights, this is a letter to my aunt.\n")
    },
    BadInput(name: "overlapping tensors", says: ["overlap.safetensors"], line: #"load("overlap.safetensors")"#) {
      let header =
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
      try $0.write("overlap.safetensors", bytes: length + Array(header.utf8) + [UInt8](repeating: 0, count: 12))
    },
    BadInput(name: "a shape that overflows", says: ["wide.safetensors"], line: #"load("wide.safetensors")"#) {
      let header =
        #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}"#
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
      try $0.write("wide.safetensors", bytes: length + Array(header.utf8) + [UInt8](repeating: 0, count: 8))
    },
    BadInput(name: "a pickle", says: ["pytorch_model.bin", "safe_serialization"], line: #"load("pickled")"#) {
      try $0.tinyModel("pickled")
      try FileManager.default.removeItem(atPath: $0.path + "/pickled/model.safetensors")
      try $0.write("pickled/pytorch_model.bin", "not read")
    },
    BadInput(name: "an unknown architecture", says: ["quux"], line: #"load("unknown")"#) {
      try $0.tinyModel("unknown", changing: "config.json") { $0["model_type"] = "quux" }
    },
    BadInput(name: "no architecture", says: ["model_type"], line: #"load("nameless")"#) {
      try $0.tinyModel("nameless", changing: "config.json") { $0["model_type"] = nil }
    },
    BadInput(name: "a field missing", says: ["hidden_size"], line: #"load("missing")"#) {
      try $0.tinyModel("missing", changing: "config.json") { $0["hidden_size"] = nil }
    },
    BadInput(name: "config.json is a list", says: ["config.json"], line: #"load("list")"#) {
      try $0.tinyModel("list")
      try $0.write("list/config.json", "[1, 2, 3]")
    },
    BadInput(name: "config.json nested 100,000 deep", says: ["config.json"], line: #"load("deep")"#) {
      try $0.tinyModel("deep")
      try $0.write("deep/config.json", String(repeating: "[", count: 100_000))
    },
    BadInput(name: "a tokenizer of unknown kind", says: ["Quux"], line: #"load("mute").tokenize("a b")"#) {
      try $0.tinyModel("mute", changing: "tokenizer.json") { $0["model"] = ["type": "Quux", "vocab": [:]] }
    },
    BadInput(name: "a tokenizer that is no JSON", says: ["tokenizer.json"], line: #"load("torn").tokenize("a b")"#) {
      try $0.tinyModel("torn")
      try $0.write("torn/tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", ")
    },
  ]

  /// Sizes in config.json that no model has.
  static let absurdFields: [BadInput] = [
    ("hidden_size", "-3"), ("hidden_size", "1000000000000000000"), ("hidden_size", "\"wide\""), ("hidden_size", "17"),
    ("hidden_size", "1.5"), ("num_attention_heads", "0"), ("num_attention_heads", "3"), ("num_hidden_layers", "-1"),
    ("num_hidden_layers", "1000000000"), ("vocab_size", "0"), ("vocab_size", "9000000000000000000"),
    ("intermediate_size", "0"), ("max_position_embeddings", "-5"), ("hidden_act", "\"wobble\""),
    ("layer_norm_eps", "\"small\""),
  ].map { (field: String, value: String) in
    BadInput(name: "config.json: \(field) \(value)", says: ["error"], line: #"load("absurd")"#) {
      let parsed = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
      try $0.tinyModel("absurd", changing: "config.json") { $0[field] = parsed }
    }
  }

  static let tables: [BadInput] = [
    BadInput(name: "no such table", says: ["nowhere.csv"], line: #"read("nowhere.csv")"#),
    BadInput(name: "ragged rows", says: ["ragged.csv", "3"], line: #"read("ragged.csv")"#) {
      try $0.write("ragged.csv", "text,label\ngood,1\nbad,0,surplus\n")
    },
    BadInput(name: "an open quote", says: ["quote.csv"], line: #"read("quote.csv")"#) {
      try $0.write("quote.csv", "text,label\n\"never closed,1\n")
    },
    BadInput(name: "invalid UTF-8", says: ["latin.tsv", "2"], line: #"read("latin.tsv")"#) {
      try $0.write("latin.tsv", bytes: Array("text\tlabel\ncaf".utf8) + [0xE9] + Array("\t1\n".utf8))
    },
    BadInput(name: "UTF-16", says: ["wide.csv", "iconv -f UTF-16"], line: #"read("wide.csv")"#) {
      try $0.write("wide.csv", bytes: [0xFF, 0xFE] + Array("text".utf8).flatMap { [$0, 0] })
    },
    BadInput(name: "JSON Lines with a broken line", says: ["broken.jsonl", "2"], line: #"read("broken.jsonl")"#) {
      try $0.write("broken.jsonl", "{\"text\": \"a\"}\n{\"text\": \n")
    },
    BadInput(name: "JSON nested 100,000 deep", says: ["deep.jsonl"], line: #"read("deep.jsonl")"#) {
      try $0.write("deep.jsonl", "{\"text\": " + String(repeating: "[", count: 100_000) + "\n")
    },
    BadInput(name: "an endless device", says: ["/dev/zero"], line: #"read("/dev/zero", format: "csv")"#),
    BadInput(name: "an endless device as text", says: ["/dev/zero"], line: #"read_text("/dev/zero")"#),
    BadInput(name: "a table larger than the memory", says: ["vast.csv", "memory"], line: #"read("vast.csv")"#) {
      try $0.sparse("vast.csv", bytes: 1 << 42, beginning: "text,label\n")
    },
    BadInput(name: "a folder as a table", says: ["folder"], line: #"read("folder")"#) {
      try FileManager.default.createDirectory(atPath: $0.path + "/folder", withIntermediateDirectories: true)
    },
    BadInput(name: "shares above one", says: ["error"], line: #"read("two.csv").split(train: 0.7, valid: 0.9)"#) {
      try $0.write("two.csv", "text,label\na,1\nb,0\n")
    },
    BadInput(name: "a column that is not there", says: ["title", "text"], line: #"read("two.csv").title"#) {
      try $0.write("two.csv", "text,label\na,1\nb,0\n")
    },
  ]

  static let learning: [BadInput] = [
    BadInput(
      name: "one class only", says: ["class"],
      line: #"logistic_regression(tensor([[1.0], [2.0], [3.0]]), ["a", "a", "a"])"#),
    BadInput(
      name: "NaN in features", says: ["NaN"],
      line: #"logistic_regression(tensor([[1.0], [0.0], [3.0]]).log() * 0.0, ["a", "b", "a"])"#),
    BadInput(
      name: "more labels than rows", says: ["3", "2"],
      line: #"logistic_regression(tensor([[1.0], [2.0]]), ["a", "b", "a"])"#),
    BadInput(name: "no rows", says: ["error"], line: "logistic_regression(zeros([0, 4]), [])"),
    BadInput(
      name: "a negative C", says: ["C"],
      line: #"logistic_regression(tensor([[1.0], [2.0]]), ["a", "b"], C: -1.0)"#),
    BadInput(name: "features of numbers", says: ["error"], line: #"load("tiny").features([1, 2])"#) {
      try $0.tinyModel("tiny")
    },
    BadInput(
      name: "an unknown pooling", says: ["pooling", "mean"], line: #"load("tiny").features(["a"], pooling: "sum")"#
    ) {
      try $0.tinyModel("tiny")
    },
    BadInput(name: "a layer that is not there", says: ["layer"], line: #"load("tiny").features(["a"], layer: 7)"#) {
      try $0.tinyModel("tiny")
    },
    BadInput(name: "ids outside the vocabulary", says: ["error"], line: #"load("tiny")({input_ids: [[1, 99999]]})"#) {
      try $0.tinyModel("tiny")
    },
  ]

  static let language: [BadInput] = [
    BadInput(name: "100,000 brackets", says: ["error"], line: String(repeating: "(", count: 100_000)),
    BadInput(
      name: "nested 100,000 deep", says: ["error"],
      line: String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)),
    BadInput(name: "100,000 minus signs", says: ["error"], line: String(repeating: "-", count: 100_000) + "1"),
    BadInput(name: "endless recursion", says: ["deep"], line: "fn f(x) { f(x + 1) }; f(0)"),
    BadInput(name: "overflow", says: ["64 bits"], line: "9223372036854775807 + 1"),
    BadInput(name: "a range beyond all memory", says: ["error"], line: "range(1000000000000000000)"),
    BadInput(name: "a tensor beyond all memory", says: ["error"], line: "zeros([1000000000, 1000000000, 1000000000])"),
    BadInput(name: "a negative size", says: ["error"], line: "zeros([-1])"),
    BadInput(name: "an integer that is none", says: ["error"], line: #"int("twelve")"#),
    BadInput(name: "NaN as an integer", says: ["error"], line: "int(tensor([0.0]).log()[0] * 0.0)"),
    BadInput(name: "division by zero", says: ["zero"], line: "1 // 0"),
    BadInput(name: "a misspelt word", says: ["logistic_regression"], line: "logistic_regresion([], [])"),
    BadInput(name: "a misspelt argument", says: ["pooling"], line: #"load("tiny").features(["a"], poling: "cls")"#) {
      try $0.tinyModel("tiny")
    },
    BadInput(
      name: "an argument twice", says: ["max_length"],
      line: #"load("tiny").features(["a"], max_length: 3, max_length: 4)"#
    ) {
      try $0.tinyModel("tiny")
    },
  ]

  static let all: [BadInput] = checkpoints + absurdFields + tables + learning + finetuning + language
}
