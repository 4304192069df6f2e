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
      guard let command = try Luthier.parseAsRoot(arguments) as? any ShellCommand else {
        print(Luthier.helpMessage())
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
}
