import Foundation
import Language
import Testing

@Suite("Programs") struct ProgramTests {
  /// Every file under Tests/Programs, with its name.
  static let files: [String] = {
    let root: URL = folder
    let all: FileManager.DirectoryEnumerator? = FileManager.default.enumerator(atPath: root.path)
    return (all?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".luth") }.sorted()
  }()

  static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Programs")
  }

  @Test("gives what stands beside its lines", arguments: files)
  func program(file: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
    let (failures, checked): ([String], Int) = BigStack.run {
      let runner = ProgramRunner()
      runner.run(text, file: file)
      return (runner.failures, runner.checked)
    }
    #expect(checked > 0)
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test("there are programs") func exist() { #expect(Self.files.count >= 5) }

  @Test("an expected message that doesn't come is a failure")
  func wrongExpectation() {
    let failures: [String] = BigStack.run {
      let runner = ProgramRunner()
      runner.run("1 / 0  # error: no such message\n[1][2]  # error: no element 2 in a list of one", file: "made")
      return runner.failures
    }
    #expect(failures.count == 1)
    #expect(failures.first?.contains("no such message") == true)
  }
}
