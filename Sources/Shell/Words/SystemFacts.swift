import CLineEditor
import Files
import Foundation
import Language

/// What `:info` shows.
enum SystemFacts {
  static func all(_ shell: Shell) -> [(String, String)] {
    let given: String? = EnvironmentRemarks.threads(shell.environment).map { "\($0) (LUTHIER_THREADS)" }
    let own: [(String, String)] = [
      ("luthier", Launch.version),
      ("processor", processor),
      ("instructions", instructionSets.isEmpty ? "unknown" : instructionSets.joined(separator: " ")),
      ("cores", "\(cores)"),
      ("threads", given ?? "\(cores)"),
      ("memory", Numbers.bytes(PhysicalMemory.bytes)),
      ("undo", "up to \(Numbers.bytes(shell.session.undoBudget)) of old states (LUTHIER_UNDO)"),
      ("seed", "\(shell.interpreter.sessionSeed)"),
      ("folder", shell.session.access.workingDirectory),
      ("models", shell.folders.cache + "/models"),
      ("samples", shell.session.access.samplesFolder ?? "none"),
      ("history", shell.folders.history),
      ("journal", shell.session.journal?.path ?? "none: it can't be written"),
    ]
    let libraries: [(String, String)] = shell.libraries().map { ($0.name, $0.version) }
    return own + libraries + [("libedit", String(cString: luthier_editor_version()))]
  }

  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private static func cpuField(_ name: String) -> String? {
    guard let text = try? FileAccess(policy: .user).readText("/proc/cpuinfo") else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      if let colon = line.firstIndex(of: ":") { return String(line[line.index(after: colon)...]).trimmingSpaces() }
    }
    return nil
  }

  private static var processor: String { cpuField("model name") ?? "unknown" }

  /// The instruction sets that matter for numbers.
  private static var instructionSets: [String] {
    let flags = Set((cpuField("flags") ?? "").split(separator: " "))
    let known = ["avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"]
    return known.filter { flags.contains(Substring($0)) }
  }
}
