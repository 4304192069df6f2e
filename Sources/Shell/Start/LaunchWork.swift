import CLineEditor
import Files
import Foundation
import Language

/// The work of one start, on the thread with the large stack.
struct LaunchWork {
  let launch: Launch
  let builtins: BuiltinTable
  /// Names and versions of what the program uses.
  let libraries: () -> [(name: String, version: String)]
  let interruption: Interruption
  let environment: [String: String]
  let terminal: Terminal

  init(
    launch: Launch, builtins: [Builtin], libraries: @escaping () -> [(name: String, version: String)],
    interruption: Interruption
  ) {
    self.launch = launch
    self.libraries = libraries
    self.builtins = BuiltinTable(builtins)
    self.interruption = interruption
    environment = ProcessInfo.processInfo.environment
    terminal = Terminal(environment: environment, localeIsUTF8: luthier_locale_set())
    launch.trace?.mark("the words, the terminal")
  }

  func perform() -> Int32 {
    defer { terminal.flush() }
    luthier_interrupts_end_process(!isForPerson)
    for line in EnvironmentRemarks.lines(environment) { terminal.writeError([StyledText(line, .warning)]) }
    do {
      switch launch.task {
      case .interactive(let script, let recover):
        if terminal.isInteractive { return try interactive(script: script, recover: recover) }
        if let script {
          let code = try run(path: script, arguments: [])
          if code != Launch.ExitCode.fine { return code }
        }
        return try runStandardInput()
      case .run(let path, let arguments): return try run(path: path, arguments: arguments)
      case .evaluate(let text): return finish(try runText(text, name: "", directory: nil, arguments: []))
      case .check(let path, let update): return try check(path: path, update: update)
      case .lesson(let path): return try lesson(path: path)
      case .render(let path, let output): return try render(path: path, output: output)
      case .traceStart: return try traceStart()
      }
    } catch {
      terminal.flush()
      terminal.writeError(ErrorDisplay.lines(error))
      return ScriptRunner.Ending.failed(error, SourceText("")).code
    }
  }

  /// Whether a person sits at a prompt, where Ctrl-C is never the end.
  private var isForPerson: Bool {
    switch launch.task {
    case .interactive, .traceStart: terminal.isInteractive
    case .lesson: true
    default: false
    }
  }

  // MARK: scripts

  /// A session with a script's rights.
  private func scriptSession(directory: String?) -> Session {
    let access = FileAccess(
      policy: .script(writeRoot: nil, allowWrite: launch.allowWrite), scriptDirectory: directory)
    return session(access)
  }

  private func session(_ access: FileAccess) -> Session {
    var services = Services()
    services.add(NetworkPermission(scriptsMayDownload: launch.allowNetwork))
    let interpreter = Interpreter(builtins: builtins, services: services, interruption: interruption)
    return Session(interpreter: interpreter, terminal: terminal, access: access, environment: environment)
  }

  private func scriptText(_ path: String) throws -> String { try FileAccess(policy: .user).readText(path) }

  private func directory(of path: String) -> String {
    PathNames.folder(of: FileAccess(policy: .user).resolve(path))
  }

  private func run(path: String, arguments: [String]) throws -> Int32 {
    let text = try scriptText(path)
    return finish(
      try runText(text, name: PathNames.last(path), directory: directory(of: path), arguments: arguments))
  }

  private func runStandardInput() throws -> Int32 {
    let input = try FileAccess(policy: .user).readStandardInput()
    let text = try input.withBytes { try TextDecoding.string($0, path: "standard input") }
    return finish(try runText(text, name: "standard input", directory: nil, arguments: []))
  }

  private func runText(_ text: String, name: String, directory: String?, arguments: [String]) throws
    -> ScriptRunner.Ending
  {
    let script = try ScriptRunner.parse(text, name: name)
    let session = scriptSession(directory: directory)
    session.interpreter.define("args", .strings(arguments))
    return ScriptRunner(session: session).run(script)
  }

  /// Says what went wrong and gives the exit code.
  private func finish(_ ending: ScriptRunner.Ending) -> Int32 {
    terminal.flush()
    switch ending {
    case .fine: break
    case .interrupted: if !terminal.isBroken { terminal.writeError([StyledText("interrupted", .warning)]) }
    case .failed(let error, let source): terminal.writeError(ErrorDisplay.lines(error, source: source))
    }
    return terminal.isBroken ? Launch.ExitCode.failed : ending.code
  }

