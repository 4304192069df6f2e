/// Makes what was copied from a screen, a lesson or a page ready to run: prompts at line starts go, output lines go.
package enum PastedText {
  /// - Parameter continuing: whether the text lands behind other text of the line, so that its first line is none.
  package static func cleaned(_ text: String, continuing: Bool = false) -> String {
    guard text.utf8.contains(10) else { return continuing ? text : withoutPrompt(text[...]).map(String.init) ?? text }
    var lines: [Substring] = []
    var first = continuing
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if first {
        first = false
        lines.append(line)
        continue
      }
      if isOutput(line) { continue }
      lines.append(withoutPrompt(line) ?? line)
    }
    while let last = lines.last, last.allSatisfy({ $0 == " " || $0 == "\t" }) { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Whether a line is output kept beside code: `#>`, `#~` or IPython's `Out[3]: `.
  static func isOutput(_ line: Substring) -> Bool {
    let rest = line.drop(while: { $0 == " " || $0 == "\t" })
    return rest.hasPrefix("#>") || rest.hasPrefix("#~") || behind("Out[", rest) != nil
  }

  /// The line behind `In [3]: ` or `Out[3]: `, whichever word is given; nil where it begins otherwise.
  private static func behind(_ word: String, _ line: Substring) -> Substring? {
    guard line.hasPrefix(word) else { return nil }
    let rest = line.dropFirst(word.count).drop(while: { $0.isASCII && $0.isNumber })
    guard rest.hasPrefix("]:") else { return nil }
    let code = rest.dropFirst(2)
    return code.first == " " ? code.dropFirst() : code
  }

  /// The line behind `3> `, `.. `, `>>> ` or IPython's `In [3]: `, or nil where it has no prompt.
  static func withoutPrompt(_ line: Substring) -> Substring? {
    var rest = line.drop(while: { $0 == " " })
    if let code = behind("In [", rest) { return code }
    let digits = rest.prefix(while: { $0.isASCII && $0.isNumber })
    if !digits.isEmpty {
      rest = rest.dropFirst(digits.count)
      guard rest.first == ">" else { return nil }
      rest = rest.dropFirst()
      guard rest.isEmpty || rest.first == " " else { return nil }
      return rest.dropFirst()
    }
    for prompt in [">>>", "...:", "...", ".."] where rest.hasPrefix(prompt) {
      let after = rest.dropFirst(prompt.count)
      if after.isEmpty { return after }
      if after.first == " " { return after.dropFirst() }
    }
    return nil
  }
}
