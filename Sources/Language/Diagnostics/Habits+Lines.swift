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
    put(texts.map { Habits.Piece(gap: "", text: $0) }, in: range)
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
    if place == 0, question(word) { return true }
    if next == ".", text(place - 1) != ".", let end = libraryEnd(at: place) {
      let after: String = pieces[place].gap
      pieces.removeSubrange(place..<end)
      if pieces.indices.contains(place) { pieces[place].gap = after }
      changed = true
      return true
    }
    if next == ".", text(place + 2) == "from_pretrained", text(place + 3) == "(", word.first?.isUppercase == true {
      return fromPretrained(at: place, word)
    }
    if word == "LogisticRegression", next == "(", let end = close(place + 1) { return classifier(at: place, end) }
    if word == "get_peft_model", next == "(", let end = close(place + 1), end > place + 3 {
      replace(place..<end, with: [text(place + 2), ".", "add_lora", "()"])
      return true
    }
    // What is made a list there is one here, or is gone through as it is.
    if word == "list" || word == "tuple", next == "(", text(place - 1) != ".", let end = close(place + 1),
      end > place + 3, argumentEnd(place + 2) == end - 1
    {
      put(Array(pieces[place + 2..<end - 1]), in: place..<end)
      return true
    }
    if word == "." { return member(at: place, next) }
    if next == ":" || next == "=", text(place - 1) == "," || text(place - 1) == "(" { return label(at: place) }
    guard text(place - 1) != ".", text(place - 1) != "fn" else { return false }
    let habit: Habits.Habit? = next == "(" ? Habits.call(word) : Habits.name(word)
    guard let habit, !habit.ours.isEmpty, habit.ours != word, next != ":" else { return false }
    // Texts and labels that are split together are a table's here.
    if word == "train_test_split", hasSecondValue(place + 2) { return false }
    replace(place..<place + 1, with: [habit.ours])
    return true
  }

  /// A line that asks about a value, which is the shell's here: `help(x)`, `type(x)`.
  private mutating func question(_ word: String) -> Bool {
    guard text(1) == "(", close(1) == pieces.count else { return false }
    let inside: String = pieces[2..<pieces.count - 1].map { $0.gap + $0.text }.joined().trimmed
    switch word {
    case "help" where inside.isEmpty: replace(0..<pieces.count, with: ["help"])
    case "help" where pieces.count == 4 && inside.first?.isLetter == true:
      replace(0..<pieces.count, with: ["?\(inside)"])
    case "type" where !inside.isEmpty: replace(0..<pieces.count, with: [":type \(inside)"])
    default: return false
    }
    return true
  }

  /// Where `torch.`, `np.random.` and their like end, if what they stand before is a word here too.
  private func libraryEnd(at place: Int) -> Int? {
    let libraries: Set<String> = ["torch", "np", "numpy", "pd", "pandas", "F", "datasets", "transformers"]
    guard libraries.contains(text(place)) else { return nil }
    var end: Int = place + 2
    let parts: Set<String> = ["random", "linalg", "nn", "functional"]
    while parts.contains(text(end)), text(end + 1) == "." { end += 2 }
    let word: String = text(end)
    let isWord: Bool = ReservedWords.all.contains(word) || Habits.call(word).map { !$0.ours.isEmpty } ?? false
    return isWord || text(end + 2) == "from_pretrained" ? end : nil
  }

  /// `AutoModelForSequenceClassification.from_pretrained("x", num_labels=2)`: what is loaded and, where labels are
  /// counted, the head that is put on it.
  private mutating func fromPretrained(at place: Int, _ word: String) -> Bool {
    let ours: String = word.hasSuffix("Tokenizer") || word.hasSuffix("TokenizerFast") ? "tokenizer" : "load"
    guard let end = close(place + 3), end > place + 5 else {
      replace(place..<place + 3, with: [ours])
      return true
    }
    var new: [Habits.Piece] = made(ours, "(") + pieces[place + 4..<argumentEnd(place + 4)] + made(")")
    let heads: [String: String] = [
      "ForSequenceClassification": "for_sequence_classification", "ForTokenClassification": "for_token_classification",
    ]
    let counts: Int? = (place + 4..<end).first { text($0) == "num_labels" && [":", "="].contains(text($0 + 1)) }
    if let maker = heads.first(where: { word.hasSuffix($0.key) })?.value, let counts {
      var count: [Habits.Piece] = Array(pieces[counts + 2..<argumentEnd(counts + 2)])
      if !count.isEmpty { count[0].gap = " " }
      new += made(".", maker, "(", "labels", ":") + count + made(")")
    }
    put(new, in: place..<end)
    return true
  }

  /// `LogisticRegression(C=2).fit(x, y)` is one call here; one that isn't fitted yet shows where x and y stand.
  private mutating func classifier(at place: Int, _ end: Int) -> Bool {
    var settings: [Habits.Piece] = Array(pieces[place + 2..<end - 1])
    if !settings.isEmpty {
      settings[0].gap = " "
      settings = made(",") + settings
    }
    var data: [Habits.Piece] = made("x", ",") + [Habits.Piece(gap: " ", text: "y")]
    var last: Int = end
    if text(end) == ".", text(end + 1) == "fit", text(end + 2) == "(", let after = close(end + 2), after > end + 4 {
      data = Array(pieces[end + 3..<after - 1])
      last = after
    }
    put(made("logistic_regression", "(") + data + settings + made(")"), in: place..<last)
    return true
  }

  private func made(_ texts: String...) -> [Habits.Piece] { texts.map { Habits.Piece(gap: "", text: $0) } }

  /// Pieces in the place of others; the gap before them stays.
  private mutating func put(_ new: [Habits.Piece], in range: Range<Int>) {
    var new: [Habits.Piece] = new
    if !new.isEmpty { new[0].gap = pieces[range.lowerBound].gap }
    pieces.replaceSubrange(range, with: new)
    changed = true
  }

  /// The place of the comma or bracket that ends the argument that begins at a place.
  private func argumentEnd(_ start: Int) -> Int {
    var depth = 0
    for place in pieces.indices where place >= start {
      switch text(place) {
      case "(", "[", "{": depth += 1
      case ")", "]", "}":
        if depth == 0 { return place }
        depth -= 1
      case "," where depth == 0: return place
      default: break
      }
    }
    return pieces.count
  }

  /// Whether a call whose first argument begins at a place has another without a label.
  private func hasSecondValue(_ start: Int) -> Bool {
    let comma: Int = argumentEnd(start)
    return text(comma) == "," && ![":", "="].contains(text(comma + 2)) && text(comma + 1) != ")"
  }

  /// Whether a place stands in the brackets of a call, not in those of a list or record.
  private func isArgument(_ place: Int) -> Bool {
    var depth = 0
    for before in pieces[..<place].indices.reversed() {
      switch text(before) {
      case ")", "]", "}": depth += 1
      case "(", "[", "{":
        if depth == 0 { return text(before) == "(" }
        depth -= 1
      default: break
      }
    }
    return false
  }

  /// `.train()`, `.requires_grad = False`, `["label"].value_counts()`, `.startswith(...)`.
  private mutating func member(at place: Int, _ name: String) -> Bool {
    let isCall: Bool = text(place + 2) == "("
    let dropped: Set<String> = ["train", "eval", "to", "cuda", "cpu", "detach", "numpy"]
    if isCall, dropped.contains(name), place > 0, let end = close(place + 2) {
      replace(place..<end, with: [])
      return true
    }
    // Rows, by number or by a condition, and the text words of a column need nothing between.
    let isRows: Bool = (name == "iloc" || name == "loc") && text(place + 2) == "["
    if isRows || name == "str" && text(place + 2) == "." && text(place + 3) != "len" {
      replace(place..<place + 2, with: [])
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
    // Short words may be a user's own, and so may the keys of a record.
    guard word.utf8.count > 1, !Habits.shared.contains(word), isArgument(place) else { return false }
    guard let habit = Habits.all.first(where: { $0.place == .label && $0.foreign == word }) else { return false }
    if habit.ours.isEmpty {
      removeArgument(at: place)
    } else {
      replace(place..<place + 1, with: [habit.ours])
    }
    return true
  }

  /// Takes an argument away, and the comma before or after it.
  private mutating func removeArgument(at place: Int) {
    let end: Int = argumentEnd(place)
    if text(place - 1) == "," {
      pieces.removeSubrange(place - 1..<end)
    } else {
      pieces.removeSubrange(place..<(text(end) == "," ? end + 1 : end))
      if pieces.indices.contains(place) { pieces[place].gap = "" }
    }
    changed = true
  }
}
