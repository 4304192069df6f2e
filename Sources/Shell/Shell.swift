import CLineEditor
import Files
import Foundation
import Language

/// The shell at a terminal: reads cells, runs them, shows what comes.
final class Shell {
  let session: Session
  let editor: LineEditor
  let folders: UserFolders
  let environment: [String: String]
  var history: History
  /// What stands at the next prompt from the start: the rest of a cell that failed, an edited text.
  var waiting = ""
  /// The journal of a crashed session of which only so many statements ran again.
  var unrecovered: (path: String, statements: Int)?
  /// The lines of the cell that is being typed, before the one at hand.
  private(set) var openText = ""
  /// Names and versions of what the program uses.
  var libraries: () -> [(name: String, version: String)] = { [] }
  private var source: SurroundingsSource?
  /// Set when the shell is to end.
  var exitCode: Int32?

  var terminal: Terminal { session.terminal }
  var interpreter: Interpreter { session.interpreter }

  init?(session: Session, folders: UserFolders, environment: [String: String]) {
    guard let editor = LineEditor() else { return nil }
    self.session = session
    self.editor = editor
    self.folders = folders
    self.environment = environment
    folders.prepare()
    history = History(path: folders.history)
    for entry in history.entries { editor.remember(entry) }
    editor.complete = { [unowned self] in completion(before: $0) }
    source = SurroundingsSource(self)
    if let source { interpreter.services.add(ArgumentCompletions(source)) }
    session.asker = { [unowned self] in try ask($0) }
    editor.forgetInterruption = { [unowned self] in interpreter.interruption.clear() }
    session.lendTerminal = { $0 ? luthier_terminal_give_back() : luthier_terminal_take() }
    editor.cleanPaste = { text, before in PastedText.cleaned(text, continuing: !before.isEmpty) }
  }

  /// Reads and runs cells until the end; gives the exit code.
  func loop() -> Int32 {
    while exitCode == nil {
      switch readCell() {
      case .line(let text): run(cell: text)
      case .interrupted: continue
      case .end: leave()
      }
    }
    return exitCode ?? Launch.ExitCode.fine
  }

  /// Ends the shell. Where the terminal went away, the journal stays, so that nothing is lost; so does that of a session
  /// of which not all could be recovered, unless something has run since.
  func leave() {
    exitCode = Launch.ExitCode.fine
    if luthier_hung_up() {
      session.journal?.sync()
      return
    }
    session.journal?.remove()
    if let unrecovered, session.entries.count > unrecovered.statements { unlink(unrecovered.path) }
  }

  // MARK: reading

  /// Reads until the text is complete: a cell of one line or several.
  private func readCell() -> LineInput {
    var text = ""
    let initial = waiting
    defer { openText = "" }
    waiting = ""
    var input = editor.read(prompt: prompt("\(session.cell)> "), initial: initial)
    while case .line(let line) = input {
      text += line
      if !needsMore(text) { return .line(text) }
      text += "\n"
      openText = text
      let width = "\(session.cell)>".utf8.count
      input = editor.read(prompt: prompt(String(repeating: " ", count: width - 2) + ".. "), continues: true)
    }
    return input == .end && !text.isEmpty ? .interrupted : input
  }

  private func prompt(_ text: String) -> String {
    guard terminal.looks.colour else { return text }
    // The last character stands outside of the escapes: libedit wants it so.
    return "\u{1}\u{1b}[1;34m\u{1}\(text.dropLast())\u{1}\u{1b}[0m\u{1} "
  }

  private func needsMore(_ text: String) -> Bool {
    guard let last = CellText.parts(of: text).last, case .code(let code) = last else { return false }
    if case .needsMore = Parser.parse(code) { return true }
    return false
  }

  /// Asks until the answer is yes or no; no is also Enter alone and Ctrl-D, Ctrl-C ends the statement that asks.
  private func ask(_ question: String) throws -> Bool {
    terminal.write(question)
    while true {
      switch editor.read(prompt: "yes or no: ") {
      case .end: return false
      case .interrupted: throw LanguageError.interrupted
      case .line(let text):
        editor.beginWork()
        switch text.trimmingSpaces().lowercased() {
        case "y", "yes": return true
        case "", "n", "no": return false
        default: continue
        }
      }
    }
  }

  // MARK: running

