import Builtins
import Foundation
import Language
import Testing

/// Every word is declared whole, and every family is in the list. (Examples run in ExampleTests.)
@Suite("Declarations") struct DeclarationTests {
  static let names: [String] = BuiltinTable(Builtin.all).names

  @Test("every form has a summary, examples, and one signature to a first kind", arguments: names)
  func declared(name: String) {
    let forms: [Builtin] = BuiltinTable(Builtin.all)[name]
    #expect(ReservedWords.all.contains(name) || name.hasPrefix("_"), "\(name) is not a word of LANGUAGE.md")
    let kinds: [Kind] = forms.flatMap(\.on)
    #expect(Set(kinds).count == kinds.count, "two forms of \(name) take one kind first: no call reaches the second")
    for form in forms {
      #expect(!form.summary.isEmpty, "\(name) has no summary")
      #expect(!form.examples.isEmpty, "\(name) has no examples")
      var seen: Set<String> = []
      for parameter in form.parameters {
        #expect(seen.insert(parameter.name).inserted, "\(name): \(parameter.name) is declared twice")
      }
      let roles: [Parameter.Role] = form.parameters.map(\.role)
      if let rest = roles.firstIndex(of: .rest) {
        #expect(!roles[rest...].contains(.positional), "\(name): a positional parameter after the rest")
      }
    }
  }

  @Test("every family file is in the list") func families() throws {
    let root: URL = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Builtins")
    let list = try String(contentsOf: root.appendingPathComponent("AllBuiltins.swift"), encoding: .utf8)
    let files: [String] = (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".swift") }
    for file in files {
      let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains("static let") && line.contains(": [Builtin] =") {
        guard let name = line.split(separator: "let ").last?.split(separator: ":").first else { continue }
        #expect(list.contains(name), "\(name) of \(file) is not in AllBuiltins.swift")
      }
    }
  }
}
