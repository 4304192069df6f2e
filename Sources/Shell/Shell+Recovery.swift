import Foundation
import Language

extension Shell {
  private func firstLine(of statement: Statement, in program: Program) -> String {
    program.text(of: statement).split(separator: "\n").first.map(String.init) ?? ""
  }

  /// Runs again what a crashed session had done.
  func recover(_ left: Journal.Left?) {
    guard let left else {
      terminal.write("There is nothing to recover: the last session ended well.", .faint)
      return
    }
    if left.directory != session.access.workingDirectory {
      if chdir(left.directory) == 0 {
        session.access.workingDirectory = left.directory
        terminal.write("working in \(left.directory)", .faint)
      }
    }
    let count = left.statements.count
    terminal.write("Recovering \(count) \(count == 1 ? "statement" : "statements").", .heading)
    var failed = false
    for (place, statement) in left.statements.enumerated() {
      session.cell = statement.cell
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
    if !failed { session.cell = (left.statements.last?.cell ?? 0) + 1 }
    unlink(left.path)
  }
}
