import Files

/// Fetches models into the hub's cache, laid out as the hub's own libraries do:
/// `models--ORGANISATION--NAME/{blobs/DIGEST, snapshots/COMMIT/FILE → ../../blobs/DIGEST, refs/REVISION}`.
///
/// A file is fetched as `blobs/DIGEST.incomplete` and goes on where it broke off; the snapshot appears in one step when
/// all of its files are there, and the reference last. So a stopped download is never taken for a model.
package struct HubDownload {
  /// How far it has come, in bytes of all files.
  package struct Progress {
    package let file: String
    package let done: Int
    package let total: Int
  }

  private let settings: HubSettings
  private let cache: HubCache
  private let goesOn: () -> Bool

  /// - Parameters:
  ///   - hubFolder: the cache, see `ModelLocator.hubFolder`.
  ///   - goesOn: asked some times a second; false stops, and what came is kept.
  package init(settings: HubSettings, hubFolder: String, goesOn: @escaping () -> Bool = { true }) {
    self.settings = settings
    cache = HubCache(folder: hubFolder)
    self.goesOn = goesOn
  }

  /// Asks the hub what a model consists of.
  ///
  /// - Returns: nil where `goesOn` said no.
  package func look(up name: String, revision: String? = nil) throws -> HubModel? {
    if let variable = settings.offline { throw HubError.offline(variable: variable) }
    let wanted = revision ?? "main"
    let url = "\(settings.endpoint)/api/models/\(name)/revision/\(Self.escaped(wanted, keepsSlash: false))?blobs=true"
    var body: [UInt8] = []
    let (transfer, ending) = try Transfer.get(url, headers: settings.headers, goesOn: goesOn) { bytes, _ in
      body += bytes
      if body.count > 64 << 20 { throw HubError.strange(name: name, reason: "it is endless") }
    }
    switch ending {
    case .stopped: return nil
    case .failed(let reason): throw HubError.unreachable(endpoint: settings.endpoint, reason: reason)
    case .whole: break
    }
    try check(transfer.status, name, revision)
    let answer: JSON
    do { answer = try JSON(parsing: body) } catch { throw HubError.strange(name: name, reason: "it is no JSON") }
    return try HubModel(answer, name: name, revision: wanted)
  }

  /// Fetches what of a model isn't in the cache yet.
  ///
  /// - Returns: false where `goesOn` said no; the same call goes on from there.
  package func fetch(_ model: HubModel, progress: @escaping (Progress) -> Void) throws -> Bool {
    let missing = model.files.filter { !cache.holds($0, of: model) }
    try cache.checkRoom(for: missing.reduce(0) { $0 + ($1.size ?? 0) })
    var done = model.size - missing.reduce(0) { $0 + ($1.size ?? 0) }
    var blobs: [String: String] = [:]
    for file in model.files {
      if let blob = file.blob, cache.holds(file, of: model) {
        blobs[file.path] = blob
        continue
      }
      let before = done
      let total = model.size
      let blob = try fetch(file, of: model) { progress(Progress(file: file.path, done: before + $0, total: total)) }
      guard let blob else { return false }
      blobs[file.path] = blob
      done += file.size ?? 0
    }
    try cache.publish(model, blobs: blobs)
    return true
  }

  /// Fetches one file, going on where it broke off; gives the name of its content.
  private func fetch(_ file: HubModel.File, of model: HubModel, progress: @escaping (Int) -> Void) throws -> String? {
    let url = "\(settings.endpoint)/\(model.name)/resolve/\(model.commit)/\(Self.escaped(file.path, keepsSlash: true))"
    var attempts = 0
    let part = try cache.part(of: file, in: model)
    while true {
      let begun = part.count
      let headers = settings.headers + (begun > 0 ? ["Range: bytes=\(begun)-"] : [])
      var isFirst = true
      let (transfer, ending) = try Transfer.get(url, headers: headers, goesOn: goesOn) { bytes, transfer in
        if isFirst, begun > 0, transfer.status == 200 { try part.restart() }  // the server sends it all again
        isFirst = false
        try part.append(bytes)
        if let size = file.size, part.count > size {
          try part.discard()
          throw HubError.damaged(file: file.path, reason: "more than its \(size) bytes came")
        }
        progress(part.count)
      }
      switch ending {
      case .stopped: return nil
      case .failed(let reason):
        attempts = part.count > begun ? 1 : attempts + 1
        if attempts < 3 { continue }
        if part.count == 0 { throw HubError.unreachable(endpoint: settings.endpoint, reason: reason) }
        throw HubError.brokeOff(file: file.path, reason: reason)
      case .whole: break
      }
      if transfer.status == 416 {  // nothing behind what is here: whole, or not what it was
        if file.size != begun { try part.restart() }
        attempts += 1
        if file.size != begun, attempts < 3 { continue }
      } else {
        try check(transfer.status, model.name, nil)
      }
      if let size = file.size, part.count < size {
        attempts = part.count > begun ? 1 : attempts + 1
        if attempts < 3 { continue }
        throw HubError.brokeOff(file: file.path, reason: "\(part.count) of \(size) bytes came")
      }
      return try finish(part, file, transfer)
    }
  }

  /// Checks a whole file and gives it its name.
  private func finish(_ part: PartialFile, _ file: HubModel.File, _ transfer: Transfer) throws -> String {
    func tag(_ field: String) -> String? {
      transfer.fields[field].map { $0.filter { $0 != "\"" } }.map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    }
    let told = tag("x-linked-etag") ?? tag("etag")
    let digest = try part.sha256()
    let wanted = file.sha256 ?? told.flatMap { HubModel.isDigest($0, 64) ? $0 : nil }
    if let wanted, wanted != digest {
      try part.discard()
      throw HubError.damaged(
        file: file.path, reason: "its SHA-256 is \(digest.prefix(12))…, expected \(wanted.prefix(12))…")
    }
    let blob = file.blob ?? wanted ?? told.flatMap { HubModel.isDigest($0, 40) ? $0 : nil } ?? digest
    try cache.keep(part, as: blob)
    return blob
  }

  private func check(_ status: Int, _ name: String, _ revision: String?) throws {
    switch status {
    case 200, 206: return
    case 401, 403: throw HubError.unknown(name: name, revision: revision, mayBePrivate: true)
    case 404: throw HubError.unknown(name: name, revision: revision, mayBePrivate: false)
    default: throw HubError.refused(name: name, status: status)
    }
  }

  /// A path as it stands in a URL.
  private static func escaped(_ text: String, keepsSlash: Bool) -> String {
    var escaped = ""
    for byte in text.utf8 {
      let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      if isPlain || [45, 46, 95, 126].contains(byte) || (keepsSlash && byte == 47) {
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return escaped
  }
}