  /// Runs what was typed or pasted, statement by statement.
  func run(cell text: String) {
    let trimmed = text.trimmingSpaces()
    guard !trimmed.isEmpty else { return }
    editor.beginWork()
    remember(text)
    let parts = CellText.parts(of: text)
    for (place, part) in parts.enumerated() {
      let rest = parts[(place + 1)...].map(\.text)
      switch part {
      case .shell(let line, _):
        if !run(line) {
          if !rest.isEmpty { waiting = rest.joined(separator: "\n") }
          return finishCell()
        }
      case .code(let code):
        if let left = run(code: code) {
          let isWhole = parts.count == 1 && left.isOnly
          if !isWhole { waiting = ([left.text] + rest).joined(separator: "\n") }
          return finishCell()
        }
      }
      if exitCode != nil { return }
      if isStopped, !rest.isEmpty {
        waiting = rest.joined(separator: "\n")
        break
      }
    }
    finishCell()
  }

  private func remember(_ text: String) {
    if history.add(text) { editor.remember(text) }
  }

  /// Whether Ctrl-C came while a cell ran. A statement may have succeeded with what it reached; what comes after it was
  /// meant for the whole, so it waits.
  var isStopped: Bool { luthier_interrupts() > 0 }

  /// What of a text has not run: it begins with the statement that failed, or that comes after one that was stopped.
  private struct Left {
    var text: String
    /// Whether the text held just one statement, so that there is nothing to wait for.
    var isOnly: Bool
  }

  private func run(code: String) -> Left? {
    switch Parser.parse(code) {
    case .failure(let diagnostic), .needsMore(let diagnostic):
      show(LanguageError.failure(diagnostic), source: SourceText(code))
      return Left(text: code, isOnly: !code.utf8.contains(10))
    case .program(let program):
      func left(after count: Int) -> Left {
        let start = count == 0 ? 0 : program.statements[count - 1].range.end
        var text = program.source.text(SourceRange(start, program.source.bytes.count))
        while let first = text.first, first == "\n" || first == ";" || first == " " { text.removeFirst() }
        return Left(text: text, isOnly: program.statements.count == 1)
      }
      for (place, statement) in program.statements.enumerated() {
        do {
          try session.run(statement, of: program)
        } catch {
          show(error, source: program.source)
          return left(after: place)
        }
        if isStopped, place + 1 < program.statements.count { return left(after: place + 1) }
      }
      session.pendingComments += program.closingComments
      return nil
    }
  }

  private func finishCell() {
    if let cell = session.keepWithinBudget() {
      terminal.write(
        "old states up to cell \(cell) given up: :undo reaches back to the cell after it (LUTHIER_UNDO)", .faint)
    }
    if session.entries.last?.saved.cell == session.cell { session.cell += 1 }
  }

  /// Shows an error; what it proposes instead is ready for the up arrow.
  func show(_ error: any Error, source: SourceText? = nil) {
    terminal.write(ErrorDisplay.lines(error, source: source, width: terminal.frame.width))
    if let corrected = (error as? LanguageError)?.diagnostic.corrected { editor.remember(corrected) }
  }

  /// Runs a shell line; false where it failed.
  private func run(_ line: ShellLine) -> Bool {
    do {
      switch line {
      case .help(let topic): terminal.write(try help(topic))
      case .command(let name, let rest): try ShellWord.find(name).run(self, rest)
      }
      return true
    } catch {
      show(error)
      return false
    }
  }
}

/// A cell's text in parts: the language's, and lines that belong to the shell.
package enum CellText {
  package enum Part: Equatable {
    case code(String)
    case shell(ShellLine, String)

    package var text: String {
      switch self {
      case .code(let text), .shell(_, let text): text
      }
    }
  }

  /// A line that begins with `:` or `?`, or is a bare word of the shell, belongs to it only where no statement is open.
  package static func parts(of text: String) -> [Part] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var parts: [Part] = []
    var code: [String] = []
    func flush() {
      if code.contains(where: { !$0.trimmingSpaces().isEmpty }) { parts.append(.code(code.joined(separator: "\n"))) }
      code = []
    }
    for line in lines {
      if let shellLine = ShellLine(line), !isOpen(code) {
        flush()
        parts.append(.shell(shellLine, line))
      } else {
        code.append(line)
      }
    }
    flush()
    return parts
  }

  private static func isOpen(_ lines: [String]) -> Bool {
    guard !lines.isEmpty else { return false }
    if case .needsMore = Parser.parse(lines.joined(separator: "\n")) { return true }
    return false
  }
}