  private func check(path: String, update: Bool) throws -> Int32 {
    let script = try ScriptRunner.parse(try scriptText(path), name: PathNames.last(path))
    let session = scriptSession(directory: directory(of: path))
    let report = ScriptCheck(session: session, script: script).run()
    if update {
      guard case .fine = report.ending else { return finish(report.ending) }
      let text = script.text(withOutputs: report.outputs)
      if text != script.text { try FileAccess(policy: .user).writeAtomically(path, text: text) }
      terminal.write("\(path): " + (text == script.text ? "the output is as it was" : "the new output is written"))
      return Launch.ExitCode.fine
    }
    terminal.write(report.lines)
    if case .fine = report.ending {
      terminal.write(report.summary)
      return report.differences == 0 ? Launch.ExitCode.fine : Launch.ExitCode.failed
    }
    return finish(report.ending)
  }

  private func render(path: String, output: String) throws -> Int32 {
    let script = try ScriptRunner.parse(try scriptText(path), name: PathNames.last(path))
    let session = scriptSession(directory: directory(of: path))
    let access = FileAccess(policy: .user)
    // Before the script runs, which may take long: -o may name the script itself.
    if access.isFile(output), try access.map(output).withBytes({ !$0.isEmpty && !$0.starts(with: Page.beginning.utf8) })
    {
      throw ShellError.failed(
        operation: "write", path: output, reason: "a file stands there that is no page; choose another name")
    }
    do {
      let page = try ScriptPage(session: session, script: script).make()
      try access.writeAtomically(output, text: page.html)
    } catch let error as LanguageError {
      if case .interrupted = error { return finish(.interrupted) }
      return finish(.failed(error, script.program.source))
    }
    terminal.write("\(output): \(script.groups.count) statement\(script.groups.count == 1 ? "" : "s") as a page")
    return Launch.ExitCode.fine
  }

  // MARK: at the terminal

  /// - Parameter advice: what needs no terminal.
  private func shell(_ access: FileAccess, without advice: String) throws -> Shell {
    let folders = UserFolders(environment: environment)
    guard let shell = Shell(session: session(access), folders: folders, environment: environment) else {
      throw ShellError.nothing("here is no terminal to type at; \(advice) needs none")
    }
    shell.libraries = libraries
    return shell
  }

  private func lesson(path: String) throws -> Int32 {
    let script = try ScriptRunner.parse(try scriptText(path), name: PathNames.last(path))
    let access = FileAccess(
      policy: .script(writeRoot: nil, allowWrite: launch.allowWrite), scriptDirectory: directory(of: path))
    let shell = try shell(access, without: "luthier run \(path)")
    try LessonRunner(shell: shell, script: script).run()
    return shell.exitCode ?? Launch.ExitCode.fine
  }

  private func interactive(script path: String?, recover: Bool) throws -> Int32 {
    let shell = try shell(FileAccess(policy: .user), without: "luthier run FILE")
    let left = Journal.newestLeft(in: shell.folders.journals)
    shell.session.journal = Journal(
      folder: shell.folders.journals, version: Launch.version, directory: shell.session.access.workingDirectory)
    if let path {
      let script = try ScriptRunner.parse(try scriptText(path), name: PathNames.last(path))
      let ending = shell.asScript(beside: path) { ScriptRunner(session: shell.session).run(script, keepsUndo: true) }
      _ = finish(ending)
      // Also where the script failed: what ran of it is a cell by itself.
      if shell.session.entries.last?.saved.cell == shell.session.cell { shell.session.cell += 1 }
    } else {
      terminal.write(firstScreen(shell, canRecover: left != nil && !recover))
    }
    if shell.session.journal == nil {
      terminal.write(
        "no journal can be written in \(shell.folders.journals): a crash would take this session with it", .warning)
    }
    if recover { shell.recover(left) }
    return shell.loop()
  }

  private func firstScreen(_ shell: Shell, canRecover: Bool) -> [StyledText] {
    FirstScreen(
      version: Launch.version, cores: SystemFacts.cores, memory: PhysicalMemory.bytes, seed: shell.session.seed,
      surroundings: shell.surroundings(), canRecover: canRecover, width: terminal.frame.width
    ).lines
  }

  /// Goes the way to the prompt and says how long each part took.
  private func traceStart() throws -> Int32 {
    guard terminal.isInteractive else {
      throw ShellError.failed(operation: "trace", path: "the start", reason: "the shell starts on a terminal only")
    }
    let trace = launch.trace ?? StartTrace()
    let shell = try shell(FileAccess(policy: .user), without: "luthier run FILE")
    trace.mark("session, line editor, history")
    let left = Journal.newestLeft(in: shell.folders.journals)
    shell.session.journal = Journal(
      folder: shell.folders.journals, version: Launch.version, directory: shell.session.access.workingDirectory)
    trace.mark("journal")
    terminal.write(firstScreen(shell, canRecover: left != nil))
    terminal.flush()
    trace.mark("first screen, with what is in the folder")
    for line in trace.lines { terminal.write(line) }
    shell.leave()
    return Launch.ExitCode.fine
  }
}
