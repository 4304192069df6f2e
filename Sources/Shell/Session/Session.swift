import Files
import Foundation
import Language

import struct Language.Progress

/// What was done so far and can be taken back, saved, recovered: statements with their output, over an interpreter.
final class Session: InterpreterHost {
  /// A statement that stands, or that was taken back and may come again.
  struct Entry {
    var saved: SavedStatement
    /// Takes it back (or, once it was taken back, brings it forth); nil where that was given up for memory.
    var record: UndoRecord?
    var filesWritten: [String]
  }

  let interpreter: Interpreter
  let terminal: Terminal
  /// Whose rights statements run with.
  var access: FileAccess {
    didSet { grant() }
  }
  /// Gives the terminal to a person who types standard input, and takes it again.
  var lendTerminal: (Bool) -> Void = { _ in } {
    didSet { grant() }
  }
  var journal: Journal?
  /// The folder of a script that the journal's next statement would come from.
  private var journalledFolder: String?
  /// The seed at the start.
  let seed = 0
  /// What the headers of scripts that ran here allow two floats to differ by.
  var tolerance = 0.0
  /// The cell that is typed or run now.
  var cell = 1
  private(set) var entries: [Entry] = []
  private(set) var undone: [Entry] = []
  /// Comments typed since the last statement.
  var pendingComments: [String] = []
  /// Asks the user, where one sits at a prompt.
  var asker: ((String) throws -> Bool)?
  /// Whether what runs is shown as it comes; a check only collects it.
  var isQuiet = false
  /// Seconds that the last statement took.
  private(set) var lastDuration = 0.0
  /// Bytes that old states may hold: `LUTHIER_UNDO`; by itself 1 GiB or an eighth of memory, whichever is less.
  let undoBudget: Int
  let folders: UserFolders
  /// What the running statement has printed and remarked, as it is kept.
  private var printed: [StyledText] = []
  private var bar = ProgressBar()
  /// Text of the running statement that was shown as it was made.
  private var streamed = ""
  private var isStreaming = false
  private var wrap = StreamWrap()

  init(interpreter: Interpreter, terminal: Terminal, access: FileAccess, environment: [String: String]) {
    self.interpreter = interpreter
    self.terminal = terminal
    self.access = access
    folders = UserFolders(environment: environment)
    undoBudget = ByteCount.parse(environment["LUTHIER_UNDO"]) ?? min(1 << 30, PhysicalMemory.bytes / 8)
    interpreter.host = self
    grant()
  }

  private func grant() {
    access.lendTerminal = lendTerminal
    interpreter.services.add(access)
  }

  // MARK: running

  /// Runs one statement and keeps it. What it shows goes to the terminal and into its record.
  ///
  /// - Returns: what it showed, as it is kept.
  /// - Throws: what the interpreter throws; the session is as before then.
  @discardableResult
  func run(_ statement: Statement, of program: Program) throws -> [StyledText] {
    printed = []
    streamed = ""
    let written = access.filesWritten.count
    let started = Self.now()
    defer {
      lastDuration = Self.now() - started
      clearBar()
      terminal.flush()
    }
    let result = try interpreter.run(statement, in: program.source)
    clearBar()
    var shown: [StyledText] = []
    if result.isShown, let value = result.value { shown = show(value) }
    for name in result.assigned {
      if case .object(let object)? = interpreter.value(of: name), let remark = object.remark(name: name) {
        note(remark)
      }
    }
    let source = CallEditing.text(of: statement, in: program.source, edits: result.argumentEdits)
    let saved = SavedStatement(
      cell: cell, comments: (pendingComments + statement.comments).filter { !ScriptHeader.isHeader($0[...]) },
      source: source, trailingComment: statement.trailingComment, givesValue: statement.isExpression,
      isSilent: statement.isSilent, printed: printed, shown: shown)
    pendingComments = []
    entries.append(
      Entry(saved: saved, record: result.undo, filesWritten: Array(access.filesWritten.dropFirst(written))))
    undone = []
    if access.scriptDirectory != journalledFolder {
      writeDown(.beside(directory: access.scriptDirectory ?? ""))
      journalledFolder = access.scriptDirectory
    }
    writeDown(.ran(cell: cell, source: saved.text))
    if statement.isExpression, let value = result.value { interpreter.define("_\(cell)", value) }
    return saved.output
  }

  /// Writes into the journal, and says the first time that the disk takes no more.
  private func writeDown(_ record: Journal.Record) {
    guard let journal else { return }
    let wasBehind = journal.isBehind
    journal.append(record)
    guard journal.isBehind, !wasBehind else { return }
    terminal.write("the session's journal can't be written (disk full?): a crash loses what follows", .warning)
  }

  /// The plan of what a statement would begin; the session stays as it is.
  func plan(_ statement: Statement, of program: Program) throws -> Value {
    defer {
      printed = []
      clearBar()
      terminal.flush()
    }
    return try interpreter.plan(statement, in: program.source)
  }

