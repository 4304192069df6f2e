import CPseudoTerminal
import Foundation
import Testing

/// A program running on a terminal of its own, typed at and read from as a person would.
final class PseudoTerminal {
  private(set) var screen: Screen
  /// Where the program runs.
  let folder: TemporaryFolder
  private let control: Int32
  private let process: pid_t
  private var ended: Int32?
  /// All that came out, escapes included.
  private(set) var output: [UInt8] = []
  /// How many lines the program had begun to read when a key was typed that ends one.
  private var linesBefore = 0

  /// Seconds until a wait counts as failed: long, as a loaded machine may take its time and a good run never waits for it.
  static let patience = 60.0

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(
    _ program: String, _ arguments: [String] = [], environment: [String: String], in folder: TemporaryFolder,
    columns: Int = 80, rows: Int = 24
  ) throws {
    self.folder = folder
    screen = Screen(columns: columns, rows: rows)
    let argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      for pointer in argv { free(pointer) }
      for pointer in envp { free(pointer) }
    }
    var child: pid_t = 0
    control = pseudo_terminal_start(program, argv, envp, folder.path, Int32(columns), Int32(rows), &child)
    guard control >= 0 else { throw Failure(description: "no pseudo-terminal for \(program)") }
    process = child
  }

  deinit {
    if ended == nil {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    close(control)
  }

  func type(_ text: String) {
    if text.contains("\r") || text.contains("\u{3}") {
      pump(milliseconds: 0)
      linesBefore = screen.linesBegun
    }
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(control, $0.baseAddress, min($0.count, 512)) }
      if count <= 0 { return }
      sent += count
      if sent < bytes.count { pump(milliseconds: 5) }
    }
  }

  /// Types a line and Enter.
  func enter(_ line: String) { type(line + "\r") }

  /// Types a line and Enter, and waits for the prompt of a cell.
  func run(_ line: String, to number: Int) throws {
    enter(line)
    try waitForPrompt(number)
  }

  /// Sends text as a terminal sends a paste.
  func paste(_ text: String) {
    type("\u{1b}[200~" + text.replacingOccurrences(of: "\n", with: "\r") + "\u{1b}[201~")
  }

  func resize(columns: Int, rows: Int) {
    pseudo_terminal_resize(control, Int32(columns), Int32(rows))
    screen.resize(columns: columns, rows: rows)
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Reads what comes within the time; false at the end.
  @discardableResult
  private func pump(milliseconds: Int32) -> Bool {
    var input = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
    guard poll(&input, 1, milliseconds) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = read(control, &buffer, buffer.count)
    guard count > 0 else { return false }
    output += buffer[..<count]
    screen.feed(Array(buffer[..<count]))
    return true
  }

  /// Waits until the screen satisfies a condition; throws what it shows instead when the time is over.
  func wait(_ what: String, seconds: Double = PseudoTerminal.patience, until condition: (Screen) -> Bool) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while !condition(screen) {
      let open = pump(milliseconds: 20)
      if condition(screen) { return }
      if !open || Date() > deadline {
        throw Failure(description: "waited for \(what); the screen shows:\n\(screen.text)")
      }
    }
  }

  /// Waits until a text stands somewhere on the screen.
  func wait(for text: String, seconds: Double = PseudoTerminal.patience) throws {
    try wait("“\(text)”", seconds: seconds) { $0.text.contains(text) }
  }

  /// Waits until a text stands in the line where the cursor is, as in the bar of what runs now.
  func waitForBar(_ text: String) throws { try wait("“\(text)” in a bar") { $0.cursor.line.contains(text) } }

  /// Waits until the cursor stands behind the prompt of a cell, and not that where the last Enter or Ctrl-C was typed.
  func waitForPrompt(_ number: Int, seconds: Double = PseudoTerminal.patience) throws {
    let prompt = "\(number)> "
    try wait("prompt \(number)", seconds: seconds) { screen in
      screen.linesBegun > linesBefore && screen.cursor.line.hasPrefix(prompt.dropLast())
        && screen.cursor.column >= prompt.count
    }
  }

  /// Waits for the end of the program and gives its exit code, or minus the signal that ended it.
  func waitForEnd(seconds: Double = PseudoTerminal.patience) throws -> Int32 {
    if let ended { return ended }
    let deadline = Date().addingTimeInterval(seconds)
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      if !pump(milliseconds: 20) { usleep(10_000) }
      if Date() > deadline { throw Failure(description: "still running; the screen shows:\n\(screen.text)") }
    }
    while pump(milliseconds: 10), !lastPumpWasEmpty {}
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    ended = code
    return code
  }

  /// Ctrl-D at the prompt, which ends the program well.
  func leave() throws {
    type("\u{4}")
    #expect(try waitForEnd() == 0)
  }

  /// Ends the program as a crash does.
  func crash() throws {
    signal(SIGKILL)
    #expect(try waitForEnd() == -SIGKILL)
  }

  private var lastPumpWasEmpty: Bool {
    var input = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, 0) <= 0
  }
}
