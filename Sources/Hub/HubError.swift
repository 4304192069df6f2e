/// What can go wrong between here and the hub.
package enum HubError: Error, Equatable, CustomStringConvertible {
  /// The environment says that nothing is to be fetched.
  case offline(variable: String)
  /// No answer came.
  case unreachable(endpoint: String, reason: String)
  /// libcurl, which does the fetching, isn't installed.
  case noLibrary
  /// The hub doesn't know the model, or doesn't show it to everyone.
  case unknown(name: String, revision: String?, mayBePrivate: Bool)
  /// The hub answered, but not with what was asked for.
  case refused(name: String, status: Int)
  /// An answer that can't be used.
  case strange(name: String, reason: String)
  /// The repository holds nothing that can be opened here.
  case nothingToOpen(name: String, reason: String)
  /// Not enough room on the disk. Sizes are in bytes.
  case noRoom(folder: String, needed: Int, free: Int)
  /// A file broke off; what came is kept.
  case brokeOff(file: String, reason: String)
  /// A file came whole, but not as the hub describes it.
  case damaged(file: String, reason: String)
  /// Another process is fetching the same file.
  case busy(file: String)

  package var description: String {
    switch self {
    case .offline(let variable): "\(variable) is set, so nothing is downloaded"
    case .unreachable(let endpoint, let reason): "\(endpoint) can't be reached: \(reason)"
    case .noLibrary: "downloads need libcurl, which is not here: apt-get install libcurl4"
    case .unknown(let name, let revision, let mayBePrivate):
      "the hub has no model \"\(name)\"" + (revision.map { " with a revision \"\($0)\"" } ?? "")
        + (mayBePrivate ? ", or shows it to its members only (HF_TOKEN says who asks)" : "")
    case .refused(let name, let status): "the hub answers \(status) for \"\(name)\"; try again later"
    case .strange(let name, let reason): "the hub's answer for \"\(name)\" can't be used: \(reason)"
    case .nothingToOpen(let name, let reason): "\"\(name)\" can't be opened here: \(reason)"
    case .noRoom(let folder, let needed, let free):
      "\(megabytes(needed)) are needed in \(folder), and \(megabytes(free)) are free"
    case .brokeOff(let file, let reason): "\(file) broke off (\(reason)); the same load goes on from there"
    case .damaged(let file, let reason): "\(file) is not what the hub describes, so it was thrown away: \(reason)"
    case .busy(let file): "another process is fetching \(file)"
    }
  }

  private func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }
}
