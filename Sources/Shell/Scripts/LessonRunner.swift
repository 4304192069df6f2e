import Foundation
import Language

/// Goes through a script cell by cell: shows one, runs it at Enter.
struct LessonRunner {
  let shell: Shell
  let script: Script

  /// One cell: its groups of statements, the lines that are shown before it runs, and the comments behind its last
  /// output, which speak of what it showed.
  private struct Cell {
    var title: String
    var lines: [Substring]
    var statements: [Statement]
    var ending: [Substring]
  }

  /// Cells begin at `# %%`; a script without runs statement by statement.
  private var cells: [Cell] {
    let groups = script.groups
    let hasMarks = groups.contains { $0.title != nil }
    var starts: [Int] = []
    for (place, group) in groups.enumerated() where !hasMarks || group.beginsCell { starts.append(place) }
    var cells: [Cell] = []
    var nextLine = 0
    for (place, start) in starts.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] : groups.count
      let last = groups[end - 1]
      // Comments after the last statement belong to what they stand behind.
      var lastLine = max(last.lines.upperBound, last.outputs.upperBound)
      while lastLine < script.lines.count, script.lines[lastLine].hasPrefix("#"),
        !script.lines[lastLine].hasPrefix("# %%")
      {
        lastLine += 1
      }
      func shown(_ range: Range<Int>) -> [Substring] {
        script.lines[range].filter { !PastedText.isOutput($0) && !ScriptHeader.isHeader($0) }
      }
      cells.append(
        Cell(
          title: groups[start].title ?? "", lines: shown(nextLine..<last.lines.upperBound),
          statements: groups[start..<end].flatMap(\.statements), ending: shown(last.lines.upperBound..<lastLine)))
      nextLine = lastLine
    }
    return cells
  }

  func run() throws {
    let terminal = shell.terminal
    try ScriptRunner(session: shell.session).begin(script)
    let cells = cells
    for (place, cell) in cells.enumerated() {
      show(cell, "\(place + 1) of \(cells.count)")
      guard waitForEnter() else { return }
      shell.editor.beginWork()
      for (number, statement) in cell.statements.enumerated() {
        do {
          try shell.session.run(statement, of: script.program)
        } catch {
          shell.show(error, source: script.program.source)
          terminal.write("the lesson stops here; what ran stays", .faint)
          return
        }
        if shell.isStopped, number + 1 < cell.statements.count {
          terminal.write("stopped: the rest of the cell waits", .faint)
          guard waitForEnter() else { return }
          shell.editor.beginWork()
        }
      }
      write(cell.ending)
      shell.session.cell += 1
      if shell.exitCode != nil { return }
    }
    terminal.write("The lesson is over.", .faint)
  }

  private func show(_ cell: Cell, _ count: String) {
    let terminal = shell.terminal
    terminal.write()
    terminal.write(
      StyledText(cell.title.isEmpty ? count : cell.title, .heading)
        + StyledText(cell.title.isEmpty ? "" : "   \(count)", .faint))
    var lines = cell.lines[...].drop { $0.isEmpty }
    while lines.last?.isEmpty == true { lines.removeLast() }
    write(Array(lines))
  }

  /// Prose set to the width, code as it stands.
  private func write(_ lines: [Substring]) {
    let terminal = shell.terminal
    var code: [Substring] = []
    var prose: [String] = []
    func showProse() {
      for line in HelpText.wrapped(prose.joined(separator: " "), width: terminal.frame.width) { terminal.write(line) }
      prose = []
    }
    func showCode() {
      for line in SourceHighlight.lines(code.joined(separator: "\n")) where !code.isEmpty {
        terminal.write(StyledText("    ") + line)
      }
      code = []
    }
    for line in lines where !line.hasPrefix("# %%") {
      if line.hasPrefix("#") {
        showCode()
        let text = line.dropFirst()
        // What is indented further, a list or an empty line stands as it was written.
        if text.hasPrefix("  ") || text.hasPrefix(" - ") || text.allSatisfy({ $0 == " " }) {
          showProse()
          terminal.write(String(text.dropFirst()))
        } else {
          prose.append(String(text.drop { $0 == " " }))
        }
      } else {
        showProse()
        code.append(line)
      }
    }
    showProse()
    showCode()
  }

  /// Enter goes on; a line typed instead runs first; q or Ctrl-D leaves.
  private func waitForEnter() -> Bool {
    while true {
      switch shell.editor.read(prompt: "Enter runs it, q leaves: ") {
      case .end: return false
      case .interrupted: continue
      case .line(let text):
        let line = text.trimmingSpaces()
        if line.isEmpty { return true }
        if ["q", "quit", "exit", ":quit", ":q"].contains(line) { return false }
        shell.run(cell: text)
        if shell.exitCode != nil { return false }
      }
    }
  }
}
