import Foundation

/// Where the shell keeps what belongs to a person rather than to a session.
struct UserFolders {
  /// History and journals: `$LUTHIER_STATE`, else `$XDG_STATE_HOME/luthier`, else `~/.local/state/luthier`.
  let state: String
  /// Models and samples put there by `Scripts/start`: `$LUTHIER_CACHE`, else `$XDG_CACHE_HOME/luthier`, else
  /// `~/.cache/luthier`.
  let cache: String

  init(environment: [String: String]) {
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    func folder(_ own: String, _ base: String, _ fallback: String) -> String {
      if let path = environment[own], !path.isEmpty { return path }
      if let path = environment[base], path.hasPrefix("/") { return path + "/luthier" }
      return home + fallback
    }
    state = folder("LUTHIER_STATE", "XDG_STATE_HOME", "/.local/state/luthier")
    cache = folder("LUTHIER_CACHE", "XDG_CACHE_HOME", "/.cache/luthier")
  }

  var history: String { state + "/history" }
  var journals: String { state + "/journals" }

  /// Makes the folder for history and journals, for this user alone.
  func prepare() {
    try? FileManager.default.createDirectory(
      atPath: journals, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }
}
