/// Answers Tab from the declarations of the words and the values of the session.
package struct CompletionEngine {
  package let interpreter: Interpreter
  /// File names that go on from a path begun.
  let paths: (String) -> [Completion]

  package init(_ interpreter: Interpreter, paths: @escaping (_ prefix: String) -> [Completion]) {
    self.interpreter = interpreter
    self.paths = paths
  }

  /// What can stand at the cursor, given all text before it.
  package func complete(_ before: String) -> CompletionList {
    let context = CompletionContext(
      before, lookUp: { interpreter.value(of: $0) }, returnKind: { interpreter.builtins[$0].first?.returns })
    let prefix = context.prefix
    switch context.place {
    case .nowhere: return CompletionList(prefix: prefix)
    case .start:
      let isEmpty = before.allSatisfy { $0 == " " || $0 == "\n" }
      return CompletionList(prefix: prefix, groups: isEmpty ? everything() : words(prefix)).narrowed()
    case .member(let guess): return CompletionList(prefix: prefix, groups: members(of: guess)).narrowed()
    case .argument(let call): return argument(call, prefix)
    case .argumentString(let call): return CompletionList(prefix: prefix, groups: strings(call, prefix)).narrowed()
    case .subscriptString(let guess):
      return CompletionList(prefix: prefix, groups: [.init("", keys(of: guess, prefix))]).narrowed()
    case .otherString: return CompletionList(prefix: prefix, groups: [.init("files", paths(prefix))]).narrowed()
    }
  }

  // MARK: words

  /// Names of the session, with what they hold.
  private var names: [Completion] {
    interpreter.names.map { name in
      let detail = interpreter.value(of: name)?.display(.inline, in: DisplayFrame(width: 40)).first?.plain ?? ""
      return Completion(name, detail: detail)
    }
  }

  private func completion(_ word: String) -> Completion {
    Completion(word, detail: interpreter.builtins[word].first?.summary ?? "")
  }

  /// For Tab on an empty line: the user's names, then the words by area.
  private func everything() -> [CompletionList.Group] {
    var groups = [CompletionList.Group("your names", names)]
    for area in Area.all {
      let words = interpreter.builtins.names.filter { interpreter.builtins[$0].first?.area == area }
      groups.append(.init(area.name, words.map(completion)))
    }
    return groups
  }

  private func words(_ prefix: String) -> [CompletionList.Group] {
    let keywords = prefix.isEmpty ? [] : Keyword.allCases.map { Completion($0.rawValue) }
    return [
      .init("your names", names), .init("words", interpreter.builtins.names.map(completion)), .init("", keywords),
    ]
  }

  // MARK: after a dot

  private func members(of guess: CompletionContext.Guess) -> [CompletionList.Group] {
    switch guess {
    case .unknown: return [.init("words", interpreter.builtins.names.map { Completion($0 + "(") })]
    case .kind(let kind): return [.init("words", words(on: kind).map { Completion($0 + "(") })]
    case .value(let value):
      let fields = Members.names(of: value).map { name in
        Completion(name, detail: detail(of: name, in: value))
      }
      let taking = interpreter.builtins.words(taking: value)
      let own = taking.filter { isMade($0, for: value.kind) }
      // Words that take anything are offered only where a kind has none of its own.
      return [.init("fields", fields), .init("words", (own.isEmpty ? taking : own).map { Completion($0 + "(") })]
    }
  }

  private func isMade(_ word: String, for kind: Kind) -> Bool {
    interpreter.builtins[word].contains { form in form.on.contains(kind) || form.parameters.first?.type == .kind(kind) }
  }

  private func words(on kind: Kind) -> [String] { interpreter.builtins.names.filter { isMade($0, for: kind) } }

  private func detail(of field: String, in value: Value) -> String {
    guard case .record(let record) = value, let found = record[field] else { return "" }
    return found.display(.inline, in: DisplayFrame(width: 40)).first?.plain ?? ""
  }

  // MARK: arguments

  /// The form of the word that a call means, by its first argument.
  private func form(of call: CompletionContext.CallPlace) -> Builtin? {
    let forms = interpreter.builtins[call.word]
    switch call.receiver ?? call.first {
    case .value(let value): return forms.first { $0.takesFirst(value) } ?? forms.first
    case .kind(let kind): return forms.first { $0.on.contains(kind) } ?? forms.first
    default: return forms.first
    }
  }

  /// The parameter that the argument at the cursor fills.
  private func parameter(_ call: CompletionContext.CallPlace, of form: Builtin) -> Parameter? {
    if let label = call.label { return form.parameters.first { $0.name == label } }
    let places = form.parameters.filter { $0.role == .positional || $0.role == .rest }
    let index = call.positionalCount + (call.receiver == nil ? 0 : 1)
    if places.indices.contains(index) { return places[index] }
    return places.last.flatMap { $0.role == .rest ? $0 : nil }
  }

  private func argument(_ call: CompletionContext.CallPlace, _ prefix: String) -> CompletionList {
    guard let form = form(of: call) else {
      return CompletionList(prefix: prefix, groups: words(prefix)).narrowed()
    }
    let parameter = parameter(call, of: form)
    var groups: [CompletionList.Group] = []
    if let parameter, prefix.isEmpty || call.label != nil { groups.append(.init("", values(of: parameter, call))) }
    if call.label == nil {
      let free = form.parameters.filter { $0.role == .named && !call.labels.contains($0.name) }
      groups.append(.init("arguments", free.map { Completion($0.name + ": ", detail: $0.help) }))
    }
    if !prefix.isEmpty || call.label == nil { groups += [.init("your names", names)] }
    if !prefix.isEmpty { groups += Array(words(prefix).dropFirst()) }
    let heading = StyledText(Signature.line(form), .faint)
    return CompletionList(heading: heading, prefix: prefix, groups: groups).narrowed()
  }

  /// Values an argument can have, as they are typed.
  private func values(of parameter: Parameter, _ call: CompletionContext.CallPlace) -> [Completion] {
    choices(of: parameter.type).map { Completion($0) }
      + strings(for: parameter, call, "").map { Completion("\"\($0.text)\"", detail: $0.detail) }
  }

  private func choices(of type: ValueType) -> [String] {
    switch type {
    case .kind(.bool): ["true", "false"]
    case .either(let types): types.flatMap(choices)
    default: []
    }
  }

  // MARK: strings

  private func strings(_ call: CompletionContext.CallPlace, _ prefix: String) -> [CompletionList.Group] {
    guard let form = form(of: call) else { return [.init("files", paths(prefix))] }
    guard let parameter = parameter(call, of: form) else { return [] }
    return [.init("", strings(for: parameter, call, prefix)), .init("files", files(parameter.type, prefix))]
  }

  /// Strings that fit a parameter: its choices, what the first argument knows, what the host knows.
  private func strings(
    for parameter: Parameter, _ call: CompletionContext.CallPlace, _ prefix: String
  ) -> [Completion] {
    var found = words(in: parameter.type).map { Completion($0) }
    if case .value(.object(let object)) = call.receiver ?? call.first ?? .unknown {
      found += object.stringCompletions(for: prefix, parameter: parameter)
    }
    if let host: ArgumentCompletions = interpreter.services.find() {
      found += host.source.completions(word: call.word, parameter: parameter.name, prefix: prefix)
    }
    return found
  }

  private func words(in type: ValueType) -> [String] {
    switch type {
    case .choice(let words): words
    case .either(let types): types.flatMap(words)
    case .list(let element), .record(let element): words(in: element)
    default: []
    }
  }

  private func files(_ type: ValueType, _ prefix: String) -> [Completion] {
    switch type {
    case .path: paths(prefix)
    case .either(let types): types.contains(.path) ? paths(prefix) : []
    case .list(let element): files(element, prefix)
    default: []
    }
  }

  /// Keys of a record, columns of a table, parameters of a model: what `x["` can go on with.
  private func keys(of guess: CompletionContext.Guess, _ prefix: String) -> [Completion] {
    guard case .value(let value) = guess else { return [] }
    switch value {
    case .record(let record): return record.keys.map { Completion($0.text) }
    case .object(let object):
      let known = object.stringCompletions(for: prefix, parameter: nil)
      return known.isEmpty ? object.fieldNames.map { Completion($0) } : known
    default: return []
    }
  }
}
