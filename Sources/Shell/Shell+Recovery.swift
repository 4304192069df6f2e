import Files
import Foundation
import Language

extension Shell {
  private func firstLine(of statement: Statement, in program: Program) -> String {
    program.text(of: statement).split(separator: "\n").first.map(String.init) ?? ""
  }

  /// Works in a folder from here on; false where it can't be entered.
  func enter(_ directory: String) -> Bool {
    guard chdir(directory) == 0 else { return false }
    session.access.workingDirectory = FileAccess().workingDirectory
    session.journal?.append(.moved(directory: session.access.workingDirectory))
    return true
  }

  private func work(in directory: String) {
    guard directory != session.access.workingDirectory, enter(directory) else { return }
    terminal.write("working in \(directory)", .faint)
  }

  /// Runs again what a crashed session had done, each statement where it ran.
  func recover(_ left: Journal.Left?) {
    guard let left else {
      terminal.write("There is nothing to recover: the last session ended well.", .faint)
      return
    }
    let count = left.statements.count
    terminal.write("Recovering \(count) \(count == 1 ? "statement" : "statements").", .heading)
    var failed = false
    for (place, statement) in left.statements.enumerated() {
      session.cell = statement.cell
      work(in: statement.directory)
      guard case .program(let program) = Parser.parse(statement.source) else { continue }
      for part in program.statements {
        terminal.write(StyledText("\(statement.cell)> ", .faint) + StyledText(firstLine(of: part, in: program)))
        do {
          try session.run(part, of: program)
        } catch {
          show(error, source: program.source)
          waiting = left.statements[place...].map(\.source).joined(separator: "\n")
          failed = true
        }
      }
      if failed { break }
    }
    if !failed {
      session.cell = (left.statements.last?.cell ?? 0) + 1
      work(in: left.directory)
    }
    unlink(left.path)
  }
}
