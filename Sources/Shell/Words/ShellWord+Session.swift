import Files
import Foundation
import Language

extension ShellWord {
  static let undo = ShellWord("undo", "[cells]", "Take back the last cell, training included.") { shell, rest in
    let count = rest.isEmpty ? 1 : Int(rest) ?? 0
    guard count > 0 else { throw ShellError.usage(":undo, or :undo 3 for the last three cells") }
    for step in 0..<count {
      guard let change = try shell.session.undo() else {
        if let cell = shell.session.entries.last?.saved.cell {
          throw ShellError.nothing(
            "what was before cell \(cell) was given up for memory (LUTHIER_UNDO says how much is kept)")
        }
        throw ShellError.nothing(step == 0 ? "nothing to take back" : "nothing more to take back")
      }
      shell.show(change, "took back")
    }
  }

  static let redo = ShellWord("redo", "", "Bring back what :undo took.") { shell, _ in
    guard let change = try shell.session.redo() else { throw ShellError.nothing("nothing to bring back") }
    shell.show(change, "brought back")
  }

  static let save = ShellWord("save", "lesson.luth", "Keep the session as a script that replays.") {
    shell, rest in
    guard !rest.isEmpty else { throw ShellError.usage(":save lesson.luth") }
    let path = rest.hasSuffix(".luth") ? rest : rest + ".luth"
    let text = shell.session.script(version: Launch.version)
    try shell.session.access.writeAtomically(
      path,
      replaces: { file in file.withBytes { $0.starts(with: "# luthier ".utf8) } },
      { try $0.write(text) })
    let count = shell.session.entries.count
    shell.terminal.write(
      "\(path): \(count) \(count == 1 ? "statement" : "statements"); luthier check \(path) replays it")
    let lost = shell.filesOutOfReach(ofScript: path).joined(separator: ", ")
    if !lost.isEmpty {
      shell.terminal.write("read in another folder, so the script won't find: \(lost)", .warning)
    }
  }

  static let run = ShellWord("run", "script.luth", "Run a script here; its names stay.") { shell, rest in
    let script = try shell.script(rest, usage: ":run script.luth")
    let ending = shell.asScript(beside: rest) { ScriptRunner(session: shell.session).run(script, keepsUndo: true) }
    switch ending {
    case .fine: break
    case .interrupted: throw LanguageError.interrupted
    case .failed(let error, let source): shell.show(error, source: source)
    }
  }

  static let check = ShellWord("check", "script.luth", "Run a script by itself, compare its output.") { shell, rest in
    let script = try shell.script(rest, usage: ":check script.luth")
    let fresh = Session(
      interpreter: Interpreter(
        builtins: shell.interpreter.builtins, interruption: shell.interpreter.interruption),
      terminal: shell.terminal, access: shell.scriptAccess(beside: rest), environment: shell.environment)
    fresh.lendTerminal = shell.session.lendTerminal
    let report = ScriptCheck(session: fresh, script: script).run()
    shell.terminal.write(report.lines)
    switch report.ending {
    case .fine: shell.terminal.write(report.summary)
    case .interrupted: throw LanguageError.interrupted
    case .failed(let error, let source): shell.show(error, source: source)
    }
  }

  static let lesson = ShellWord("lesson", "[name]", "The lessons, or one of them, cell by cell.") { shell, rest in
    if rest.isEmpty { return shell.listLessons() }
    let lessons = shell.surroundings().lessons
    let path = lessons.first { $0.name == rest }?.path ?? rest
    guard lessons.contains(where: { $0.path == path }) || shell.session.access.isFile(path) else {
      throw ShellError.nothing("there is no lesson \(rest); :lesson lists those that came along")
    }
    let script = try shell.script(path, usage: ":lesson name")
    try shell.asScript(beside: path) { () throws in try LessonRunner(shell: shell, script: script).run() }
  }

  static let edit = ShellWord("edit", "[cell or name]", "Open $EDITOR on a cell or a string.") {
    shell, rest in
    shell.waiting = try TextEditing.edit(shell, rest)
  }
}

