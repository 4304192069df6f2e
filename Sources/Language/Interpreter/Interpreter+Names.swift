/// Errors for names that mean nothing, with what they might have meant.
extension Interpreter {
  private func visible(_ scope: Environment?) -> [String] {
    var all: [String] = names + builtins.names
    var scope: Environment? = scope
    while let here = scope {
      all += here.function.locals.map(\.text)
      scope = here.parent
    }
    return all
  }

  private func later(_ name: String, at range: SourceRange) -> LanguageError {
    failure("`\(name)` comes in a later version", at: range, help: "`help words` lists the words there are")
  }

  private func fromElsewhere(_ habit: Habits.Habit, at range: SourceRange) -> LanguageError {
    let message: String =
      habit.ours.isEmpty ? "`\(habit.foreign)` isn't a word here" : "`\(habit.foreign)` is `\(habit.ours)` here"
    var error = Diagnostic(message, at: range, help: habit.says.isEmpty ? nil : habit.says)
    error.rewritesHabits = true
    return .failure(error)
  }

  /// A name that has no value.
  func unknown(name: String, _ scope: Environment?, at range: SourceRange) -> LanguageError {
    if name == "_" || name.first == "_" && name.dropFirst().allSatisfy(\.isNumber) {
      return failure("there is no value \(name) yet", at: range)
    }
    if let help = host?.help(forMissing: name) { return failure("`\(name)` has no value", at: range, help: help) }
    if let habit = Habits.name(name) { return fromElsewhere(habit, at: range) }
    if ReservedWords.all.contains(name) { return later(name, at: range) }
    if name.hasPrefix("AutoModel") || name.hasSuffix("Tokenizer"), let habit = Habits.name("AutoModel") {
      var error = Diagnostic("`\(name)` isn't a word here", at: range, help: habit.says)
      error.rewritesHabits = true
      return .failure(error)
    }
    let near: [String] = Nearest.find(name, in: visible(scope))
    let question: String? = near.isEmpty ? nil : "did you mean \(ValueType.orList(near))?"
    return failure("`\(name)` has no value", at: range, help: question).corrected(
      near.count == 1 ? range : nil, near.first ?? "")
  }

  /// A name that is called and isn't a word.
  func unknown(word name: String, callee: Expression, call: SourceRange, _ scope: Environment?) -> LanguageError {
    if let help = host?.help(forMissing: name) {
      return failure("there is no word `\(name)`", at: callee.range, help: help)
    }
    if let habit = Habits.call(name) { return fromElsewhere(habit, at: callee.range) }
    if ReservedWords.all.contains(name) { return later(name, at: callee.range) }
    let near: [String] = Nearest.find(name, in: visible(scope))
    let question: String? = near.isEmpty ? nil : "did you mean \(ValueType.orList(near))?"
    return failure("there is no word `\(name)`", at: callee.range, help: question)
      .corrected(near.count == 1 ? callee.range : nil, near.first ?? "")
  }

  /// `x.name` that x doesn't have.
  func unknown(field name: Expression.FieldName, of value: Value, _ range: SourceRange) -> LanguageError {
    let text: String = name.text
    let phrase: String = value.kind.phrase
    // What other libraries have as a field comes before the words: pandas' `t.text.str.lower()` doesn't mean `str(x)`.
    if let habit = Habits.fieldHabit(text), habit.place == .field {
      guard habit.ours.isEmpty else { return fromElsewhere(habit, at: name.range) }
      var error = Diagnostic("\(phrase) has no field \(text)", at: name.range, help: habit.says)
      error.rewritesHabits = true
      return .failure(error)
    }
    if builtins[text].contains(where: { $0.takesFirst(value) }) {
      return failure(
        "\(phrase) has no field \(text)", at: name.range, label: "a word needs its brackets", help: "write `.\(text)()`"
      )
      .corrected(name.range, "\(text)()")
    }
    if let habit = Habits.fieldHabit(text) { return fromElsewhere(habit, at: name.range) }
    let members: [String] = Members.names(of: value)
    if let near = Nearest.find(text, in: members).first {
      return failure("\(phrase) has no field \(text)", at: name.range, help: "did you mean \(near)?")
        .corrected(name.range, near)
    }
    let shown: String = members.prefix(12).joined(separator: ", ") + (members.count > 12 ? ", …" : "")
    return failure(
      "\(phrase) has no field \(text)", at: name.range, help: members.isEmpty ? nil : "it has \(shown)")
  }

  /// `x.name(...)` where neither a word takes x nor x has such a field.
  func unknown(method name: Expression.FieldName, of value: Value, _ object: Expression) -> LanguageError {
    let text: String = name.text
    let forms: [Builtin] = builtins[text]
    if !forms.isEmpty {
      if let habit = Habits.all.first(where: { $0.place == .method && $0.foreign == text }) {
        return fromElsewhere(habit, at: name.range)
      }
      var seen: Set<String> = []
      let taken: [String] = forms.compactMap { $0.parameters.first?.type.phrase }.filter { seen.insert($0).inserted }
      let phrase: String = taken.isEmpty ? "nothing before the point" : ValueType.orList(taken)
      return failure(
        "\(text) takes \(phrase), not \(value.kind.phrase)", at: object.range, label: "this is \(value.kind.phrase)",
        help: Habits.help(forWrong: value, to: text))
    }
    if let habit = Habits.method(text) { return fromElsewhere(habit, at: name.range) }
    if ReservedWords.all.contains(text) { return later(text, at: name.range) }
    let words: [String] = builtins.words(taking: value)
    let fields: [String] = Members.names(of: value)
    let near: [String] = Nearest.find(text, in: words + fields)
    let question: String? = near.isEmpty ? nil : "did you mean \(ValueType.orList(near))?"
    return failure("nothing called \(text) takes \(value.kind.phrase)", at: name.range, help: question)
      .corrected(near.count == 1 ? name.range : nil, near.first ?? "")
  }

  func notCallable(_ name: Expression.FieldName, _ field: Value, _ value: Value) -> LanguageError {
    failure(
      "\(name.text) of \(value.kind.phrase) is \(field.kind.phrase) and can't be called", at: name.range,
      help: "without brackets: `.\(name.text)`")
  }
}
