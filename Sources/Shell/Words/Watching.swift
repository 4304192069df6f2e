import Files
import Foundation
import Language

extension ShellWord {
  static let watch = ShellWord("watch", "file line", "Run a line again whenever a file is saved.") {
    shell, rest in
    let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw ShellError.usage(":watch prompt.txt gen.try_prompt(prompt(file: \"prompt.txt\"), reviews[0])")
    }
    try Watching(shell, path: parts[0], line: parts[1]).run()
  }
}

/// `:watch`: a line that runs whenever a file changes.
struct Watching {
  private let shell: Shell
  private let path: String
  private let line: String

  init(_ shell: Shell, path: String, line: String) throws {
    guard shell.session.access.isFile(path) else {
      throw ShellError.failed(operation: "watch", path: path, reason: "there is no such file")
    }
    self.shell = shell
    self.path = path
    self.line = line
  }

  /// When the file was saved last; an editor that writes another file in its place changes the inode.
  private struct Stamp: Equatable {
    var seconds: Int
    var nanoseconds: Int
    var size: Int
    var inode: UInt
  }

  private func stamp() -> Stamp? {
    var status = stat()
    guard stat(shell.session.access.resolve(path), &status) == 0 else { return nil }
    return Stamp(
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int(status.st_size),
      inode: UInt(status.st_ino))
  }

  /// Runs the line now and after each change, until Ctrl-C.
  func run() throws {
    let interruption = shell.interpreter.interruption
    var seen = stamp()
    guard runLine() else { return }
    shell.terminal.write("watching \(path); Ctrl-C ends it", .faint)
    shell.terminal.flush()
    while true {
      do { try interruption.check() } catch { return }
      usleep(100_000)
      guard let now = stamp(), now != seen else { continue }
      // Editors write in several steps: wait until it rests.
      usleep(50_000)
      seen = stamp() ?? now
      // Only the last run stands, for undo and for saving.
      if shell.session.entries.last?.saved.cell == shell.session.cell { _ = try shell.session.undo() }
      shell.terminal.write("\(path) was saved", .faint)
      guard runLine() else { return }
    }
  }

  /// Runs the line, showing what goes wrong; false after Ctrl-C.
  private func runLine() -> Bool {
    defer { shell.terminal.flush() }
    switch Parser.parse(line) {
    case .failure(let diagnostic), .needsMore(let diagnostic):
      shell.show(LanguageError.failure(diagnostic), source: SourceText(line))
    case .program(let program):
      for statement in program.statements {
        do { try shell.session.run(statement, of: program) } catch LanguageError.interrupted {
          return false
        } catch {
          shell.show(error, source: program.source)
          return true
        }
      }
    }
    return true
  }
}
