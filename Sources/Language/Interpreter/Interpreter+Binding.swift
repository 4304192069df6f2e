/// Arguments brought to parameters.
extension Interpreter {
  // MARK: builtins

  func bind(_ form: Builtin, _ given: GivenArguments, _ range: SourceRange?) throws -> Call {
    var values: [String: Value] = [:]
    var ranges: [String: SourceRange] = [:]
    var rest: [Value] = []
    var labels: [(String, Value)] = []
    let positional: [Parameter] = form.parameters.filter { $0.role == .positional }
    let restParameter: Parameter? = form.parameters.first { $0.role == .rest }
    let labelsParameter: Parameter? = form.parameters.first { $0.role == .labels }
    var next = 0
    for item in given.items {
      if let label = item.label {
        if let parameter = form.parameters.first(where: {
          $0.name == label && ($0.role == .positional || $0.role == .named)
        }) {
          if values[label] != nil { throw doubled(form, label, item) }
          values[label] = try accept(item, parameter, form)
          ranges[label] = item.range
        } else if let labelsParameter {
          labels.append((label, try accept(item, labelsParameter, form, shownAs: label)))
          ranges[label] = item.range
        } else {
          throw unknown(label: label, item, form)
        }
      } else if next < positional.count {
        let parameter: Parameter = positional[next]
        next += 1
        if values[parameter.name] != nil { throw doubled(form, parameter.name, item) }
        values[parameter.name] = try accept(item, parameter, form)
        ranges[parameter.name] = item.range
      } else if let restParameter {
        rest.append(try accept(item, restParameter, form))
      } else {
        throw tooMany(form, positional.count, item)
      }
    }
    for parameter in form.parameters where parameter.isRequired && values[parameter.name] == nil {
      throw missing(parameter, form, range)
    }
    return Call(
      form, values: values, rest: rest, labels: labels, ranges: ranges, range: range,
      receiverName: given.receiverName, context: self)
  }

  private func accept(
    _ item: GivenArguments.Item, _ parameter: Parameter, _ form: Builtin, shownAs name: String? = nil
  ) throws -> Value {
    if let value = parameter.type.accept(item.value) { return value }
    if item.value.isNothing, let value = parameter.defaultValue { return value.isNothing ? .nothing : value }
    let name: String = name ?? parameter.name
    let got: String
    switch (parameter.type, item.value) {
    case (.choice, .string), (.either, .string), (.kind(.int), .float): got = item.value.inline(width: 30)
    default: got = describe(item.value)
    }
    var label: String? = "this is \(item.value.kind.phrase)"
    if case .choice = parameter.type, case .string = item.value { label = nil }  // the kind is right
    var help: String? = parameter.help.isEmpty ? nil : "\(name): \(parameter.help)"
    if case .choice(let words) = parameter.type, case .string(let text) = item.value,
      let near = Nearest.find(text, in: words).first
    {
      help = "did you mean \"\(near)\"?"
    }
    throw failure(
      "\(form.name): \(name) takes \(parameter.type.phrase), not \(got)", at: item.range, label: label,
      help: help)
  }

  /// A kind, with what a list holds.
  private func describe(_ value: Value) -> String {
    guard case .list(let list) = value, let first = list.elements.first else { return value.kind.phrase }
    let same: Bool = list.elements.allSatisfy { $0.kind == first.kind }
    return same ? ValueType.list(of: .kind(first.kind)).phrase : "a list of different kinds"
  }

  private func doubled(_ form: Builtin, _ name: String, _ item: GivenArguments.Item) -> LanguageError {
    failure("\(form.name): \(name) is given twice", at: item.labelRange ?? item.range)
  }

  private func missing(_ parameter: Parameter, _ form: Builtin, _ range: SourceRange?) -> LanguageError {
    let help: String = parameter.help.isEmpty ? Signature.line(form) : "\(parameter.name): \(parameter.help)"
    return failure(
      "\(form.name): \(parameter.name) is missing, \(parameter.type.phrase)", at: range, help: help)
  }

