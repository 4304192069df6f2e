/// What can go wrong with a pretrained model: its configuration, its weights, or what it is given.
package enum TransformerError: Error, CustomStringConvertible, Equatable {
  case unknownArchitecture(modelType: String, known: [String], nearest: String?)
  case missingField(field: String, modelType: String)
  case invalidField(field: String, got: String, expected: String)
  case missingFile(folder: String, file: String, help: String)
  /// A sequence longer than the model has positions for.
  case tooLong(tokens: Int, limit: Int)
  /// An id outside the model's tables; `table` says which.
  case idOutOfRange(table: String, id: Int, count: Int)
  case badInput(field: String, expected: String, got: String)
  case noHead(operation: String, model: String, help: String)
  case unsupportedHead(head: String, modelType: String, supported: [String])
  case noMatch(pattern: String, available: [String])
  case notSaved(folder: String, reason: String)

  package var description: String {
    switch self {
    case .unknownArchitecture(let type, let known, let nearest):
      let hint = nearest.map { "; did you mean \"\($0)\"? Known are" } ?? "; known are"
      return "config.json: model_type \"\(type)\" is not known\(hint) \(known.joined(separator: ", "))"
    case .missingField(let field, let type):
      return "config.json: \(field) is missing, which \(type) needs"
    case .invalidField(let field, let got, let expected):
      return "config.json: \(field) is \(got), expected \(expected)"
    case .missingFile(let folder, let file, let help):
      return "\(folder): no \(file)\(help.isEmpty ? "" : "; " + help)"
    case .tooLong(let tokens, let limit):
      return "a text of \(tokens) tokens is longer than the model's \(limit) positions"
    case .idOutOfRange(let table, let id, let count):
      return "\(table): id \(id) is out of range: the model has \(count), 0 to \(count - 1)"
    case .badInput(let field, let expected, let got):
      return "\(field): expected \(expected), got \(got)"
    case .noHead(let operation, let model, let help):
      return "\(operation): \(model) has no head for it; \(help)"
    case .unsupportedHead(let head, let type, let supported):
      return "\(type) has no head for \(head); it has heads for \(supported.joined(separator: ", "))"
    case .noMatch(let pattern, let available):
      return "no parameter matches \"\(pattern)\"; there are \(available.joined(separator: ", "))"
    case .notSaved(let folder, let reason):
      return "\(folder) was not saved: \(reason)"
    }
  }
}
