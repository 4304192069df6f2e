import Foundation
import TestSupport
import Testing

/// `load` of a model that is nowhere here, against a hub of the test's own on this machine.
@Suite struct HubPromptTests {
  private func tinyFiles() throws -> [String: [UInt8]] {
    let folder = Fixtures.package.appendingPathComponent("Tests/Fixtures/tiny-bert")
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      files[name] = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }
    return files
  }

  private func environment(_ hub: HubOnLoopback, _ folder: TemporaryFolder) -> [String: String] {
    ["HF_ENDPOINT": hub.server.address, "HF_HOME": folder.path + "/hf"]
  }

  @Test func aDownloadIsAskedForOnceWithItsSize() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: try tinyFiles())
    let terminal = try BuiltProgram.terminal(in: folder, environment: environment(hub, folder))
    terminal.enter("m = load(\"org/tiny\")")
    try terminal.wait(for: "yes or no:")
    #expect(terminal.screen.text.contains("org/tiny is not here. Download "))
    #expect(terminal.screen.text.contains(" kB in 5 files?"), "\(terminal.screen.text)")
    terminal.enter("no")
    try terminal.wait(for: "was not downloaded")
    try terminal.waitForPrompt(1)
    terminal.enter("m = load(\"org/tiny\")")
    try terminal.wait("the question again") { $0.cursor.line.hasPrefix("yes or no:") }
    terminal.enter("perhaps")
    try terminal.run("yes", to: 2)
    try terminal.run("m.tokenize(\"a b\").len()", to: 3)
    try terminal.run("load(\"org/tiny\");", to: 4)
    terminal.enter(":undo 3")
    try terminal.wait(for: "stays on disk: org/tiny")
  }

  @Test func ctrlCAtTheQuestionEndsTheStatementOnly() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: try tinyFiles())
    let terminal = try BuiltProgram.terminal(in: folder, environment: environment(hub, folder))
    terminal.enter("m = load(\"org/tiny\")")
    try terminal.wait(for: "yes or no:")
    terminal.type("\u{3}")
    try terminal.wait(for: "interrupted")
    try terminal.waitForPrompt(1)
    terminal.enter("6 * 7")
    try terminal.wait(for: "\n42\n")
  }

  @Test func ctrlCStopsADownloadThatThenGoesOn() throws {
    let folder = try TemporaryFolder()
    var files = try tinyFiles()
    files["generation_config.json"] = Array("{}".utf8)
    let slow = try HubOnLoopback(files: files, .init(pause: 150_000))
    let terminal = try BuiltProgram.terminal(in: folder, environment: environment(slow, folder))
    terminal.enter("m = load(\"org/tiny\")")
    try terminal.wait(for: "yes or no:")
    terminal.enter("yes")
    try terminal.wait(for: "%")
    terminal.type("\u{3}")
    try terminal.wait(for: "was stopped")
    try terminal.waitForPrompt(1)
    let quick = try HubOnLoopback(files: files)
    let result = try BuiltProgram.run(
      ["--allow-network", "-e", "load(\"org/tiny\").tokenize(\"a\").len()"], in: folder,
      environment: environment(quick, folder))
    #expect(result.code == 0, "\(result.errors)")
    #expect(quick.server.requests.contains { $0.fields["range"] != nil })
  }

  @Test func aScriptDownloadsOnlyWhereAllowed() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: try tinyFiles())
    let line = "load(\"org/tiny\").parameters(\"pooler\").len()"
    let refused = try BuiltProgram.run(["-e", line], in: folder, environment: environment(hub, folder))
    #expect(refused.code == 1 && refused.errors.contains("--allow-network"), "\(refused)")
    #expect(hub.server.requests.isEmpty)
    let allowed = try BuiltProgram.run(
      ["--allow-network", "-e", line], in: folder, environment: environment(hub, folder))
    #expect(allowed.code == 0 && allowed.output == "2\n", "\(allowed)")
    let count = hub.server.requests.count
    let again = try BuiltProgram.run(["-e", line], in: folder, environment: environment(hub, folder))
    #expect(again.code == 0 && hub.server.requests.count == count)
  }

  @Test func aModelWhoseSettingsAreHereAloneIsFetched() throws {
    let folder = try TemporaryFolder()
    let root = "hf/hub/models--org--tiny"
    try folder.write("\(root)/refs/main", HubOnLoopback.commit)
    try folder.write("\(root)/snapshots/\(HubOnLoopback.commit)/config.json", "{\"model_type\": \"bert\"}")
    let hub = try HubOnLoopback(files: try tinyFiles())
    let result = try BuiltProgram.run(
      ["--allow-network", "-e", "load(\"org/tiny\").parameters(\"pooler\").len()"], in: folder,
      environment: environment(hub, folder))
    #expect(result.code == 0 && result.output == "2\n", "\(result)")
  }

  @Test func offlineListsTheModelsHere() throws {
    let folder = try TemporaryFolder()
    try folder.write("cache/luthier/models/readme", "")
    try folder.tinyModel("cache/luthier/models/small")
    let hub = try HubOnLoopback(files: [:])
    let result = try BuiltProgram.run(
      ["--allow-network", "-e", "load(\"org/tiny\")"], in: folder,
      environment: environment(hub, folder).merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    #expect(
      result.code == 1 && result.errors.contains("HF_HUB_OFFLINE") && result.errors.contains("small"), "\(result)")
    hub.server.stop()
    let unreachable = try BuiltProgram.run(
      ["--allow-network", "-e", "load(\"org/tiny\")"], in: folder, environment: environment(hub, folder))
    #expect(unreachable.errors.contains("can't be reached") && unreachable.errors.contains("small"), "\(unreachable)")
  }
}
