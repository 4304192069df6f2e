import Foundation

/// Where the shell keeps what belongs to a person rather than to a session.
struct UserFolders {
  /// History and journals: `$XDG_STATE_HOME/luthier`, else `~/.local/state/luthier`.
  let state: String
  /// Models put there by `Scripts/start`: `$XDG_CACHE_HOME/luthier`, else `~/.cache/luthier`.
  let cache: String
  private let home: String

  init(environment: [String: String]) {
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    func folder(_ base: String, _ fallback: String) -> String {
      if let path = environment[base], path.hasPrefix("/") { return path + "/luthier" }
      return home + fallback
    }
    self.home = home
    state = folder("XDG_STATE_HOME", "/.local/state/luthier")
    cache = folder("XDG_CACHE_HOME", "/.cache/luthier")
  }

  /// A path as a script names it, so that it means the same on another machine: models by their names, what lies in the
  /// home folder behind `~`.
  func shortened(_ path: String) -> String {
    for (folder, shown) in [(cache + "/models/", ""), (home + "/", "~/")] where path.hasPrefix(folder) {
      return shown + path.dropFirst(folder.count)
    }
    return path
  }

  var history: String { state + "/history" }
  var journals: String { state + "/journals" }

  /// Makes the folder for history and journals, for this user alone.
  func prepare() {
    try? FileManager.default.createDirectory(
      atPath: journals, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }
}
