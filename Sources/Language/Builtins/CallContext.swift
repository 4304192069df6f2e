/// What a call sees of the interpreter that makes it.
package protocol CallContext: AnyObject {
  var services: Services { get }
  var interruption: Interruption { get }
  var host: (any InterpreterHost)? { get }
  /// The session's seed: what `seed(n)` set, 0 at the start.
  var sessionSeed: Int { get set }
  /// How often a word has succeeded in this session, for `rand` and `randn`. Taken back by a failed statement and undo.
  func successes(of word: String) -> Int
  func countSuccess(of word: String)
  /// Records the object's state before the running statement first changes it.
  func willChange(_ object: any LanguageObject)
  /// Calls a function or anything else that can be called.
  func invoke(_ function: Value, _ arguments: [Value], at range: SourceRange?) throws -> Value
  /// Applies an operator as source text would.
  func apply(_ operator: BinaryOperator, _ left: Value, _ right: Value) throws -> Value
  /// For saving: the call stopped early and replays with this argument instead.
  func replaceArgument(_ label: String, with value: Value, inCallAt range: SourceRange?)
  /// For saving: the call stopped early and replays with the first so many rows of an argument.
  func takeFirst(_ count: Int, ofArgumentAt argument: SourceRange, inCallAt range: SourceRange?)
  var builtins: BuiltinTable { get }
}
