import Files
import Foundation

/// The hub's cache as a writer sees it.
struct HubCache {
  let folder: String
  private let access = FileAccess(policy: .user)

  init(folder: String) { self.folder = folder }

  private func root(_ model: HubModel) -> String {
    PathText.join(folder, "models--" + model.name.split(separator: "/").joined(separator: "--"))
  }
  private func blob(_ name: String, _ model: HubModel) -> String { root(model) + "/blobs/" + name }

  /// Whether a file's content is there whole.
  func holds(_ file: HubModel.File, of model: HubModel) -> Bool {
    guard let name = file.blob, access.isFile(blob(name, model)) else { return false }
    return file.size == nil || (try? access.size(of: blob(name, model))) == file.size
  }

  /// What of a file has come so far.
  func part(of file: HubModel.File, in model: HubModel) throws -> PartialFile {
    try access.createFolder(root(model) + "/blobs")
    // Without a name for the content nothing tells whether what is there belongs to it.
    let name = file.blob ?? "luthier-" + SHA256.hex(Array("\(model.commit)/\(file.path)".utf8))
    guard let part = try PartialFile(path: blob(name + ".incomplete", model)) else {
      throw HubError.busy(file: file.path)
    }
    if file.blob == nil { try part.restart() }
    return part
  }

  func keep(_ part: PartialFile, as name: String) throws {
    try part.finish(as: PathText.join(PathText.folder(of: part.path), name))
  }

  /// - Throws: ``HubError/noRoom(folder:needed:free:)``.
  func checkRoom(for bytes: Int) throws {
    var place = folder
    while place != "/", !access.isFolder(place) { place = PathText.folder(of: place) }
    var status = statvfs()
    guard statvfs(place, &status) == 0 else { return }
    let (free, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int(clamping: status.f_frsize))
    if !overflow, free < bytes { throw HubError.noRoom(folder: folder, needed: bytes, free: free) }
  }

  /// Makes the snapshot, all links at once, then the reference.
  func publish(_ model: HubModel, blobs: [String: String]) throws {
    let snapshots = root(model) + "/snapshots"
    let target = PathText.join(snapshots, model.commit)
    let isNew = !access.isFolder(target)
    let place = isNew ? PathText.join(snapshots, ".\(model.commit).\(getpid())") : target
    try access.createFolder(place)
    for (path, blob) in blobs {
      let link = PathText.join(place, path)
      let depth = path.split(separator: "/").count + 1
      if depth > 2 { try access.createFolder(PathText.folder(of: link)) }
      try access.link(link, to: String(repeating: "../", count: depth) + "blobs/" + blob)
    }
    if isNew { try access.move(place, to: target) }
    let reference = PathText.join(root(model) + "/refs", model.revision)
    if model.revision != model.commit {
      try access.createFolder(PathText.folder(of: reference))
      try access.writeAtomically(reference, text: model.commit)
    }
  }
}
