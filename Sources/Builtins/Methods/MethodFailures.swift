import Language
import Training

extension Call {
  /// The error of a word on methods, at the argument that it is about: the one that its message begins with, or `name`.
  func failure(_ cause: TrainingError, at name: String? = nil) -> LanguageError {
    var text: String = cause.description
    let prefix: String = builtin.name + ": "
    if text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
    var help: String?
    if case .unknown(_, _, let wrong, let known) = cause { help = Nearest.question(wrong, in: known) }
    let first: Substring = text.prefix { $0 != " " && $0 != ":" }
    let own: Language.Parameter? = builtin.parameters.first { $0.name == first }
    return error(text, at: own?.name ?? name, help: help)
  }
}
