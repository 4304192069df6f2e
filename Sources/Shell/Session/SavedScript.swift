import Foundation
import Language

/// One statement that succeeded and stands, as it is saved.
package struct SavedStatement {
  /// The number of the prompt it was typed at; 0 where it came from a script that was run.
  var cell = 0
  /// Comment lines typed before it, `# %% Title` among them; "" for a blank line.
  var comments: [String] = []
  /// What replays it: as typed, with what an interruption changed.
  var source: String
  /// The comment at the end of its last line.
  var trailingComment: String?
  /// Whether its value became `_`.
  var givesValue = false
  /// Whether `;` kept it from showing itself.
  var isSilent = false
  /// What was printed and remarked while it ran.
  var printed: [StyledText] = []
  /// The display of its value.
  var shown: [StyledText] = []

  var output: [StyledText] { printed + shown }

  /// The statement with its comments, as it can be run again.
  var text: String {
    let lines = comments.filter { !$0.isEmpty } + [source + (isSilent ? ";" : "")]
    return lines.joined(separator: "\n") + (trailingComment.map { "  " + $0 } ?? "")
  }

  package init(
    cell: Int = 0, comments: [String] = [], source: String, trailingComment: String? = nil, givesValue: Bool = false,
    isSilent: Bool = false, printed: [StyledText] = [], shown: [StyledText] = []
  ) {
    self.cell = cell
    self.comments = comments
    self.source = source
    self.trailingComment = trailingComment
    self.givesValue = givesValue
    self.isSilent = isSilent
    self.printed = printed
    self.shown = shown
  }
}

/// Writes statements as a script that replays to the same output.
package struct SavedScript {
  var header: [String] = []
  var statements: [SavedStatement]
  /// Comment lines after the last statement.
  var closing: [String] = []
  /// Names that a new one must not be.
  var taken: Set<String> = []

  package init(
    header: [String] = [], statements: [SavedStatement], closing: [String] = [], taken: Set<String> = []
  ) {
    self.header = header
    self.statements = statements
    self.closing = closing
    self.taken = taken
  }

  package var text: String {
    let names = valueNames()
    var lines = header
    var previous: SavedStatement?
    for (place, statement) in statements.enumerated() {
      append(comments: statement.comments, startsCell: previous.map { $0.cell != statement.cell } ?? true, to: &lines)
      let source = replaced(statement.source, names: names, before: place)
      let trailing = statement.trailingComment.map { "  " + $0 } ?? ""
      let silence = statement.isSilent ? ";" : ""
      if let name = names[place] {
        lines += "\(name) = \(source)\(trailing)".split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init)
        lines += Script.kept(statement.printed.filter { !Self.isRemarkOnNamelessness($0) })
        if !statement.shown.isEmpty {
          lines.append(name)
          lines += Script.kept(statement.shown)
        }
      } else {
        lines += "\(source)\(silence)\(trailing)".split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init)
        lines += Script.kept(statement.output)
      }
      previous = statement
    }
    if !closing.isEmpty { append(comments: closing, startsCell: true, to: &lines) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The interpreter's remark on a result without a name, which the saved script gives one.
  private static func isRemarkOnNamelessness(_ line: StyledText) -> Bool {
    line.plain.hasSuffix("keep it with  name = _")
  }

  /// A blank line between cells, none at the top and never two.
  private func append(comments: [String], startsCell: Bool, to lines: inout [String]) {
    var comments = comments[...]
    while comments.first == "" { comments.removeFirst() }
    if startsCell || comments.contains(where: { $0.hasPrefix("# %%") }), let last = lines.last, !last.isEmpty {
      lines.append("")
    }
    lines += comments
  }

  // MARK: `_` and `_3`

  /// New names for the values that later statements read as `_` or `_3`, by place.
  private func valueNames() -> [Int: String] {
    var names: [Int: String] = [:]
    var taken = taken
    for place in statements.indices {
      for reference in references(in: statements[place].source) {
        guard let meant = meant(by: reference.name, before: place), names[meant] == nil else { continue }
        let base = "value_\(statements[meant].cell)"
        var name = base
        var count = 2
        while taken.contains(name) {
          name = "\(base)_\(count)"
          count += 1
        }
        taken.insert(name)
        names[meant] = name
      }
    }
    return names
  }

  /// The statement whose value a session name stands for.
  private func meant(by name: String, before place: Int) -> Int? {
    let cell = Int(name.dropFirst())
    return statements[..<place].lastIndex { $0.givesValue && (cell == nil || $0.cell == cell) }
  }

  private func references(in source: String) -> [NameReferences.Found] {
    guard source.utf8.contains(95), case .program(let program) = Parser.parse(source) else { return [] }
    return program.statements.flatMap { NameReferences.of($0) }
  }

  private func replaced(_ source: String, names: [Int: String], before place: Int) -> String {
    var bytes = Array(source.utf8)
    for reference in references(in: source).reversed() {
      guard let meant = meant(by: reference.name, before: place), let name = names[meant] else { continue }
      bytes.replaceSubrange(reference.range.start..<reference.range.end, with: Array(name.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
