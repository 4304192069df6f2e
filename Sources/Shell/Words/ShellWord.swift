import Language

/// A line that begins with `:`, declared once: for running, `:help` and completion.
struct ShellWord: Sendable {
  let name: String
  /// What may follow, as help shows it.
  let arguments: String
  let summary: String
  let run: @Sendable (Shell, String) throws -> Void

  init(
    _ name: String, _ arguments: String = "", _ summary: String, run: @escaping @Sendable (Shell, String) throws -> Void
  ) {
    self.name = name
    self.arguments = arguments
    self.summary = summary
    self.run = run
  }

  /// `  :undo     [cells]         Take back the last cell, training included.`
  var line: StyledText {
    var line = StyledText("  :" + TextWidth.padded(name, to: 9), .name)
    line.append(TextWidth.padded(arguments, to: 16), .faint)
    line.append(summary)
    return line
  }

  static let all: [ShellWord] = [
    help, lesson, ls, cd, vars, type, history, edit, watch, save, run, check, undo, redo, time, plan, info, set, clear,
    quit,
  ]

  /// The word of this name or, where it is the only one, beginning.
  static func find(_ name: String) throws -> ShellWord {
    if let exact = all.first(where: { $0.name == name }) { return exact }
    let beginning = all.filter { !name.isEmpty && $0.name.hasPrefix(name) }
    if beginning.count == 1 { return beginning[0] }
    if beginning.count > 1 { throw ShellError.severalCommands(name, beginning.map(\.name)) }
    throw ShellError.unknownCommand(name, nearest: Nearest.find(name, in: all.map(\.name), most: 1).first)
  }
}
