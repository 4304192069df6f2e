import CLineEditor
import Files
import Foundation
import Language

/// Runs a whole script in a session: stops at the first error.
struct ScriptRunner {
  let session: Session

  /// How a script ended.
  enum Ending {
    case fine
    case failed(any Error, SourceText)
    case interrupted

    /// The program's exit code.
    var code: Int32 {
      switch self {
      case .fine: return Launch.ExitCode.fine
      case .interrupted: return Launch.ExitCode.interrupted
      case .failed(let error, _):
        if let error = error as? LanguageError {
          if case .interrupted = error { return Launch.ExitCode.interrupted }
          return error.diagnostic.isSyntax ? Launch.ExitCode.syntax : Launch.ExitCode.failed
        }
        return Launch.ExitCode.failed
      }
    }
  }

  /// The script's statements, or the first thing wrong with its text.
  static func parse(_ text: String, name: String) throws -> Script {
    let text = text.replacing("\r\n", with: "\n")
    let source = SourceText(text, name: name)
    switch Parser.parse(source) {
    case .program(let program): return Script(program, text: text)
    case .failure(let diagnostic): throw LanguageError.failure(diagnostic)
    case .needsMore(var diagnostic):
      diagnostic.isSyntax = true
      throw LanguageError.failure(diagnostic)
    }
  }

  /// Runs all statements. Those that succeeded stay in the session; at a terminal's script nothing is kept for undo.
  func run(_ script: Script, keepsUndo: Bool = false) -> Ending {
    for (place, statement) in script.program.statements.enumerated() {
      do {
        if place == 0 { try begin(script) }
        try runWhole(statement, of: script)
      } catch LanguageError.interrupted {
        return .interrupted
      } catch {
        return .failed(error, script.program.source)
      }
      if !keepsUndo { session.forgetRecord() }
      if session.terminal.isBroken { return .interrupted }
    }
    session.pendingComments += script.program.closingComments
    return .fine
  }

  /// Runs one statement. What comes after it was meant for the whole of what it does.
  ///
  /// - Throws: what the statement throws, and ``LanguageError/interrupted`` also where it succeeded with less than it should
  ///   have done, as an interrupted `fit` does.
  @discardableResult
  func runWhole(_ statement: Statement, of script: Script) throws -> [StyledText] {
    let shown = try session.run(statement, of: script.program)
    if luthier_interrupts() > 0 || luthier_hung_up() { throw LanguageError.interrupted }
    return shown
  }

  /// Takes over what the script's header says. A seed that isn't the session's is set by a statement, so that a session
  /// that is saved or recovered has it too.
  func begin(_ script: Script) throws {
    session.tolerance = max(session.tolerance, script.header.tolerance)
    guard let seed = script.header.seed, seed != session.interpreter.sessionSeed,
      case .program(let program) = Parser.parse("seed(\(seed))")
    else { return }
    for statement in program.statements { try session.run(statement, of: program) }
  }
}
