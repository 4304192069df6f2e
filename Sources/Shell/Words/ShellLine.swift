/// A line that belongs to the shell and never enters a script.
package enum ShellLine: Equatable {
  /// `:name rest`.
  case command(String, String)
  /// `?x`, `help x`.
  case help(String)

  /// Reads a line typed where no statement is open; nil where it is the language's.
  package init?(_ line: String) {
    let text = line.trimmingSpaces()
    if text.hasPrefix(":") {
      let words = text.dropFirst()
      let name = words.prefix { $0 != " " && $0 != "\t" }
      self = .command(String(name), String(words.dropFirst(name.count)).trimmingSpaces())
      return
    }
    if text.hasPrefix("?") {
      self = .help(String(text.dropFirst()).trimmingSpaces())
      return
    }
    switch text {
    case "help": self = .help("")
    case "exit", "quit", "exit()", "quit()": self = .command("quit", "")
    case "clear": self = .command("clear", "")
    default:
      // `help fit`, `help words`, `help "learning rate"`; `help = 3` and `help(x)` are the language's.
      guard text.hasPrefix("help ") else { return nil }
      let rest = String(text.dropFirst(5)).trimmingSpaces()
      guard let first = rest.first, first.isLetter || "\"'_:".contains(first) else { return nil }
      self = .help(rest)
    }
  }
}

extension String {
  /// Without spaces and tabs at both ends.
  func trimmingSpaces() -> String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