extension Shell {
  /// Says what `undo` or `redo` did, and what stays on disk.
  func show(_ change: Session.Change, _ verb: String) {
    let first = change.statements.first?.saved.source ?? ""
    let line = String(first.split(separator: "\n").first ?? "")
    var text = "\(verb) cell \(change.cell): \(line)"
    // A display's first line says what came of it, unless it is the head of a table.
    if change.statements.count == 1, let shown = change.statements.first?.saved.shown.first, !change.changed.isEmpty,
      !shown.plain.hasPrefix(" ")
    {
      text += "   " + shown.plain
    }
    if change.statements.count > 1 { text += " and \(change.statements.count - 1) more" }
    terminal.write(StyledText(text).cut(to: terminal.frame.width))
    let names = change.changed.flatMap { interpreter.names(of: $0) }
    if !names.isEmpty {
      let state = verb == "took back" ? "as before it" : "as after it"
      let line = "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") \(state)"
      terminal.write(StyledText(line, .faint).cut(to: terminal.frame.width))
    }
    var written: [String] = []
    for path in change.statements.flatMap(\.filesWritten) where !written.contains(path) { written.append(path) }
    if !written.isEmpty, verb == "took back" {
      terminal.write(
        StyledText("stays on disk: " + written.joined(separator: ", "), .warning).cut(to: terminal.frame.width))
    }
  }

  /// A script's statements, read with the user's rights.
  func script(_ path: String, usage: String) throws -> Script {
    guard !path.isEmpty else { throw ShellError.usage(usage) }
    return try ScriptRunner.parse(try session.access.readText(path), name: PathNames.last(path))
  }

  /// What a script at this path may do.
  func scriptAccess(beside path: String) -> FileAccess {
    FileAccess(
      policy: .script, workingDirectory: session.access.workingDirectory,
      scriptDirectory: PathNames.folder(of: session.access.resolve(path)))
  }

  /// Files that the session read by paths which mean something else to a script there, as after `:cd`.
  fileprivate func filesOutOfReach(ofScript path: String) -> [String] {
    let access = scriptAccess(beside: path)
    return session.access.filesRead.filter {
      PathText.real(access.resolve($0.path)) != PathText.real($0.resolvedPath)
    }.map(\.path)
  }

  /// Runs something with a script's rights instead of the user's.
  func asScript<Result, Failure: Error>(beside path: String, _ body: () throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    let own = session.access
    session.access = scriptAccess(beside: path)
    defer {
      let files = session.access.filesRead
      session.access = own
      own.noteRead(files)
    }
    return try body()
  }

  /// The value of an expression, everything else being taken back.
  func valueOnly(of text: String) throws -> Value {
    guard case .program(let program) = Parser.parse(text), program.statements.count == 1,
      let statement = program.statements.first
    else { throw ShellError.nothing("an expression is wanted here") }
    let result = try interpreter.run(statement, in: program.source)
    try interpreter.takeBack(result.undo)
    return result.value ?? .nothing
  }

  /// Runs code as if it had been typed.
  func run(code: String, remembering: Bool) {
    guard case .program(let program) = Parser.parse(code) else { return run(cell: code) }
    for statement in program.statements {
      do { try session.run(statement, of: program) } catch { return show(error, source: program.source) }
    }
  }

  func surroundings() -> Surroundings {
    Surroundings(environment: environment, folders: folders, access: session.access)
  }

  func listLessons() {
    let lessons = surroundings().lessons
    if lessons.isEmpty { terminal.write("no lessons here; :lesson path opens one", .faint) }
    let width = lessons.map { TextWidth.of($0.name) }.max() ?? 0
    for lesson in lessons {
      let line = StyledText("  " + TextWidth.padded(lesson.name, to: width) + "  ", .name) + StyledText(lesson.title)
      terminal.write(line.cut(to: terminal.frame.width))
    }
  }
}

/// Parts of paths.
enum PathNames {
  static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 47) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
