import CLineEditor
import Foundation
import Language

/// Standard output and error as the shell uses them: plain text in a pipe, colours and a moving bar on a terminal.
final class Terminal {
  /// What `:set` changes: how things look, never what they are.
  struct Looks: Equatable {
    var colour: Bool
    var unicode: Bool
    /// Columns of a display where the terminal has them.
    var width = 77
    /// Lines of a display.
    var height = 20
  }

  let isTerminal: Bool
  /// Whether a person types: standard input is a terminal too.
  let isInteractive: Bool
  var looks: Looks
  /// Whether writing failed, as when the reader of a pipe has gone.
  private(set) var isBroken = false
  private var buffer: [UInt8] = []

  init(environment: [String: String], localeIsUTF8: Bool) {
    let terminal = isatty(STDOUT_FILENO) == 1
    isTerminal = terminal
    isInteractive = terminal && isatty(STDIN_FILENO) == 1
    let mayColour = terminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    looks = Looks(colour: mayColour, unicode: localeIsUTF8)
  }

  /// Columns of the terminal; 80 where there is none.
  var columns: Int {
    var columns: CInt = 0
    var rows: CInt = 0
    return luthier_terminal_size(STDOUT_FILENO, &columns, &rows) ? Int(columns) : 80
  }

  /// The room a display has here.
  var frame: DisplayFrame {
    DisplayFrame(width: min(looks.width, max(20, columns - 3)), height: looks.height, unicode: looks.unicode)
  }

  // MARK: writing

  func write(_ line: StyledText) {
    buffer += Array(rendered(line).utf8)
    buffer.append(10)
    if isTerminal || buffer.count > 1 << 15 { flush() }
  }

  func write(_ lines: [StyledText]) {
    for line in lines { write(line) }
  }

  /// A line of Luthier's own words.
  func write(_ text: String = "", _ style: TextStyle = .plain) { write(StyledText(text, style)) }

  /// Text as it is, escapes included: only for what Luthier itself makes.
  func writeRaw(_ text: String) {
    buffer += Array(text.utf8)
    flush()
  }

  /// Lines for standard error, such as what is wrong with a script.
  func writeError(_ lines: [StyledText]) {
    flush()
    var text = ""
    let colour = looks.colour && isatty(STDERR_FILENO) == 1
    for line in lines { text += Self.rendered(line, colour: colour) + "\n" }
    Self.writeAll(Array(text.utf8), to: STDERR_FILENO)
  }

  func flush() {
    guard let first = buffer.first else { return }
    // What comes next does not stand behind the ^C, unless it goes to the start of the line itself.
    if isTerminal, luthier_interrupt_shown(), first != 10, first != 13 { buffer.insert(10, at: 0) }
    if !isBroken, !Self.writeAll(buffer, to: STDOUT_FILENO) { isBroken = true }
    buffer.removeAll(keepingCapacity: true)
  }

  @discardableResult
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return false
      }
      sent += count
    }
    return true
  }

  func rendered(_ line: StyledText) -> String { Self.rendered(line, colour: looks.colour) }

  /// The line with the escapes for its styles, or without any.
  static func rendered(_ line: StyledText, colour: Bool) -> String {
    guard colour else { return line.plain }
    return line.spans.reduce(into: "") { text, span in
      let code = code(of: span.style)
      text += code.isEmpty ? span.text : "\u{1b}[\(code)m\(span.text)\u{1b}[0m"
    }
  }

  /// The parameters of the escape that begins a style.
  static func code(of style: TextStyle) -> String {
    switch style {
    case .plain, .number: ""
    case .heading: "1"
    case .name: "36"
    case .string: "32"
    case .keyword: "35"
    case .faint: "2"
    case .accent: "1;34"
    case .good: "32"
    case .warning: "33"
    case .error: "1;31"
    }
  }
}
