import Language
import Training

extension Call {
  /// The error of a word, at the argument that it is about: the one that its message begins with, or `name`.
  ///
  /// - Parameter advice: what to do about it; nil for the nearest of the names that are known.
  func failure(_ cause: TrainingError, at name: String? = nil, help advice: String? = nil) -> LanguageError {
    var text: String = cause.description
    var operation: String = builtin.name
    var help: String? = advice
    switch cause {
    case .unknown(let own, _, let wrong, let known):
      operation = own
      help = advice ?? Nearest.question(wrong, in: known)
    case .invalidSetting(let own, _, _, _), .empty(let own, _): operation = own
    default: break
    }
    let prefix: String = operation + ": "
    if text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
    let first: Substring = text.prefix { $0 != " " && $0 != ":" }
    let own: Language.Parameter? = builtin.parameters.first { $0.name == first }
    return error(text, at: own?.name ?? name, help: help)
  }

  /// The place of a label among a model's.
  ///
  /// - Throws: ``LanguageError`` at an argument, with the nearest label, for one that the model lacks.
  func place(of label: String, among labels: [String], at name: String) throws -> Int {
    do { return try LabelSet(names: labels).indices(of: [label])[0] } catch let error as TrainingError {
      throw failure(error, at: name)
    }
  }
}
