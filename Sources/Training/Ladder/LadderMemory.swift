import Files
import Synchronization

/// What fits of ladders came to, by everything that enters them: kept in this process and, where there is a folder, in
/// small files, one for a fit and in a fixed number of places, so that a ladder that was stopped goes on in another
/// session. What can't be read or written is left alone: a memory is never an error.
package struct LadderMemory {
  private static let known = Mutex<[String: Ladder.Fit]>([:])
  /// Another number whenever the same fit would come to something else than before.
  private static let edition = 1

  private let files: (folder: String, access: FileAccess)?
  private let isShared: Bool
  private let places = 1024

  /// Keeps what it is told for as long as the process lives.
  package init() {
    files = nil
    isShared = true
  }

  /// - Parameter isShared: whether what other ladders of this process kept is found too.
  package init(folder: String, access: FileAccess, isShared: Bool = true) {
    files = (folder: folder, access: access)
    self.isShared = isShared
  }

  /// The digest of what enters a fit.
  func key(_ parts: [String]) -> String {
    let all: [String] = ["ladder \(LadderMemory.edition)"] + parts
    return SHA256.hex(Array(all.map { "\($0.utf8.count) \($0)" }.joined(separator: " ").utf8))
  }

  func find(_ key: String) -> Ladder.Fit? {
    if isShared, let fit = LadderMemory.known.withLock({ $0[key] }) { return fit }
    guard let files, files.access.isFile(path(key, files.folder)),
      let stored = try? files.access.readJSON(path(key, files.folder)), stored["key"]?.string == key
    else { return nil }
    return stored["fit"].flatMap { Ladder.Fit(json: $0) }
  }

  func keep(_ key: String, _ fit: Ladder.Fit) {
    if isShared { LadderMemory.known.withLock { $0[key] = fit } }
    guard let files else { return }
    let text: String = JSON.object([("key", .string(key)), ("fit", fit.json)]).text() + "\n"
    try? files.access.createFolder(files.folder)
    try? files.access.writeAtomically(path(key, files.folder), text: text)
  }

  private func path(_ key: String, _ folder: String) -> String {
    PathText.join(folder, "fit-\((Int(key.prefix(4), radix: 16) ?? 0) % places).json")
  }
}

extension Ladder.Fit {
  fileprivate var json: JSON {
    .array([
      .bits(valid), .bits(validLoss), .integer(correct), .integer(total), .bits(seconds), .integer(peakBytes),
      .bits(drift),
    ])
  }

  fileprivate init?(json: JSON) {
    guard let valid = json[0]?.fromBits, let validLoss = json[1]?.fromBits, let correct = json[2]?.int,
      let total = json[3]?.int, let seconds = json[4]?.fromBits, let peakBytes = json[5]?.int,
      let drift = json[6]?.fromBits
    else { return nil }
    self.init(
      valid: valid, validLoss: validLoss, correct: correct, total: total, seconds: seconds, peakBytes: peakBytes,
      drift: drift)
  }
}
