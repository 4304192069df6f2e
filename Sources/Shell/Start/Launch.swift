import CLineEditor
import Foundation
import Language

/// What the program was started to do.
package enum LaunchTask: Sendable, Equatable {
  /// The shell, or a script where standard input is a pipe; a script given is run first.
  case interactive(script: String?, recover: Bool)
  case run(path: String, arguments: [String])
  case evaluate(String)
  case check(path: String, update: Bool)
  case lesson(path: String)
  case render(path: String, output: String)
  /// As for the shell, up to its prompt.
  case traceStart
}

/// One start of the program.
package struct Launch: Sendable {
  package static let version = "1.0"

  /// What `luthier` exits with.
  enum ExitCode {
    static let fine: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let syntax: Int32 = 65
    static let interrupted: Int32 = 130
  }

  package var task: LaunchTask
  package var allowNetwork: Bool
  package var allowWrite: [String]
  package var trace: StartTrace?

  package init(
    task: LaunchTask, allowNetwork: Bool = false, allowWrite: [String] = [], trace: StartTrace? = nil
  ) {
    self.task = task
    self.allowNetwork = allowNetwork
    self.allowWrite = allowWrite
    self.trace = trace
  }

  /// Does the task on a thread with a large stack and gives the exit code.
  ///
  /// - Parameter libraries: names and versions of what the program uses, for `:info`; asked only there.
  package func run(builtins: [Builtin], libraries: @escaping () -> [(name: String, version: String)] = { [] }) -> Int32
  {
    // Signals are for the shell's thread; this one, which only waits, leaves them to it.
    let interruption = Interruption()
    let context = Unmanaged.passRetained(interruption).toOpaque()
    luthier_interrupt_handle(
      { context in
        guard let context else { return }
        Unmanaged<Interruption>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.request() }
      }, context)
    return BigStack.run {
      luthier_signals_install()
      return LaunchWork(launch: self, builtins: builtins, libraries: libraries, interruption: interruption).perform()
    }
  }
}