  private func tooMany(_ form: Builtin, _ count: Int, _ item: GivenArguments.Item) -> LanguageError {
    let named: [Parameter] = form.parameters.filter { $0.role == .named }
    let fitting: [String] = named.filter { $0.type.accept(item.value) != nil && $0.type != .any }.map(\.name)
    var help: String = Signature.line(form)
    if let first = fitting.first { help = "give it its label, `\(first):`" }
    let most: String = count == 0 ? "no arguments" : count == 1 ? "one argument" : "at most \(count) arguments"
    let unlabelled: String = named.isEmpty ? "" : " without label"
    let error: LanguageError = failure("\(form.name) takes \(most)\(unlabelled)", at: item.range, help: help)
    guard let first = fitting.first, let start = item.range?.start else { return error }
    return error.corrected(SourceRange(start, start), "\(first): ")
  }

  private func unknown(label: String, _ item: GivenArguments.Item, _ form: Builtin) -> LanguageError {
    let names: [String] = form.parameters.filter { $0.role == .positional || $0.role == .named }.map(\.name)
    if let ours = Habits.label(label, for: form), names.contains(ours) {
      return failure("\(form.name): `\(label):` is `\(ours):` here", at: item.labelRange)
        .corrected(item.labelRange, ours)
    }
    if let near = Nearest.find(label, in: names).first {
      return failure("\(form.name) has no `\(label):`", at: item.labelRange, help: "did you mean `\(near):`?")
        .corrected(item.labelRange, near)
    }
    if let reason = Habits.needless(label) {
      var error = Diagnostic("\(form.name) has no `\(label):`", at: item.labelRange, help: reason)
      error.rewritesHabits = true
      return .failure(error)
    }
    return failure("\(form.name) has no `\(label):`", at: item.labelRange, help: Signature.line(form))
  }

  // MARK: functions of the user

  func bind(
    _ closure: Closure, _ given: GivenArguments, into scope: Environment, _ range: SourceRange?
  ) throws {
    let parameters: [FunctionExpression.Parameter] = closure.function.parameters
    var next = 0
    for item in given.items {
      var slot: Int = next
      if let label = item.label {
        guard let found = parameters.firstIndex(where: { $0.symbol.text == label }) else {
          let names: [String] = parameters.map(\.symbol.text)
          let near: String? = Nearest.find(label, in: names).first.map { "did you mean `\($0):`?" }
          throw failure("\(name(of: closure)) has no `\(label):`", at: item.labelRange, help: near ?? form(of: closure))
        }
        slot = found
      } else {
        next += 1
      }
      guard slot < parameters.count else {
        let most: String =
          parameters.isEmpty ? "no arguments" : parameters.count == 1 ? "one argument" : "\(parameters.count) arguments"
        throw failure(
          "\(name(of: closure)) takes \(most), got \(given.items.count)", at: item.range ?? range,
          help: form(of: closure))
      }
      // Parameters are the first variables of the scope, in their order.
      if scope[slot] != nil {
        throw failure(
          "\(name(of: closure)): \(parameters[slot].symbol.text) is given twice", at: item.labelRange ?? item.range)
      }
      scope[slot] = item.value
    }
    for (slot, parameter) in parameters.enumerated() where scope[slot] == nil {
      guard let value = closure.defaults[slot] else {
        throw failure(
          "\(name(of: closure)): \(parameter.symbol.text) is missing", at: range, help: form(of: closure))
      }
      scope[slot] = value
    }
  }

  private func name(of closure: Closure) -> String { closure.function.name?.text ?? "this function" }

  private func form(of closure: Closure) -> String {
    let names: [String] = closure.function.parameters.map { parameter in
      parameter.symbol.text + (parameter.defaultValue.map { ": \(Printer.text($0))" } ?? "")
    }
    return "\(closure.function.name?.text ?? "")(\(names.joined(separator: ", ")))"
  }
}

extension LanguageError {
  /// Adds the line with other text at a range; the source is filled in when the error is shown.
  package func corrected(_ range: SourceRange?, _ text: String) -> LanguageError {
    guard case .failure(var diagnostic) = self, let range else { return self }
    diagnostic.replacement = Diagnostic.Replacement(range: range, text: text)
    return .failure(diagnostic)
  }
}
