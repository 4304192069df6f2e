/// What `help topic` and `?topic` show, all of it made from declarations and values.
package enum Help {
  /// - Parameter topic: a word (`fit`, or `fit all` for every parameter), a name or field of the session, `words`, or a
  ///   text to search for, in quotes or not.
  /// - Throws: ``LanguageError/failure`` where nothing is known of it.
  package static func lines(_ topic: String, _ interpreter: Interpreter) throws -> [StyledText] {
    let builtins = interpreter.builtins
    var text = topic.trimmed
    if text == "words" { return WordList.lines(builtins) }
    var whole = false
    if text.hasSuffix(" all") {
      let word = String(text.dropLast(4)).trimmed
      if builtins.contains(word) { (text, whole) = (word, true) }
    }
    if let value = value(at: text, interpreter) { return ValuePage.lines(text, value, in: builtins) }
    if builtins.contains(text) { return WordPage.lines(builtins[text], whole: whole) }
    if let page = try member(text, interpreter) { return page }
    if text.count > 1, let quote = text.first, quote == "\"" || quote == "'", text.last == quote {
      text = String(text.dropFirst().dropLast())
    }
    if let page = GrammarHelp.lines(text) { return page }
    let habits = HabitHelp.lines(text)
    var found = HelpSearch.lines(text, in: builtins) + habits
    let meant = mistyped(text, in: builtins)
    if habits.isEmpty, !found.isEmpty, !meant.isEmpty {
      found.insert(StyledText("  did you mean \(ValueType.orList(meant))?", .accent), at: 0)
    }
    if !found.isEmpty { return [StyledText("about “\(text)”", .heading)] + found }
    if ReservedWords.all.contains(text) {
      throw LanguageError.failure(Diagnostic("`\(text)` comes in a later version"))
    }
    let near = Nearest.question(text, in: builtins.names + interpreter.names)
    throw LanguageError.failure(Diagnostic("nothing is known about `\(text)`", help: near ?? "help words lists all"))
  }

  /// The page of a word behind a value, `df.head`; nil where nothing before the point has a value.
  private static func member(_ text: String, _ interpreter: Interpreter) throws -> [StyledText]? {
    guard let dot = text.lastIndex(of: "."), let owner = value(at: String(text[..<dot]), interpreter) else {
      return nil
    }
    let word = String(text[text.index(after: dot)...])
    let builtins = interpreter.builtins
    if builtins.contains(word) { return WordPage.lines(builtins[word], whole: false) }
    let known = Members.names(of: owner) + builtins.words(taking: owner)
    throw LanguageError.failure(
      Diagnostic("\(owner.kind.phrase) has neither a field nor a word \(word)", help: Nearest.question(word, in: known))
    )
  }

  /// Words one letter from a text that is no parameter's name: such a text is found inside others too, `fitt` in
  /// "fitted", and the word that was meant need not be among them.
  private static func mistyped(_ text: String, in builtins: BuiltinTable) -> [String] {
    guard (3...64).contains(text.utf8.count) else { return [] }
    let isParameter = builtins.names.contains { name in
      builtins[name].contains { form in form.parameters.contains { $0.name == text } }
    }
    if isParameter { return [] }
    return builtins.names.filter { Nearest.distance(Array(text.utf8), Array($0.utf8)) == 1 }
  }

  /// A name's value, or a field's of a name: nothing is run.
  private static func value(at path: String, _ interpreter: Interpreter) -> Value? {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, var value = interpreter.value(of: first) else { return nil }
    for part in parts.dropFirst() {
      guard let next = Members.field(atHand: part, of: value) else { return nil }
      value = next
    }
    return value
  }
}
