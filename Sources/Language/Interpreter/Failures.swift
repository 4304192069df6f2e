/// Errors made in several places.
enum Failures {
  /// An error with a place: that of the innermost node that knows one. Errors of other targets become messages.
  static func placed(_ error: any Error, at range: SourceRange?, prefix: String = "") -> any Error {
    switch error {
    case is ControlFlow: return error
    case LanguageError.interrupted: return error
    case LanguageError.failure(var diagnostic):
      if diagnostic.range == nil {
        diagnostic.range = range
        if !prefix.isEmpty, !diagnostic.message.hasPrefix(prefix) { diagnostic.message = prefix + diagnostic.message }
      }
      return LanguageError.failure(diagnostic)
    case LanguageError.incomplete: return error
    case is CancellationError: return LanguageError.interrupted
    default:
      let text: String = "\(error)"
      return LanguageError.failure(Diagnostic(text.hasPrefix(prefix) ? text : prefix + text, at: range))
    }
  }

  static func assertion(_ message: String?, _ sides: String?, at range: SourceRange) -> LanguageError {
    let text: String = message.map { "assertion failed: \($0)" } ?? "assertion failed"
    return .failure(Diagnostic(text, at: range, label: sides))
  }
}

/// Search by bytes, as texts are compared.
package enum TextSearch {
  package static func contains(_ text: String, _ part: String) -> Bool { first(part, in: text) != nil }

  /// Byte offset of the first occurrence.
  package static func first(_ part: String, in text: String) -> Int? {
    let needle: [UInt8] = Array(part.utf8)
    guard let head = needle.first else { return 0 }
    let hay: [UInt8] = Array(text.utf8)
    guard hay.count >= needle.count else { return nil }
    var place = 0
    while place <= hay.count - needle.count {
      if hay[place] == head, hay[place..<place + needle.count].elementsEqual(needle) { return place }
      place += 1
    }
    return nil
  }
}
