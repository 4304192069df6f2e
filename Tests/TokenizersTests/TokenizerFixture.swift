import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// The tokenizers that the fixtures name, and where their files are.
enum TokenizerFixture {
  /// The tokenizers whose files are not among the fixtures.
  private static let realNames: Set<String> = ["minilm", "smollm2_as_hf_gguf", "smollm2_pre_smollm"]

  /// The tokenizer of a folder of fixtures; nothing if its files are real ones that are not on this machine.
  static func tokenizer(_ name: String) throws -> Tokenizer? {
    let folder = Fixtures.url("tokenizers/\(name)")
    if FileManager.default.fileExists(atPath: folder.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(
        json: bytes(folder.appendingPathComponent("tokenizer.json")) ?? [],
        config: bytes(folder.appendingPathComponent("tokenizer_config.json")))
    }
    guard realNames.contains(name) else {
      return try Tokenizer(folder: { try bytes(folder.appendingPathComponent($0)) })
    }
    if name.hasPrefix("smollm2") {
      guard let real = realFolder("smollm2"), var json = try bytes(real.appendingPathComponent("tokenizer.json"))
      else { return nil }
      if name.hasSuffix("pre_smollm") { json = try splittingDigits(json) }
      return try Tokenizer(json: json)
    }
    guard let real = realFolder(name), let json = try bytes(real.appendingPathComponent("tokenizer.json")) else {
      return nil
    }
    return try Tokenizer(json: json, config: bytes(real.appendingPathComponent("tokenizer_config.json")))
  }

  /// The same; what goes wrong is recorded as an issue.
  static func recorded(_ name: String) -> Tokenizer? {
    do {
      return try tokenizer(name)
    } catch {
      Issue.record("tokenizers/\(name): \(error)")
      return nil
    }
  }

  /// Compares each row of a file with what its tokenizer gives, in every folder of fixtures that holds such a file.
  static func compareRows(
    of file: String, as report: String, _ compare: (JSON, Tokenizer, inout Differences) throws -> Void
  ) throws {
    guard Fixtures.exists("tokenizers") else { return }
    var report = ParityReport(report)
    for name in Fixtures.folders(in: "tokenizers") where Fixtures.exists("tokenizers/\(name)/\(file)") {
      guard let tokenizer = recorded(name) else {
        print("tokenizers/\(name): skipped, its real files are not on this machine")
        continue
      }
      var differences = Differences()
      for row in try Fixtures.jsonLines("tokenizers/\(name)/\(file)") {
        try compare(row, tokenizer, &differences)
        report.compared(name)
      }
      if !differences.counts.isEmpty { Issue.record("tokenizers/\(name): \(differences.summary)") }
    }
    report.finish()
  }

  /// Real tokenizers lie beside the fixtures' root, beside the shared ones, or in the user's cache of models.
  static func realFolder(_ name: String) -> URL? {
    let shared = Fixtures.package.deletingLastPathComponent().appendingPathComponent("shared/fixtures")
    let places = [Fixtures.root.deletingLastPathComponent(), shared].map {
      $0.appendingPathComponent("real_tokenizers/\(name)")
    }
    let cache = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache/luthier/models")
    let names = ["minilm": "all-MiniLM-L6-v2", "smollm2": "SmolLM2-135M-Instruct"]
    let cached = cache.appendingPathComponent(names[name] ?? name)
    return (places + [cached]).first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("tokenizer.json").path)
    }
  }

  static func bytes(_ url: URL) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    return Array(try Data(contentsOf: url))
  }

  /// The same tokenizer.json with `Digits` before `ByteLevel`.
  private static func splittingDigits(_ json: [UInt8]) throws -> [UInt8] {
    let text = String(decoding: json, as: UTF8.self)
    guard let key = text.range(of: "\"pre_tokenizer\":"),
      let end = text.range(of: "}", range: key.upperBound..<text.endIndex)
    else { throw TokenizerError.missing(what: "pre_tokenizer", needed: "in smollm2's tokenizer.json") }
    let new = """
      {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},\
      {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
      """
    return Array((text[..<key.upperBound] + new + text[end.upperBound...]).utf8)
  }
}

/// Differences of one tokenizer: how many by field, and the first few in full.
struct Differences {
  var counts: [String: Int] = [:]
  var shown: [String] = []

  mutating func compare<Value: Equatable>(_ field: String, _ actual: Value, _ expected: Value, _ text: String) {
    guard actual != expected else { return }
    counts[field, default: 0] += 1
    if shown.count < 3 {
      shown.append("\(field) of \(text.debugDescription.prefix(120)):\n  got      \(actual)\n  expected \(expected)")
    }
  }

  var summary: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + "\n"
      + shown.joined(separator: "\n")
  }
}

extension JSON {
  var ints: [Int] { array?.compactMap(\.int) ?? [] }
  /// Numbers or nulls.
  var optionalInts: [Int?] { array?.map(\.int) ?? [] }
  var ranges: [[Int]] { array?.map(\.ints) ?? [] }
}
