/// Arguments of a call with their values.
struct GivenArguments {
  struct Item {
    var label: String?
    var value: Value
    var range: SourceRange?
    var labelRange: SourceRange?
  }
  var items: [Item]
  /// What the user wrote as the first argument, where it is a plain name.
  var receiverName: String?

  var first: Value? { items.first.flatMap { $0.label == nil ? $0.value : nil } }
}

extension Interpreter {
  // MARK: f(x)

  func call(
    _ callee: Expression, _ arguments: [Expression.Argument], _ range: SourceRange, _ scope: Environment?
  ) throws -> Value {
    guard case .name(let symbol) = callee.node else {
      let target: Value = try evaluate(callee, scope)
      let given: GivenArguments = try evaluate(arguments, scope)
      return try call(value: target, given, range, what: { "this value" }, calleeRange: callee.range)
    }
    if let callable = findCallable(symbol, scope, where: isCallable) {
      let given: GivenArguments = try evaluate(arguments, scope)
      return try call(value: callable, given, range, what: { symbol.text }, calleeRange: callee.range)
    }
    let name: String = symbol.text
    guard builtins.contains(name) else {
      if let variable = try find(symbol, scope, at: callee.range) {
        var help: String?
        if case .object = variable { help = "`?\(name)` shows what can be done with it" }
        throw failure("\(name) is \(variable.kind.phrase) and can't be called", at: callee.range, help: help)
      }
      throw unknown(word: name, callee: callee, call: range, scope)
    }
    return try call(builtin: name, try evaluate(arguments, scope), range, callee.range)
  }

  func isCallable(_ value: Value) -> Bool {
    switch value {
    case .function: return true
    case .object(let object): return object.callForm != nil
    default: return false
    }
  }

  func evaluate(_ arguments: [Expression.Argument], _ scope: Environment?) throws -> GivenArguments {
    var items: [GivenArguments.Item] = []
    items.reserveCapacity(arguments.count + 1)
    for argument in arguments {
      let value: Value = try evaluate(argument.value, scope)
      items.append(
        GivenArguments.Item(
          label: argument.label, value: value, range: argument.value.range, labelRange: argument.labelRange))
    }
    var receiver: String?
    if let first = arguments.first, first.label == nil, case .name(let symbol) = first.value.node {
      receiver = symbol.text
    }
    return GivenArguments(items: items, receiverName: receiver)
  }

  func call(
    value target: Value, _ given: GivenArguments, _ range: SourceRange?, what: () -> String,
    calleeRange: SourceRange?
  ) throws -> Value {
    switch target {
    case .function(let function):
      switch function.body {
      case .builtin(let name): return try call(builtin: name, given, range, calleeRange)
      case .closure(let closure): return try call(closure, given, range)
      }
    case .object(let object):
      if let form = object.callForm {
        let call: Call = try bind(form, given, range)
        return try placed(range) { try object.call(call) }
      }
    default: break
    }
    throw failure("\(what()) is \(target.kind.phrase) and can't be called", at: calleeRange)
  }

  // MARK: x.f(y)

  func methodCall(
    _ object: Expression, _ name: Expression.FieldName, _ arguments: [Expression.Argument], _ range: SourceRange,
    _ scope: Environment?
  ) throws -> Value {
    let receiver: Value = try evaluate(object, scope)
    let function: Value? = findCallable(name.symbol, scope) { value in
      if case .function(let found) = value { return takesFirst(found, receiver) }
      return false
    }
    if let function {
      let given: GivenArguments = try with(receiver, object, arguments, scope)
      return try call(value: function, given, range, what: { name.text }, calleeRange: name.range)
    }
    if builtins[name.text].contains(where: { $0.takesFirst(receiver) }) {
      return try call(builtin: name.text, try with(receiver, object, arguments, scope), range, name.range)
    }
    if let field = try read(name, of: receiver) {
      guard isCallable(field) else { throw notCallable(name, field, receiver) }
      let given: GivenArguments = try evaluate(arguments, scope)
      return try call(value: field, given, range, what: { name.text }, calleeRange: name.range)
    }
    throw unknown(method: name, of: receiver, object)
  }

  private func with(
    _ receiver: Value, _ object: Expression, _ arguments: [Expression.Argument], _ scope: Environment?
  ) throws -> GivenArguments {
    var given: GivenArguments = try evaluate(arguments, scope)
    given.items.insert(
      GivenArguments.Item(label: nil, value: receiver, range: object.range, labelRange: nil), at: 0)
    given.receiverName = nil
    if case .name(let symbol) = object.node { given.receiverName = symbol.text }
    return given
  }

