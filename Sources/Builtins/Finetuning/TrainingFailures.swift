import Language
import Training

extension Call {
  /// The error of a word, at the argument that it is about: the one that its message begins with, or `name`.
  func failure(_ cause: TrainingError, at name: String? = nil) -> LanguageError {
    var text: String = cause.description
    var operation: String = builtin.name
    var help: String?
    switch cause {
    case .unknown(let own, _, let wrong, let known):
      operation = own
      help = Nearest.question(wrong, in: known)
    case .invalidSetting(let own, _, _, _): operation = own
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
