import ArgumentParser
import Builtins
import Foundation
import Language
import Shell

/// The program: arguments in, exit code out.
enum CommandLineTool {
  static func run(_ arguments: [String]) -> Int32 {
    // The shell itself needs no parsing, and a person waits for its prompt.
    if arguments.isEmpty {
      return Launch(task: .interactive(script: nil, recover: false)).run(
        builtins: Builtin.all, libraries: { Libraries.versions })
    }
    let trace = arguments == ["--trace-start"] ? StartTrace() : nil
    do {
      var parsed = try Luthier.parseAsRoot(permissionsFirst(arguments))
      guard let command = parsed as? any ShellCommand else {
        // Help for one command: it comes as an error that counts as success.
        try parsed.run()
        return 0
      }
      let launch = Launch(
        task: command.task, allowNetwork: command.permissions.allowNetwork, allowWrite: command.permissions.allowWrite,
        trace: trace)
      trace?.mark("reading the arguments")
      return launch.run(builtins: Builtin.all, libraries: { Libraries.versions })
    } catch {
      let message = Luthier.fullMessage(for: error)
      if Luthier.exitCode(for: error) == .success {
        print(message)
        return 0
      }
      let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
      let shown = lines.map { TextWidth.visible(String($0)) }.joined(separator: "\n")
      FileHandle.standardError.write(Data((shown + "\n").utf8))
      return 2
    }
  }

  /// What stands between `run` and its script, before `run`: behind that word the parser keeps
  /// every option for the script.
  static func permissionsFirst(_ arguments: [String]) -> [String] {
    func end(of start: Int) -> Int {
      var end = start
      while end < arguments.count {
        if arguments[end] == "--allow-write" {
          end += 2
        } else if arguments[end] == "--allow-network" || arguments[end].hasPrefix("--allow-write=") {
          end += 1
        } else {
          break
        }
      }
      return end
    }
    let run = end(of: 0)
    guard run < arguments.count, arguments[run] == "run" else { return arguments }
    let script = end(of: run + 1)
    guard script <= arguments.count else { return arguments }
    return arguments[..<run] + arguments[(run + 1)..<script] + ["run"] + arguments[script...]
  }
}
