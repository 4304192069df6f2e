/// Runs statements, one at a time: each succeeds, or leaves everything as it was.
///
/// Not thread-safe: one thread, preferably with a large stack (``BigStack``), owns it. Another may only request an
/// interruption.
package final class Interpreter: CallContext {
  package let builtins: BuiltinTable
  package var services: Services
  package let interruption: Interruption
  package weak var host: (any InterpreterHost)?

  /// Values by symbol: the session's names.
  private var globals: [Value?] = []
  /// For each symbol the statement that first changed it, so that its old value is recorded once.
  private var changedIn: [Int] = []
  private var statementNumber = 0
  private var record = UndoRecord(session: SessionState())
  private var session = SessionState()
  private var edits: [ArgumentEdit] = []
  var callDepth = 0
  var stackGuard = StackGuard()
  /// Things made by the running statement that nothing may be left to name.
  var madeNew = false
  /// While set, calls that can be planned give their plan; see ``plan(_:in:)``.
  var planning: Planning?

  package init(
    builtins: BuiltinTable, services: Services = Services(), interruption: Interruption = Interruption(),
    host: (any InterpreterHost)? = nil
  ) {
    self.builtins = builtins
    self.services = services
    self.interruption = interruption
    self.host = host
  }

  // MARK: statements

  /// Runs one top-level statement.
  ///
  /// - Throws: ``LanguageError/failure`` with the place in the source, or ``LanguageError/interrupted``. Names and
  ///   recorded objects then are as before; the host is told of an object that isn't.
  package func run(_ statement: Statement, in source: SourceText) throws -> StatementResult {
    begin()
    do {
      let value: Value? = try execute(topLevel: statement)
      if let value { set(.last, to: value) }
      remark(on: value)
      var shown = false
      if let value, !value.isNothing, !statement.isSilent { shown = true }
      return StatementResult(
        value: value, isShown: shown, undo: record, argumentEdits: edits, assigned: record.names)
    } catch {
      abandon(record)
      throw located(error, in: source)
    }
  }

  private func begin() {
    if !stackGuard.isForThisThread { stackGuard = StackGuard() }
    statementNumber += 1
    record = UndoRecord(session: session)
    edits = []
    callDepth = 0
    madeNew = false
  }

  private func located(_ error: any Error, in source: SourceText) -> any Error {
    guard case LanguageError.failure(var diagnostic) = error else { return error }
    if diagnostic.source == nil { diagnostic.source = source }
    diagnostic.correctLine()
    return LanguageError.failure(diagnostic)
  }

  /// Puts back what a statement changed, and returns what brings it forth again.
  ///
  /// - Throws: what a thing that can't be put back throws; everything is then as it was.
  @discardableResult
  package func takeBack(_ record: UndoRecord) throws -> UndoRecord {
    var forward = UndoRecord(session: session)
    do {
      for state in record.objects.reversed() {
        let now = state.object.snapshot()
        try state.before.restore()
        if let now { forward.objects.append(UndoRecord.ObjectState(object: state.object, before: now)) }
      }
    } catch {
      for state in forward.objects.reversed() { try? state.before.restore() }
      throw error
    }
    forward.bindings = putBack(record)
    return forward
  }

  /// Puts back names and the session's own state, and returns what the names stood for.
  private func putBack(_ record: UndoRecord) -> [(Symbol, Value?)] {
    var replaced: [(Symbol, Value?)] = []
    for (symbol, value) in record.bindings.reversed() {
      replaced.append((symbol, global(symbol)))
      grow(to: symbol)
      globals[symbol.id] = value
    }
    session = record.session
    return replaced.reversed()
  }

  /// Puts back what a statement that failed has changed; a thing that can't be put back is said.
  private func abandon(_ record: UndoRecord) {
    _ = putBack(record)
    for state in record.objects.reversed() {
      do { try state.before.restore() } catch {
        let name = names(of: state.object).first ?? state.object.kind.phrase
        host?.note("\(name) stays as the statement left it: \(error)")
      }
    }
  }

  // MARK: names

  private func grow(to symbol: Symbol) {
    guard symbol.id >= globals.count else { return }
    let missing: Int = symbol.id + 64 - globals.count
    globals.append(contentsOf: repeatElement(nil, count: missing))
    changedIn.append(contentsOf: repeatElement(0, count: missing))
  }

  @inline(__always)
  func global(_ symbol: Symbol) -> Value? { symbol.id < globals.count ? globals[symbol.id] : nil }

  func set(_ symbol: Symbol, to value: Value?) {
    if symbol.id >= globals.count { grow(to: symbol) }
    if changedIn[symbol.id] != statementNumber {
      changedIn[symbol.id] = statementNumber
      record.bindings.append((symbol, globals[symbol.id]))
    }
    globals[symbol.id] = value
  }

  /// Takes a session name's value out for a moment, so that it may be changed in place; only where it is recorded.
  func takeGlobal(_ symbol: Symbol) -> Value? {
    guard symbol.id < globals.count, changedIn[symbol.id] == statementNumber else { return nil }
    var value: Value?
    swap(&value, &globals[symbol.id])
    return value
  }

  /// Gives a name a value from outside (arguments of a script, `_3`), beyond undo.
  package func define(_ name: String, _ value: Value) {
    let symbol = Symbol(name)
    grow(to: symbol)
    globals[symbol.id] = value
  }

  /// Takes a name away.
  package func forget(_ name: String) {
    let symbol = Symbol(name)
    if symbol.id < globals.count { globals[symbol.id] = nil }
  }

  package func value(of name: String) -> Value? { global(Symbol(name)) }

  /// The user's names, sorted; `_` and `_3` left out.
  package var names: [String] {
    globals.indices.compactMap { globals[$0] == nil ? nil : Symbol(id: $0).text }.filter { !isCellName($0) }.sorted()
  }

  private func isCellName(_ name: String) -> Bool {
    name.first == "_" && name.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// The names under which a thing with identity is known.
  package func names(of object: any LanguageObject) -> [String] {
    names.filter { name in
      if case .object(let other)? = value(of: name) { return other === object }
      return false
    }
  }

  private func remark(on value: Value?) {
    guard madeNew, case .object(let object)? = value, object.hasIdentity, names(of: object).isEmpty else { return }
    host?.note("\(object.kind.phrase) without a name: keep it with  name = _")
  }

  // MARK: what calls see

  package var sessionSeed: Int {
    get { session.seed }
    set { session.seed = newValue }
  }

  package func successes(of word: String) -> Int { session.successes[word] ?? 0 }
  package func countSuccess(of word: String) { session.successes[word, default: 0] += 1 }

  package func willChange(_ object: any LanguageObject) {
    guard !record.objects.contains(where: { $0.object === object }), let before = object.snapshot() else { return }
    record.objects.append(UndoRecord.ObjectState(object: object, before: before))
  }

  package func replaceArgument(_ label: String, with value: Value, inCallAt range: SourceRange?) {
    guard let range else { return }
    edits.append(ArgumentEdit(call: range, label: label, value: value.sourceText ?? "none"))
  }

  package func takeFirst(_ count: Int, ofArgumentAt argument: SourceRange, inCallAt range: SourceRange?) {
    guard let range else { return }
    edits.append(ArgumentEdit(call: range, label: "", value: "[:\(count)]", argument: argument))
  }

  package func apply(_ op: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    op.isComparison ? try compare(op, left, right) : try Arithmetic.apply(op, left, right)
  }
}
