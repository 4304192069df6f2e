/// Changes to a prompt that a search tries, each with what it is called.
package enum TemplateEdits {
  /// Other instructions, before everything else.
  static func instructions(_ prompt: Prompt) -> [(edit: String, prompt: Prompt)] {
    let names = prompt.labels.map(\.name)
    let list = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    let texts = [
      "", "Answer with \(list).", "Decide: \(list)?", "Read the text and say whether it is \(list).",
      "Each text below is \(list).", "Choose the label that fits best: \(list).",
    ]
    return texts.compactMap { text in
      guard text != prompt.instruction else { return nil }
      let edit = text.isEmpty ? "no instruction" : "instruction: \(text)"
      return (try? Prompt(prompt.template, labels: prompt.labels, instruction: text)).map { (edit, $0) }
    }
  }

  /// Other separators, and other words that lead to the answer.
  static func templates(_ prompt: Prompt) -> [(edit: String, prompt: Prompt)] {
    let source = prompt.template.source
    let answer = prompt.template.isMasked ? "{mask}" : "{label}"
    var found: [(edit: String, source: String)] = []
    func add(_ edit: String, _ text: String) {
      if text != source, !found.contains(where: { $0.source == text }) { found.append((edit, text)) }
    }
    add("arrow before the answer", replacing(source, ": \(answer)", by: " -> \(answer)"))
    add("no colon before the answer", replacing(source, ": \(answer)", by: " \(answer)"))
    add(
      "colon before the answer",
      replacing(replacing(source, ": \(answer)", by: " \(answer)"), " \(answer)", by: ": \(answer)"))
    add(
      "answer on its own line",
      replacing(replacing(source, ": \(answer)", by: ":\n\(answer)"), " -> \(answer)", by: " ->\n\(answer)"))
    add("blank lines", replacing(replacing(source, "\n\n", by: "\n"), "\n", by: "\n\n"))
    add("no blank lines", replacing(source, "\n\n", by: "\n"))
    add("one line", replacing(replacing(source, "\n\n", by: "\n"), "\n", by: " "))
    if let field = prompt.template.fields.first {
      add("quotes", replacing(source, "{\(field)}", by: "\"{\(field)}\""))
    }
    // The last line, where it holds nothing of the row, gives way to another lead.
    let lines = source.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    var kept = lines
    if let last = kept.last, last.contains(answer),
      !prompt.template.fields.contains(where: { last.contains("{\($0)}") })
    {
      kept.removeLast()
    } else if let last = kept.last, let range = last.range(of: answer) {
      kept[kept.count - 1] = trimmedEnd(String(last[..<range.lowerBound]))
    }
    let end = prompt.template.isMasked ? "." : ""
    for lead in ["Answer:", "Label:", "Sentiment:", "It was", "This is", "In short, it is", "All in all:"] {
      add("lead: \(lead)", (kept + ["\(lead) \(answer)\(end)"]).joined(separator: "\n"))
    }
    return found.compactMap { edit, text in
      guard let template = try? Template(text) else { return nil }
      return (try? Prompt(template, labels: prompt.labels, instruction: prompt.instruction)).map { (edit, $0) }
    }
  }

  /// Other words for the labels: all the best ones at once, then one label after the other.
  ///
  /// - Parameter words: by label, likely words, the best first.
  static func labelWords(_ prompt: Prompt, _ words: [[String]]) -> [(edit: String, prompt: Prompt)] {
    guard words.count == prompt.labels.count else { return [] }
    var found: [(edit: String, prompt: Prompt)] = []
    func add(_ chosen: [[String]]) {
      let labels = zip(prompt.labels, chosen).map { Prompt.Label($0.name, $1) }
      guard labels != prompt.labels,
        let made = try? Prompt(prompt.template, labels: labels, instruction: prompt.instruction)
      else { return }
      found.append(("words: " + chosen.map { $0.joined(separator: "/") }.joined(separator: ", "), made))
    }
    let own = prompt.labels.map(\.words)
    for rank in 0..<3 {
      let row = words.map { rank < $0.count ? [$0[rank]] : [] }
      if row.allSatisfy({ !$0.isEmpty }) { add(row) }
    }
    add(words.map { Array($0.prefix(3)) })
    for label in words.indices {
      for word in words[label].prefix(3) {
        var row = own
        row[label] = [word]
        add(row)
        row[label] = own[label] + (own[label].contains(word) ? [] : [word])
        add(row)
      }
    }
    return found
  }

  private static func replacing(_ text: String, _ old: String, by new: String) -> String {
    text.replacing(old, with: new)
  }

  private static func trimmedEnd(_ text: String) -> String {
    var part = Substring(text)
    while part.last?.isWhitespace == true { part.removeLast() }
    return String(part)
  }
}
