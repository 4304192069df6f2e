/// A template with the words of its labels.
package struct Prompt: Equatable, Sendable {
  /// A label, and the words that stand for it.
  package struct Label: Equatable, Sendable {
    package var name: String
    package var words: [String]

    package init(_ name: String, _ words: [String]) {
      self.name = name
      self.words = words
    }
  }

  package var name: String?
  package let template: Template
  package let labels: [Label]
  /// What stands once before the shots and the row.
  package let instruction: String

  /// - Throws: ``PromptingError/labels(_:help:)`` for labels that are missing, equal, or the beginning of another.
  package init(_ template: Template, labels: [Label], name: String? = nil, instruction: String = "") throws {
    self.template = template
    self.labels = labels
    self.name = name
    self.instruction = instruction
    try check()
  }

  private func check() throws {
    if labels.isEmpty { return }
    guard labels.count > 1 else {
      throw PromptingError.labels(
        "one label only, \"\(labels[0].name)\": there is nothing to choose",
        help: "give at least two: labels: {negative: \"bad\", positive: \"good\"}")
    }
    var owners: [(word: String, label: String)] = []
    for label in labels {
      guard !label.words.isEmpty else {
        throw PromptingError.labels("label \"\(label.name)\" has no word", help: "give it one, or a list")
      }
      for word in label.words {
        guard word.contains(where: { !$0.isWhitespace }) else {
          throw PromptingError.labels("label \"\(label.name)\" has an empty word", help: "give it a word to be scored")
        }
        if let other = owners.first(where: { $0.word.utf8.elementsEqual(word.utf8) }) {
          throw PromptingError.labels(
            "\"\(word)\" stands for both \"\(other.label)\" and \"\(label.name)\"",
            help: "give each label its own words")
        }
        owners.append((word, label.name))
      }
    }
    for one in owners {
      for other in owners where one.label != other.label && Prompt.begins(other.word, with: one.word) {
        throw PromptingError.labels(
          "the word \"\(one.word)\" of \"\(one.label)\" is the beginning of \"\(other.word)\" of \"\(other.label)\", "
            + "so it could never be less likely", help: "choose words of which none begins another")
      }
    }
  }

  /// Whether `longer` goes on after the whole words of `word`.
  private static func begins(_ longer: String, with word: String) -> Bool {
    guard longer.utf8.count > word.utf8.count, longer.hasPrefix(word) else { return false }
    let next = longer.dropFirst(word.count).first
    return next.map { !$0.isLetter && !$0.isNumber } ?? false
  }

  /// A prompt's words for a label, or an error that names the labels.
  package func label(named name: String) throws -> Int {
    if let place = labels.firstIndex(where: { $0.name == name }) { return place }
    if labels.isEmpty {
      throw PromptingError.labels(
        "the prompt has no labels to score, the rows have \"\(name)\"",
        help: "give each label its word: prompt(\"...\", labels: {\(name): \"...\", ...})")
    }
    throw PromptingError.labels(
      "the rows have the label \"\(name)\", the prompt \(labels.map { "\"\($0.name)\"" }.joined(separator: ", "))",
      help: "give it words: labels: {\(name): \"...\"}")
  }

  /// The same prompt under another name.
  package func named(_ name: String) -> Prompt {
    var copy = self
    copy.name = name
    return copy
  }

  // MARK: Filling

  /// What stands before the answer, the spaces right before it (which belong to the label's word), what stands after.
  package struct Filled: Equatable, Sendable {
    package var before: String
    package var gap: String
    package var after: String

    /// The whole text with a word for the answer.
    package func text(_ word: String) -> String { before + gap + word + after }
  }

  /// - Throws: ``PromptingError/unknownField(name:columns:nearest:)``.
  package func filled(_ row: PromptRow) throws -> Filled {
    var (before, after) = ("", "")
    var isBefore = true
    for piece in template.pieces {
      var text: String
      switch piece {
      case .text(let part): text = part
      case .field(let name):
        guard let cell = row[name] else {
          throw PromptingError.unknownField(name: name, columns: row.columns, nearest: nearest(name, in: row.columns))
        }
        text = cell
      case .label, .mask:
        isBefore = false
        text = ""
      }
      if isBefore { before += text } else { after += text }
    }
    var gap = ""
    while before.last == " " {
      before.removeLast()
      gap += " "
    }
    return Filled(before: before, gap: gap, after: after)
  }

  /// What stands before a row's own part: the instruction, then the shots with their labels, each followed by the
  /// separator.
  package func opening(_ shots: [PromptRow], separator: String) throws -> String {
    var text = instruction.isEmpty ? "" : instruction + separator
    for shot in shots {
      guard let label = shot.label else {
        throw PromptingError.data("a shot has no label", help: "take shots from rows that have one")
      }
      text += try filled(shot).text(labels[self.label(named: label)].words[0]) + separator
    }
    return text
  }

  /// The filled prompt without an answer, as the model is given it.
  ///
  /// - Parameter mask: how the mask shows itself.
  package func rendered(
    _ row: PromptRow, shots: [PromptRow] = [], separator: String = "\n\n", mask: String = "{mask}"
  ) throws -> String {
    let own = try filled(row)
    let opening = try opening(shots, separator: separator)
    return template.isMasked ? opening + own.text(mask) : opening + own.before
  }

  /// The columns a table lacks.
  package func check(columns: [String]) throws {
    for field in template.fields where !columns.contains(field) {
      throw PromptingError.unknownField(name: field, columns: columns, nearest: nearest(field, in: columns))
    }
  }
}

/// The column whose name differs least, if any is near.
private func nearest(_ name: String, in columns: [String]) -> String? {
  let wanted = Array(name.lowercased())
  func distance(_ other: String) -> Int {
    let letters = Array(other.lowercased())
    var row = Array(0...letters.count)
    for (i, a) in wanted.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in letters.enumerated() {
        let replaced = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[letters.count]
  }
  let best = columns.map { ($0, distance($0)) }.min { $0.1 < $1.1 }
  return best.flatMap { $0.1 <= max(2, name.count / 2) ? $0.0 : nil }
}
