/// What can go wrong between documents and answers. Every case names the file as it was given.
package enum RetrievalError: Error, Equatable, CustomStringConvertible {
  /// A file that Luthier's index doesn't stand in; `reason` completes "because".
  case notAnIndex(path: String, reason: String)
  /// Made by a later Luthier.
  case newerSchema(path: String, version: Int, known: Int)
  /// Made with other features than those asked for; both recipes named.
  case otherModel(path: String, made: String, given: String)
  /// Another process writes and didn't end in time.
  case locked(path: String)
  case readOnly(path: String)
  case diskFull(path: String)
  /// Pages that don't fit together.
  case damaged(path: String, detail: String)
  /// The database said no for another reason.
  case database(path: String, detail: String)
  case badInput(field: String, expected: String, got: String)
  /// There is nothing to look through.
  case empty(path: String)
  /// Vectors are asked for and the index was opened without a model.
  case noModel(path: String, made: String)

  package var description: String {
    switch self {
    case .notAnIndex(let path, let reason): return "\"\(path)\" is not an index: \(reason)"
    case .newerSchema(let path, let version, let known):
      return "\"\(path)\" was written by a later Luthier (layout \(version), this one knows \(known))"
    case .otherModel(let path, let made, let given):
      return "\"\(path)\" was made with \(made), this is \(given): their vectors can't be compared"
    case .locked(let path): return "\"\(path)\" is being written by another process"
    case .readOnly(let path): return "\"\(path)\" can only be read"
    case .diskFull(let path): return "the disk is full: \"\(path)\" could not grow; what was added before stands"
    case .damaged(let path, let detail): return "\"\(path)\" is damaged: \(detail)"
    case .database(let path, let detail): return "\"\(path)\": \(detail)"
    case .badInput(let field, let expected, let got): return "\(field): expected \(expected), got \(got)"
    case .empty(let path): return "the index\(path.isEmpty ? "" : " \"\(path)\"") holds no documents"
    case .noModel(let path, let made):
      return "\"\(path)\" was opened without a model; its vectors were made with \(made)"
    }
  }
}
