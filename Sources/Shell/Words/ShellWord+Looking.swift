import Files
import Foundation
import Language

extension ShellWord {
  static let help = ShellWord("help", "[word]", "These lines; with a word, what help says of it.") { shell, rest in
    guard rest.isEmpty else { return shell.terminal.write(try shell.help(rest)) }
    for word in ShellWord.all { shell.terminal.write(word.line.cut(to: shell.terminal.frame.width)) }
    shell.terminal.write("  ?x        what x is, or the page of a word; help words lists them", .faint)
  }

  static let ls = ShellWord("ls", "[folder]", "What a folder holds.") { shell, rest in
    let entries = try shell.session.access.list(rest.isEmpty ? "." : rest).filter { !$0.name.hasPrefix(".") }
    let names = entries.map { $0.name + ($0.isFolder ? "/" : "") }
    if names.isEmpty { shell.terminal.write("nothing here", .faint) }
    for line in Columns.lines(names, width: shell.terminal.frame.width) { shell.terminal.write(line) }
  }

  static let cd = ShellWord("cd", "[folder]", "Work in another folder.") { shell, rest in
    let access = shell.session.access
    let target = rest.isEmpty ? "~" : rest
    let path = access.resolve(target)
    guard access.isFolder(target), shell.enter(path) else {
      throw ShellError.failed(operation: "cd", path: target, reason: "no such folder")
    }
    shell.terminal.write(shell.session.access.workingDirectory)
  }

  static let vars = ShellWord("vars", "", "Your names and what they hold.") { shell, _ in
    let names = shell.interpreter.names
    if names.isEmpty { shell.terminal.write("no names yet", .faint) }
    let width = min(20, names.map { TextWidth.of($0) }.max() ?? 0)
    let kinds = names.map { shell.interpreter.value(of: $0)?.kind.name ?? "" }
    let kindWidth = min(14, kinds.map { TextWidth.of($0) }.max() ?? 0)
    for (name, kind) in zip(names, kinds) {
      guard let value = shell.interpreter.value(of: name) else { continue }
      var line = StyledText("  " + TextWidth.padded(name, to: width) + "  ", .name)
      line.append(TextWidth.padded(kind, to: kindWidth) + "  ", .faint)
      line += value.display(.line, in: shell.terminal.frame).first ?? StyledText()
      shell.terminal.write(line.cut(to: shell.terminal.frame.width))
    }
  }

  static let type = ShellWord("type", "expression", "What kind of value it is.") { shell, rest in
    guard !rest.isEmpty else { throw ShellError.usage(":type expression") }
    shell.terminal.write(try shell.valueOnly(of: rest).kind.phrase)
  }

  static let history = ShellWord("history", "[text]", "What you typed, or what of it holds a text.") {
    shell, rest in
    let all = shell.history.entries
    let fitting = rest.isEmpty ? all : all.filter { $0.contains(rest) && !$0.hasPrefix(":history") }
    if fitting.isEmpty { shell.terminal.write("nothing in the history", .faint) }
    for entry in fitting.suffix(20) {
      for (place, line) in entry.split(separator: "\n").enumerated() {
        let text = StyledText((place == 0 ? "  " : "  .. ") + line)
        shell.terminal.write(text.cut(to: shell.terminal.frame.width))
      }
    }
    if fitting.count > 20 { shell.terminal.write("… \(fitting.count - 20) older; Ctrl-R searches", .faint) }
  }

  static let time = ShellWord("time", "[statement]", "How long a statement takes, or the last one took.") {
    shell, rest in
    if !rest.isEmpty {
      let before = shell.session.entries.count
      shell.run(code: rest, remembering: false)
      guard shell.session.entries.count > before else { return }
    }
    shell.terminal.write(Numbers.duration(shell.session.lastDuration), .faint)
  }

  static let plan = ShellWord("plan", "fit call", "What a fit will take: memory, time and more.") {
    shell, rest in
    guard case .program(let program) = Parser.parse(rest), program.statements.count == 1,
      let statement = program.statements.first
    else { throw ShellError.usage(":plan model.fit(reviews, epochs: 3)") }
    shell.terminal.write(try shell.session.plan(statement, of: program).display(.full, in: shell.terminal.frame))
  }

  static let info = ShellWord("info", "", "Processor, threads, versions, folders.") { shell, _ in
    for (name, value) in SystemFacts.all(shell) {
      let line = StyledText("  " + TextWidth.padded(name, to: 14), .name) + StyledText(value)
      shell.terminal.write(line.cut(to: shell.terminal.frame.width))
    }
  }

  private static let settings = ":set colour on|off, unicode on|off, width 77, height 20"

  static let set = ShellWord("set", "[name value]", "How things look: colour, unicode, width, height.") {
    shell, rest in
    let words = rest.split(separator: " ").map(String.init)
    if words.count == 2 { try change(&shell.terminal.looks, words[0], words[1]) }
    guard words.isEmpty || words.count == 2 else { throw ShellError.usage(settings) }
    let looks = shell.terminal.looks
    shell.terminal.write(
      "colour \(looks.colour ? "on" : "off")   unicode \(looks.unicode ? "on" : "off")   width \(looks.width)   height \(looks.height)"
    )
  }

  private static func change(_ looks: inout Terminal.Looks, _ name: String, _ value: String) throws {
    switch (name, value) {
    case ("colour", "on"), ("color", "on"): looks.colour = true
    case ("colour", "off"), ("color", "off"): looks.colour = false
    case ("unicode", "on"): looks.unicode = true
    case ("unicode", "off"): looks.unicode = false
    case ("width", _):
      guard let width = Int(value), (40...500).contains(width) else { throw ShellError.usage(":set width 40 to 500") }
      looks.width = width
    case ("height", _):
      guard let height = Int(value), (5...500).contains(height) else { throw ShellError.usage(":set height 5 to 500") }
      looks.height = height
    default: throw ShellError.usage(settings)
    }
  }

  static let clear = ShellWord("clear", "", "Clear the screen.") { shell, _ in
    if shell.terminal.isTerminal { shell.terminal.writeRaw("\u{1b}[H\u{1b}[2J") }
  }

  static let quit = ShellWord("quit", "", "Leave (Ctrl-D does too).") { shell, _ in shell.leave() }
}

/// Names side by side, as a terminal lists files.
enum Columns {
  static func lines(_ names: [String], width: Int, rows limit: Int = 20) -> [String] {
    let shown = names.map { TextWidth.visible($0) }
    let widest = min(width, shown.map { TextWidth.of($0) }.max() ?? 0)
    let columns = max(1, (width + 2) / (widest + 2))
    let rows = (shown.count + columns - 1) / columns
    var lines: [String] = []
    for row in 0..<min(rows, limit) {
      var line = ""
      for column in 0..<columns {
        let place = column * rows + row
        guard place < shown.count else { break }
        if column > 0 { line += "  " }
        line += column + 1 < columns ? TextWidth.padded(shown[place], to: widest) : shown[place]
      }
      while line.last == " " { line.removeLast() }
      lines.append(TextWidth.cut(line, to: width))
    }
    if rows > limit {
      let missing = (0..<shown.count).filter { $0 % rows >= limit }.count
      lines.append("… \(missing) more")
    }
    return lines
  }
}