  /// Shows a value on the terminal in the room it has, and gives it as at 77 columns.
  private func show(_ value: Value) -> [StyledText] {
    let kept = value.display(.full, in: .standard)
    // A value never repeats what came as it was made.
    if case .string(let text) = value, !text.isEmpty, text.trimmingSpaces() == streamed.trimmingSpaces() { return kept }
    if !isQuiet, !streamed.isEmpty, case .object(let object) = value,
      let rest = object.display(afterStreaming: streamed, in: terminal.frame)
    {
      terminal.write(rest)
      return kept
    }
    if !isQuiet { terminal.write(terminal.frame == .standard ? kept : value.display(.full, in: terminal.frame)) }
    return kept
  }

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  // MARK: what the interpreter tells

  func show(_ lines: [StyledText]) {
    clearBar()
    printed += lines
    if !isQuiet { terminal.write(lines) }
  }

  func note(_ text: String) {
    clearBar()
    let line = StyledText(text, .faint)
    printed.append(line)
    guard !isQuiet else { return }
    // A terminal would break it within a word.
    let width = terminal.columns
    let isLong = terminal.isTerminal && TextWidth.of(text) > width
    terminal.write(isLong ? HelpText.wrapped(text, width: width).map { StyledText($0, .faint) } : [line])
  }

  func progress(_ progress: Progress) {
    guard terminal.isTerminal else { return }
    let width = min(77, terminal.columns - 1)
    let wasShown = bar.isShown
    guard let line = bar.line(for: progress, now: Self.now(), width: width, unicode: terminal.looks.unicode) else {
      return
    }
    terminal.writeRaw((wasShown ? "\r" : "") + line + "\u{1b}[K")
  }

  func beginStream() {
    clearBar()
    streamed = ""
  }

  func stream(_ text: String) {
    guard terminal.isTerminal, !isQuiet else { return }
    clearBar(endsStream: false)
    streamed += text
    isStreaming = true
    terminal.writeRaw(wrap.add(text, columns: terminal.columns))
  }

  func confirm(_ question: String) throws -> Bool {
    clearBar()
    return try asker?(question) ?? false
  }

  func help(forMissing name: String) -> String? {
    undone.contains { $0.record?.gives(name) ?? false } ? ":undo took it back; :redo brings it again" : nil
  }

  private func clearBar(endsStream: Bool = true) {
    if bar.isShown { terminal.writeRaw("\r\u{1b}[K") }
    bar.cleared()
    if endsStream, isStreaming {
      isStreaming = false
      wrap = StreamWrap()
      terminal.writeRaw("\n")
    }
  }

  // MARK: taking back

  /// What `undo` or `redo` did.
  struct Change {
    var cell: Int
    /// The statements, in the order in which they were made.
    var statements: [Entry]
    /// Things with identity whose state it put back.
    var changed: [any LanguageObject] {
      var objects: [any LanguageObject] = []
      for object in statements.flatMap({ $0.record?.changedObjects ?? [] })
      where !objects.contains(where: { $0 === object }) { objects.append(object) }
      return objects
    }
  }

  /// Takes back the last cell that stands; nil where there is none or its old state was given up.
  ///
  /// - Throws: ``ShellError/nothing(_:)`` where something it changed can't be put back; the statements before it then stand.
  func undo() throws -> Change? {
    guard let cell = entries.last?.saved.cell else { return nil }
    let start = (entries.lastIndex { $0.saved.cell != cell } ?? -1) + 1
    guard entries[start...].allSatisfy({ $0.record != nil }) else { return nil }
    var taken: [Entry] = []
    while entries.count > start, var entry = entries.last, let record = entry.record {
      entry.record = try takenBack(record, "cell \(cell) was not taken back")
      entries.removeLast()
      writeDown(.undid)
      taken.append(entry)
      undone.append(entry)
    }
    interpreter.forget("_\(cell)")
    return Change(cell: cell, statements: taken.reversed())
  }

  /// Brings back the cell that was taken back last.
  ///
  /// - Throws: as ``undo()``.
  func redo() throws -> Change? {
    guard let cell = undone.last?.saved.cell else { return nil }
    var brought: [Entry] = []
    while var entry = undone.last, entry.saved.cell == cell, let record = entry.record {
      entry.record = try takenBack(record, "cell \(cell) was not brought back")
      undone.removeLast()
      writeDown(.redid)
      if entry.saved.givesValue, let value = interpreter.value(of: "_") { interpreter.define("_\(cell)", value) }
      brought.append(entry)
      entries.append(entry)
    }
    return brought.isEmpty ? nil : Change(cell: cell, statements: brought)
  }

  private func takenBack(_ record: UndoRecord, _ failure: String) throws -> UndoRecord {
    do { return try interpreter.takeBack(record) } catch { throw ShellError.nothing("\(failure): \(error)") }
  }

  /// Gives up the oldest old states until what they alone hold fits the budget.
  ///
  /// - Returns: the last cell that can't be taken back any more, if that has just changed.
  func keepWithinBudget() -> Int? {
    let sizes = entries.map { $0.record?.heldBytes ?? 0 }
    var total = sizes.reduce(0, +)
    guard total > undoBudget else { return nil }
    var dropped: Int?
    for place in entries.indices where total > undoBudget {
      guard entries[place].record != nil else { continue }
      entries[place].record = nil
      total -= sizes[place]
      dropped = entries[place].saved.cell
    }
    return dropped
  }

  /// Forgets how to take back the last statement: used where nobody can take anything back.
  func forgetRecord() {
    if !entries.isEmpty { entries[entries.count - 1].record = nil }
  }
}
