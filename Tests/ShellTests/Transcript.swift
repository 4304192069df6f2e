import Builtins
import Files
import Foundation
import Language
import TestSupport
import Transformers

/// A session in memory whose screen is kept as text: statements behind a prompt, below each what it shows.
final class Transcript: InterpreterHost {
  let interpreter: Interpreter
  private(set) var text = ""
  private var cell = 0

  /// `tiny` is a small BERT of random weights; the files of `Samples` are there as `samples/...`.
  init() throws {
    var services = Services()
    services.add(FileAccess(policy: .user, workingDirectory: Fixtures.package.path + "/Tests"))
    interpreter = Interpreter(builtins: BuiltinTable(Builtin.all), services: services)
    let folder = Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path
    interpreter.define("tiny", .object(ModelValue(try PretrainedModel.load(folder, access: Fixtures.access))))
    interpreter.host = self
  }

  func show(_ lines: [StyledText]) { for line in lines { text += line.plain + "\n" } }
  func note(_ remark: String) { text += remark + "\n" }

  /// Runs a cell as the prompt would, up to its first error.
  func run(_ code: String) {
    cell += 1
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    for (place, line) in lines.enumerated() { text += (place == 0 ? "\(cell)> " : " .. ") + line + "\n" }
    switch Parser.parse(code) {
    case .failure(let diagnostic), .needsMore(let diagnostic): show(diagnostic.lines(width: 77))
    case .program(let program):
      for statement in program.statements {
        do {
          let result = try interpreter.run(statement, in: program.source)
          if result.isShown, let value = result.value { show(value.display(.full, in: .standard)) }
        } catch {
          guard var diagnostic = (error as? LanguageError)?.diagnostic else {
            text += "\(error)\n"
            break
          }
          if diagnostic.source == nil { diagnostic.source = program.source }
          show(diagnostic.lines(width: 77))
          break
        }
      }
    }
    text += "\n"
  }

  /// Adds a page of help.
  func help(_ topic: String) throws {
    text += "?\(topic)\n"
    show(try Help.lines(topic, interpreter))
    text += "\n"
  }
}
