import CLineEditor
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
    guard directory != session.access.workingDirectory else { return }
    if enter(directory) {
      terminal.write("working in \(directory)", .faint)
    } else {
      terminal.write("can't work in \(directory) any more; still in \(session.access.workingDirectory)", .warning)
    }
  }

  /// Runs again what a crashed session had done, each statement where it ran.
  ///
  /// What fails, or comes after a statement that was stopped, waits at the prompt with all behind it; the journal is kept
  /// then, to be tried again.
  func recover(_ left: Journal.Left?) {
    guard let left else {
      terminal.write("There is nothing to recover: the last session ended well.", .faint)
      return
    }
    session.journal?.append(.recovering)
    let count = left.statements.count
    terminal.write("Recovering \(count) \(count == 1 ? "statement" : "statements").", .heading)
    for (place, statement) in left.statements.enumerated() {
      session.cell = statement.cell
      work(in: statement.directory)
      session.access.scriptDirectory = statement.beside
      let hasRun = runAgain(statement.source)
      session.access.scriptDirectory = nil
      if hasRun, !isStopped || place + 1 == count { continue }
      let rest = left.statements[(hasRun ? place + 1 : place)...]
      session.cell = rest.first?.cell ?? session.cell
      waiting = rest.map(\.source).joined(separator: "\n")
      unrecovered = (left.path, session.entries.count)
      if !luthier_hung_up() { session.journal?.append(.recovered) }
      terminal.write("the rest waits at the prompt; leave now and --recover tries it all again", .faint)
      return
    }
    session.cell = (left.statements.last?.cell ?? 0) + 1
    work(in: left.directory)
    session.journal?.append(.recovered)
    unlink(left.path)
  }

  /// Runs one statement of a journal, showing it and what goes wrong; whether nothing did.
  private func runAgain(_ text: String) -> Bool {
    switch Parser.parse(text) {
    case .failure(let diagnostic), .needsMore(let diagnostic):
      show(LanguageError.failure(diagnostic), source: SourceText(text))
      return false
    case .program(let program):
      for statement in program.statements {
        terminal.write(StyledText("\(session.cell)> ", .faint) + StyledText(firstLine(of: statement, in: program)))
        do { try session.run(statement, of: program) } catch {
          show(error, source: program.source)
          return false
        }
      }
      return true
    }
  }
}