  private func takesFirst(_ function: FunctionValue, _ value: Value) -> Bool {
    switch function.body {
    case .builtin(let name): return builtins[name].contains { $0.takesFirst(value) }
    case .closure(let closure): return !closure.function.parameters.isEmpty
    }
  }

  // MARK: builtins

  func call(
    builtin name: String, _ given: GivenArguments, _ range: SourceRange?, _ nameRange: SourceRange?
  ) throws -> Value {
    let form: Builtin = try choose(form: name, given, nameRange ?? range)
    let call: Call = try bind(form, given, range)
    do {
      try interruption.check()
      if let planning, let plan = form.plan { return try planning.take(plan(call)) }
      let result: Value = try form.body(call)
      if form.makesNew { madeNew = true }
      return result
    } catch {
      throw Failures.placed(error, at: range, prefix: "\(name): ")
    }
  }

  /// The form made for the first argument's kind.
  private func choose(form name: String, _ given: GivenArguments, _ range: SourceRange?) throws -> Builtin {
    let forms: [Builtin] = builtins[name]
    guard let only = forms.first else { throw failure("no word \(name)", at: range) }
    if forms.count == 1 { return only }
    var first: GivenArguments.Item? = given.items.first
    if first?.label != nil {
      first = given.items.first { item in forms.contains { $0.parameters.first?.name == item.label } }
    }
    guard let first else {
      // Nothing given first: the form that needs nothing, else the first one says what is missing.
      if let form = forms.first(where: { $0.parameters.first?.isRequired != true }) { return form }
      throw failure("\(name): its first argument is missing, \(firstKinds(of: forms))", at: range, help: "?\(name)")
    }
    let fitting: [Builtin] = forms.filter { $0.takesFirst(first.value) }
    if let form = fitting.first(where: { $0.parameters.first?.type != .any }) ?? fitting.first { return form }
    throw failure(
      "\(name) takes \(firstKinds(of: forms)), not \(first.value.kind.phrase)", at: first.range ?? range,
      label: "this is \(first.value.kind.phrase)", help: Habits.help(forWrong: first.value, to: name))
  }

  /// What can stand first in a word's forms, as a phrase.
  private func firstKinds(of forms: [Builtin]) -> String {
    let taken: [String] = forms.compactMap { $0.parameters.first?.type.phrase }
    var seen: Set<String> = []
    return ValueType.orList(taken.filter { seen.insert($0).inserted })
  }

  // MARK: functions of the user

  func call(_ closure: Closure, _ given: GivenArguments, _ range: SourceRange?) throws -> Value {
    let function: FunctionExpression = closure.function
    let scope = Environment(function, parent: closure.environment)
    try bind(closure, given, into: scope, range)
    return try run(closure, scope, range)
  }

  private func run(_ closure: Closure, _ scope: Environment, _ range: SourceRange?) throws -> Value {
    let function: FunctionExpression = closure.function
    callDepth += 1
    defer { callDepth -= 1 }
    guard callDepth <= Limits.callDepth, !stackGuard.isExhausted else {
      throw failure(
        "functions call one another more than \(min(callDepth, Limits.callDepth)) deep", at: range,
        help: "a function that calls itself needs a case in which it doesn't")
    }
    try interruption.check()
    do {
      switch function.body {
      case .expression(let expression): return try evaluate(expression, scope)
      case .block(let block):
        switch try execute(block, scope) {
        case .normal(let value), .returned(let value): return value
        case .broke, .continued: return .nothing
        }
      }
    } catch let flow as ControlFlow {
      if case .returned(let value) = flow.outcome { return value }
      return .nothing
    } catch LanguageError.failure(var diagnostic) {
      if diagnostic.source == nil { diagnostic.source = function.source }
      if let range, diagnostic.calls.count < 20 {
        let name: String = function.name?.text ?? "->"
        diagnostic.calls.append(Diagnostic.CallSite(function: name, range: range, source: function.source))
      }
      throw LanguageError.failure(diagnostic)
    }
  }

  package func invoke(_ function: Value, _ arguments: [Value], at range: SourceRange?) throws -> Value {
    var arguments: [Value] = arguments
    if case .function(let value) = function, case .closure(let closure) = value.body {
      // `(a, b) -> e` takes a pair apart, as `for a, b in` does.
      let wanted: Int = closure.function.parameters.count
      if arguments.count == 1, wanted > 1, case .list(let pair) = arguments[0], pair.count == wanted {
        arguments = pair.elements
      }
    }
    let items: [GivenArguments.Item] = arguments.map { GivenArguments.Item(label: nil, value: $0) }
    let given = GivenArguments(items: items)
    return try call(value: function, given, range, what: { "this value" }, calleeRange: range)
  }
}
