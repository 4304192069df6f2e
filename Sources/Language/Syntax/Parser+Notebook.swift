/// Lines of IPython and Jupyter: magics, commands of the system, questions. What they do is done by lines of the shell.
extension Parser {
  /// What magics are here; empty where only `says` helps.
  private static let magics: [(names: Set<String>, ours: String, says: String)] = [
    (["time", "timeit"], ":time", ""),
    (["who", "whos", "who_ls"], ":vars", ""),
    (["history", "hist", "recall"], ":history", ""),
    (["cd"], ":cd", ""),
    (["ls", "ll", "dir"], ":ls", ""),
    (["run"], ":run", ""),
    (["edit"], ":edit", ""),
    (["save"], ":save", ""),
    (["pwd"], "", "`:info` shows the folders, `:ls` what is in this one"),
    (["paste", "cpaste"], "", "what is pasted runs as it is, prompts and all"),
    (["reset"], "", "`:undo` takes back"),
    (["matplotlib"], "", "`plot(run)` draws by itself"),
    (["pip", "conda"], "", "there is nothing to install"),
  ]

  /// `%timeit x`, `!ls` at the start of a statement.
  mutating func notebookLine() -> LanguageError? {
    let here: Token = token
    var name: Token = following()
    let isMagic: Bool = here.kind == .sign(.percent)
    guard isMagic || here.kind == .invalid && source.text(here.range) == "!" else { return nil }
    let isWholeCell: Bool = isMagic && name.kind == .sign(.percent)
    if isWholeCell { name = following(2) }
    guard name.kind == .name, !name.hasSpaceBefore else { return nil }
    let range: SourceRange = here.range.union(name.range)
    let known = Self.magics.first { $0.names.contains(name.text) }
    guard isMagic || known != nil else { return nil }
    guard let known, !known.ours.isEmpty else {
      return failure(
        "there are no lines with `\(source.text(here.range))`", at: range,
        help: known?.says ?? "`:help` shows the lines of the shell")
    }
    let rest: String = source.text(
      SourceRange(name.range.end, source.lineRange(source.line(at: here.range.start)).end)
    ).trimmed
    let line: String = rest.isEmpty ? known.ours : "\(known.ours) \(rest)"
    return failure(
      "`\(source.text(range))` is `\(known.ours)` here", at: range,
      help: isWholeCell ? "it stands before one line: `\(known.ours) f(x)`" : nil, corrected: isWholeCell ? nil : line)
  }

  /// `:plan`, `?fit`, `help fit` at the start of a statement: the shell takes such lines before they come here, so this
  /// one stands in a script or in an open block.
  mutating func shellLine() -> LanguageError? {
    let here: Token = token
    let next: Token = following()
    let sign: String = source.text(here.range)
    let isLine: Bool
    switch here.kind {
    case .sign(.colon): isLine = next.kind == .name && !next.hasSpaceBefore
    case .invalid: isLine = sign == "?" && next.kind == .name
    case .name: isLine = sign == "help" && (next.kind == .name || next.kind == .string) && next.hasSpaceBefore
    default: isLine = false
    }
    guard isLine else { return nil }
    let range: SourceRange = here.range.union(next.range)
    return failure(
      "`\(source.text(range))` is for the shell's prompt", at: range,
      help: "open the shell with `luthier` and type it there: a script holds statements only")
  }

  /// `x?` after a name or a field.
  mutating func question(after statement: Statement?) -> LanguageError? {
    let here: Token = token
    guard here.kind == .invalid, source.text(here.range) == "?", let statement,
      case .expression(let expression) = statement.node
    else { return nil }
    switch expression.node {
    case .name, .field: break
    default: return nil
    }
    return failure(
      "`?` stands before what is asked about", at: here.range, corrected: "?\(source.text(expression.range))")
  }
}
