import Files
import Foundation

/// Finds models by name: a path, then Luthier's models in the user's cache, then the hub's cache.
package struct ModelLocator {
  /// Where a model was found.
  package struct Place: Sendable, Equatable {
    package enum Source: String, Sendable {
      case path
      case luthier
      case hub
    }

    /// As it would be written in `load`.
    package let name: String
    package let path: String
    package let source: Source
    /// The commit in the hub's cache.
    package let revision: String?
  }

  private let access: FileAccess
  private let environment: [String: String]

  package init(access: FileAccess, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.access = access
    self.environment = environment
  }

  private var home: String { environment["HOME"] ?? "/" }
  private var cache: String { given("XDG_CACHE_HOME") ?? PathText.join(home, ".cache") }

  private func given(_ variable: String) -> String? {
    guard let value = environment[variable], !value.isEmpty else { return nil }
    return value
  }

  /// Where Luthier keeps models: `${XDG_CACHE_HOME:-~/.cache}/luthier/models`.
  package var modelsFolder: String { PathText.join(cache, "luthier/models") }

  /// Where the hub's libraries keep theirs: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`.
  package var hubFolder: String {
    if let folder = given("HF_HUB_CACHE") ?? given("HUGGINGFACE_HUB_CACHE") { return PathText.expandingHome(folder) }
    if let folder = given("HF_HOME") { return PathText.join(PathText.expandingHome(folder), "hub") }
    return PathText.join(cache, "huggingface/hub")
  }

  /// - Parameter revision: a branch, tag or commit, for models of the hub's cache.
  /// - Throws: ``CheckpointError/unknownModel(name:found:)`` and its neighbours.
  package func locate(_ name: String, revision: String? = nil) throws -> Place {
    if revision == nil, access.exists(name) {
      return Place(name: name, path: name, source: .path, revision: nil)
    }
    if isPlainName(name) {
      if revision == nil, access.isFolder(PathText.join(modelsFolder, name)) {
        return Place(name: name, path: PathText.join(modelsFolder, name), source: .luthier, revision: nil)
      }
      if let place = try hubPlace(name, revision) { return place }
    }
    throw CheckpointError.unknownModel(name: name, found: all().map(\.name))
  }

  /// All models that can be named, Luthier's first.
  package func all() -> [Place] {
    var places: [Place] = []
    for entry in (try? access.list(modelsFolder)) ?? [] where !entry.name.hasPrefix(".") && entry.isFolder {
      let path: String = PathText.join(modelsFolder, entry.name)
      places.append(Place(name: entry.name, path: path, source: .luthier, revision: nil))
    }
    for identifier in hubIdentifiers() {
      if let place = try? snapshot(identifier, nil) { places.append(place) }
    }
    return places
  }

  /// No part of a name may lead out of the folders it is looked for in.
  private func isPlainName(_ name: String) -> Bool {
    let parts: [Substring] = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count <= 2 && !name.utf8.contains(0)
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("--") }
  }

  // MARK: The hub's cache: models--ORG--NAME/{refs/BRANCH, snapshots/COMMIT/files}

  private func hubIdentifiers() -> [String] {
    let entries: [FolderEntry] = (try? access.list(hubFolder)) ?? []
    return entries.filter { $0.isFolder && $0.name.hasPrefix("models--") }.map {
      String($0.name.dropFirst("models--".utf8.count)).replacingFirst("--", with: "/")
    }
  }

  private func hubPlace(_ name: String, _ revision: String?) throws -> Place? {
    let known: [String] = hubIdentifiers()
    if known.contains(name) { return try snapshot(name, revision) }
    let matching: [String] = known.filter { $0.split(separator: "/").last.map(String.init) == name }
    if matching.count > 1 { throw CheckpointError.ambiguous(name: name, among: matching) }
    guard let only = matching.first else { return nil }
    return try snapshot(only, revision)
  }

  private func snapshot(_ identifier: String, _ revision: String?) throws -> Place? {
    let root: String = PathText.join(hubFolder, "models--" + identifier.replacingFirst("/", with: "--"))
    let snapshots: String = PathText.join(root, "snapshots")
    let commits: [String] = ((try? access.list(snapshots)) ?? []).filter(\.isFolder).map(\.name)
    func place(_ commit: String) -> Place {
      Place(name: identifier, path: PathText.join(snapshots, commit), source: .hub, revision: commit)
    }
    let wanted: String = revision ?? "main"
    if commits.contains(wanted) { return place(wanted) }
    if !wanted.utf8.contains(0), !wanted.split(separator: "/").contains("..") {
      let reference: String = PathText.join(PathText.join(root, "refs"), wanted)
      if access.isFile(reference), let text = try? access.readText(reference) {
        let commit: String = String(text.filter { !$0.isWhitespace })
        if commits.contains(commit) { return place(commit) }
      }
    }
    if revision == nil, commits.count == 1 { return place(commits[0]) }
    if revision == nil, commits.isEmpty { return nil }
    let references: [String] = ((try? access.list(PathText.join(root, "refs"))) ?? []).map(\.name)
    throw CheckpointError.unknownRevision(name: identifier, revision: wanted, found: references + commits)
  }
}

extension String {
  /// With the first occurrence of `old` replaced.
  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    guard let range = range(of: old) else { return self }
    return replacingCharacters(in: range, with: new)
  }
}
