/// Everything that can go wrong in the language.
package enum LanguageError: Error, CustomStringConvertible {
  /// A message with, where known, its place in the source.
  case failure(Diagnostic)
  /// Ctrl-C.
  case interrupted
  /// The text isn't complete: more lines may follow.
  case incomplete(Diagnostic)

  /// A failure without a place; the interpreter adds it.
  package static func message(_ text: String, help: String? = nil) -> LanguageError {
    .failure(Diagnostic(text, help: help))
  }

  static func tooDeep(what: String, limit: Int) -> LanguageError {
    .message("\(what) can stand at most \(limit) deep inside one another")
  }

  static func tooLarge(what: String) -> LanguageError {
    .message(
      "\(what) hold at most \(Numbers.grouped(Limits.valueSize)) values, those of lists inside them counted each time")
  }

  package var description: String {
    switch self {
    case .failure(let diagnostic), .incomplete(let diagnostic): return diagnostic.message
    case .interrupted: return "interrupted"
    }
  }

  package var diagnostic: Diagnostic {
    switch self {
    case .failure(let diagnostic), .incomplete(let diagnostic): return diagnostic
    case .interrupted: return Diagnostic("interrupted")
    }
  }
}
