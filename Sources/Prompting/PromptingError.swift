/// What can be wrong with a prompt, its labels, or what it is asked of.
package enum PromptingError: Error, CustomStringConvertible, Equatable {
  /// A template that can't be read; `place` counts characters from 0.
  case template(String, reason: String, help: String)
  case labels(String, help: String)
  case unknownField(name: String, columns: [String], nearest: String?)
  case model(String, help: String)
  case tooLong(prompt: String, row: Int, tokens: Int, limit: Int, shots: Int)
  case file(path: String, line: Int, reason: String)
  case data(String, help: String)
  case notReached

  package var description: String {
    switch self {
    case .template(let template, let reason, let help): "template \(Self.short(template)): \(reason); \(help)"
    case .labels(let reason, let help), .model(let reason, let help), .data(let reason, let help):
      help.isEmpty ? reason : "\(reason); \(help)"
    case .unknownField(let name, let columns, let nearest):
      "the template has the field {\(name)}, the rows have the columns \(columns.joined(separator: ", "))"
        + (nearest.map { "; did you mean {\($0)}?" } ?? "")
    case .tooLong(let prompt, let row, let tokens, let limit, let shots):
      "\(prompt), row \(row): \(tokens) tokens\(shots > 0 ? " with \(shots) shots" : ""), the model reads \(limit); "
        + (shots > 0 ? "take fewer shots, or shorter rows" : "shorten the template, or leave the row out")
    case .file(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .notReached: "nothing was reached"
    }
  }

  private static func short(_ text: String) -> String {
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    return "\"" + (line.count > 40 ? line.prefix(39) + "…" : line) + "\""
  }
}
