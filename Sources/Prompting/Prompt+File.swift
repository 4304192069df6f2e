/// Prompts kept in files:
///
/// ```
/// name: question
/// instruction: Say whether the review likes the film.
/// label negative: negative
/// label positive: positive | great
/// ---
/// Review: {text}
/// Sentiment: {label}
/// ```
///
/// What stands before the line `---` is settings; a file without that line is a template only. `\n` in an instruction
/// is a line break. The template's last line break is left out.
extension Prompt {
  package struct File: Equatable, Sendable {
    package var name: String?
    package var instruction = ""
    package var labels: [Label] = []
    package var template: String

    package init(template: String) { self.template = template }
  }

  /// - Parameter path: for errors.
  package static func read(_ text: String, path: String) throws -> File {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(Substring(line.last == "\r" ? line.dropLast() : line))
    }
    if lines.last == "" { lines.removeLast() }
    guard let rule = lines.firstIndex(of: "---") else { return File(template: lines.joined(separator: "\n")) }
    var file = File(template: lines[(rule + 1)...].joined(separator: "\n"))
    for (number, line) in lines[..<rule].enumerated() {
      let line = trimmed(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let colon = line.firstIndex(of: ":") else {
        throw PromptingError.file(path: path, line: number + 1, reason: "expected `key: value` before the line ---")
      }
      let key = trimmed(String(line[..<colon]))
      let value = trimmed(String(line[line.index(after: colon)...]))
      switch key {
      case "name": file.name = value
      case "instruction": file.instruction = unescaped(value)
      case _ where key.hasPrefix("label "):
        let words = value.split(separator: "|").map { trimmed(String($0)) }
        file.labels.append(Label(trimmed(String(key.dropFirst(6))), words))
      default:
        throw PromptingError.file(
          path: path, line: number + 1, reason: "\"\(key)\" is not known; there are name, instruction, label NAME")
      }
    }
    return file
  }

  /// The prompt as such a file.
  package var fileText: String {
    var lines: [String] = []
    if let name { lines.append("name: " + name) }
    if !instruction.isEmpty {
      lines.append(
        "instruction: " + instruction.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n"))
    }
    for label in labels { lines.append("label \(label.name): " + label.words.joined(separator: " | ")) }
    return (lines + ["---", template.source]).joined(separator: "\n") + "\n"
  }

  private static func trimmed(_ text: String) -> String {
    var part = Substring(text)
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return String(part)
  }

  private static func unescaped(_ text: String) -> String {
    text.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
  }
}
