import Foundation
import TestSupport

/// The built `luthier`, beside the test bundle.
enum BuiltProgram {
  static let path: String = {
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("luthier").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return Fixtures.package.appendingPathComponent(".build/release/luthier").path
  }()

  struct Result {
    var code: Int32
    var output: String
    var errors: String
  }

  /// An environment of its own: nothing of the user's is read or changed.
  static func environment(_ folder: TemporaryFolder, _ more: [String: String] = [:]) -> [String: String] {
    var environment = [
      "HOME": folder.path, "PATH": "/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8",
      "XDG_STATE_HOME": folder.path + "/state", "XDG_CACHE_HOME": folder.path + "/cache",
      "LUTHIER_SAMPLES": folder.path + "/Samples", "LUTHIER_THREADS": "2",
    ]
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    environment.merge(more) { $1 }
    return environment
  }

  /// Runs it to its end.
  static func run(
    _ arguments: [String], input: String? = nil, in folder: TemporaryFolder, environment more: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment(folder, more)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let outputPath = folder.path + "/.output"
    let errorPath = folder.path + "/.errors"
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    let inputPath = folder.path + "/.input"
    try Data((input ?? "").utf8).write(to: URL(fileURLWithPath: inputPath))
    process.standardInput = FileHandle(forReadingAtPath: inputPath)
    try process.run()
    process.waitUntilExit()
    let code =
      process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    return Result(code: code, output: text(outputPath), errors: text(errorPath))
  }

  /// Starts it, and sends it a signal some seconds after a condition holds; what it ended with (minus a signal's number),
  /// and whether it was still running then.
  static func signalled(
    _ number: Int32, _ arguments: [String], in folder: TemporaryFolder, once condition: () -> Bool = { true },
    after seconds: Double = 0
  ) throws -> (code: Int32, wasRunning: Bool) {
    let process = Process()
    // Started with the signal blocked, as a parent's thread may have it.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--block-signal=\(number == SIGINT ? "INT" : "TERM")", path] + arguments
    process.environment = environment(folder)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !condition() { usleep(200) }
    let end = Date().addingTimeInterval(seconds)
    while process.isRunning, Date() < end { usleep(200) }
    let wasRunning: Bool = process.isRunning
    if wasRunning { kill(process.processIdentifier, number) }
    let deadline = Date().addingTimeInterval(PseudoTerminal.patience)
    while process.isRunning, Date() < deadline { usleep(1000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, wasRunning)
  }

  /// Runs a script and kills it (SIGKILL); whether that was what ended it.
  static func killed(
    _ script: String, in folder: TemporaryFolder, once condition: () -> Bool = { true }, after seconds: Double
  ) throws -> Bool {
    try signalled(SIGKILL, ["run", script], in: folder, once: condition, after: seconds).code == -SIGKILL
  }

  /// A shell on a terminal of its own, up to its first prompt; in a folder that goes with it where none is given.
  static func terminal(
    _ arguments: [String] = [], in folder: TemporaryFolder? = nil, environment more: [String: String] = [:],
    columns: Int = 80, prompt: Int? = 1
  ) throws -> PseudoTerminal {
    let folder = try folder ?? TemporaryFolder()
    let terminal = try PseudoTerminal(
      path, arguments, environment: environment(folder, ["NO_COLOR": "1"]).merging(more) { $1 }, in: folder,
      columns: columns)
    if let prompt { try terminal.waitForPrompt(prompt) }
    return terminal
  }
}

/// A folder that goes when its test does.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/luthier-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(name)), as: UTF8.self)
  }
}
