/// What a shell line can't do.
enum ShellError: Error, CustomStringConvertible, Equatable {
  case usage(String)
  case unknownCommand(String, nearest: String?)
  case severalCommands(String, [String])
  case nothing(String)
  case failed(operation: String, path: String, reason: String)

  var description: String {
    switch self {
    case .usage(let text): "use it as  \(text)"
    case .unknownCommand(let name, let nearest):
      "there is no :\(name)" + (nearest.map { "; did you mean :\($0)?" } ?? "; :help lists what there is")
    case .severalCommands(let name, let all): ":\(name) could be " + all.map { ":" + $0 }.joined(separator: ", ")
    case .nothing(let text): text
    case .failed(let operation, let path, let reason): "\(operation) \(path): \(reason)"
    }
  }
}
