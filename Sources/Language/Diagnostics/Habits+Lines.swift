extension Habits {
  /// A line of another language as it is written here, as far as words go; nil where nothing changes.
  static func rewrite(_ line: String) -> String? {
    let source = SourceText(line)
    var tokens: [Token] = Scanner.scan(source).tokens.filter { $0.kind != .newline && $0.kind != .end }
    var pieces: [Piece] = []
    for (place, token) in tokens.enumerated() {
      let gap: String =
        place == 0
        ? source.text(SourceRange(0, token.range.start))
        : source.text(SourceRange(tokens[place - 1].range.end, token.range.start))
      pieces.append(Piece(gap: gap, text: source.text(token.range)))
    }
    let tail: String = source.text(SourceRange(tokens.last?.range.end ?? 0, source.bytes.count))
    tokens = []
    var rewriter = LineRewriter(pieces: pieces)
    rewriter.run()
    let result: String = rewriter.pieces.map { $0.gap + $0.text }.joined() + tail
    return rewriter.changed ? result : nil
  }

  struct Piece: Equatable {
    var gap: String
    var text: String
  }
}

/// Rules over the words of one line. Each looks for a few words in a row and puts ours in their place.
private struct LineRewriter {
  var pieces: [Habits.Piece]
  var changed = false

  private func text(_ place: Int) -> String { pieces.indices.contains(place) ? pieces[place].text : "" }

  private mutating func replace(_ range: Range<Int>, with texts: [String]) {
    let gap: String = pieces[range.lowerBound].gap
    var new: [Habits.Piece] = texts.map { Habits.Piece(gap: "", text: $0) }
    if !new.isEmpty { new[0].gap = gap }
    pieces.replaceSubrange(range, with: new)
    changed = true
  }

  /// The place after the bracket that closes the one at `open`.
  private func close(_ open: Int) -> Int? {
    var depth = 0
    for place in pieces.indices where place >= open {
      if ["(", "[", "{"].contains(text(place)) { depth += 1 }
      if [")", "]", "}"].contains(text(place)) {
        depth -= 1
        if depth == 0 { return place + 1 }
      }
    }
    return nil
  }

  mutating func run() {
    var place = 0
    while place < pieces.count {
      if !apply(at: place) { place += 1 }
    }
  }

  /// Whether a rule made a change here (and may be tried again).
  private mutating func apply(at place: Int) -> Bool {
    let (word, next) = (text(place), text(place + 1))
    let libraries: Set<String> = ["torch", "np", "numpy", "pd", "pandas", "F", "datasets", "transformers"]
    if libraries.contains(word), next == ".", text(place - 1) != "." {
      let after: String = pieces[place].gap
      pieces.removeSubrange(place...place + 1)
      if pieces.indices.contains(place) { pieces[place].gap = after }
      changed = true
      return true
    }
    if next == ".", text(place + 2) == "from_pretrained", word.first?.isUppercase == true {
      replace(place..<place + 3, with: [word.hasSuffix("Tokenizer") ? "tokenizer" : "load"])
      return true
    }
    if word == "LogisticRegression", next == "(", let end = close(place + 1), text(end) == ".", text(end + 1) == "fit",
      text(end + 2) == "("
    {
      replace(place..<end + 2, with: ["logistic_regression"])
      return true
    }
    if word == "get_peft_model", next == "(", let end = close(place + 1), end > place + 3 {
      replace(place..<end, with: [text(place + 2), ".", "add_lora", "()"])
      return true
    }
    if word == "." { return member(at: place, next) }
    if next == ":" || next == "=", text(place - 1) == "," || text(place - 1) == "(" { return label(at: place) }
    guard text(place - 1) != "." else { return false }
    let habit: Habits.Habit? = next == "(" ? Habits.call(word) : Habits.name(word)
    guard let habit, !habit.ours.isEmpty, habit.ours != word, next != ":" else { return false }
    replace(place..<place + 1, with: [habit.ours])
    return true
  }

  /// `.train()`, `.requires_grad = False`, `["label"].value_counts()`, `.startswith(...)`.
  private mutating func member(at place: Int, _ name: String) -> Bool {
    let isCall: Bool = text(place + 2) == "("
    let dropped: Set<String> = ["train", "eval", "to", "cuda", "cpu", "detach", "numpy"]
    if isCall, dropped.contains(name), place > 0, let end = close(place + 2) {
      replace(place..<end, with: [])
      return true
    }
    if name == "requires_grad", text(place + 2) == "=", place > 0 {
      let isTrue: Bool = text(place + 3).lowercased() == "true"
      replace(place..<min(pieces.count, place + 4), with: [".", isTrue ? "unfreeze" : "freeze", "()"])
      return true
    }
    if name == "value_counts", isCall, let end = close(place + 2) {
      if text(place - 1) == "]", text(place - 3) == "[" {
        replace(place - 3..<end, with: [".", "count", "(", text(place - 2), ")"])
        return true
      }
      if text(place - 2) == "." {
        replace(place - 2..<end, with: [".", "count", "(", "\"\(text(place - 1))\"", ")"])
        return true
      }
    }
    let habit: Habits.Habit? = isCall ? Habits.method(name) : Habits.fieldHabit(name)
    guard let habit, !habit.ours.isEmpty, habit.ours != name, habit.foreign == name else { return false }
    replace(place + 1..<place + 2, with: [habit.ours])
    return true
  }

  private mutating func label(at place: Int) -> Bool {
    let word: String = text(place)
    guard let habit = Habits.all.first(where: { $0.place == .label && $0.foreign == word }) else { return false }
    // Short words may be a user's own.
    guard word.utf8.count > 1 else { return false }
    replace(place..<place + 1, with: [habit.ours])
    return true
  }
}
