import Checkpoints
import Files
import Hub
import Language

/// Brings a model of the hub into its cache, where the user says yes or a script may.
enum ModelDownload {
  /// - Parameter here: the models that are here, for messages.
  /// - Returns: whether the model is there now; false where the name is no id of the hub.
  static func fetch(_ name: String, revision: String?, to folder: String, here: [String], _ call: Call) throws -> Bool {
    guard HubModel.isIdentifier(name) else { return false }
    let access: FileAccess = try call.service()
    let permission: NetworkPermission? = call.context.services.find()
    let known: String = here.isEmpty ? "no models are here" : "here are \(here.joined(separator: ", "))"
    guard let permission, !access.isScript || permission.scriptsMayDownload else {
      throw call.error(
        "\(quoted(name)) is not here, and a script downloads nothing unless --allow-network is given", at: "x",
        help: known)
    }
    // Asked by the transfer, some times a second. The request is answered below, when the transfer has ended.
    let interruption = call.context.interruption
    let download = HubDownload(settings: HubSettings(), hubFolder: folder) { !interruption.isRequested }
    do {
      guard let model = try download.look(up: name, revision: revision) else { throw LanguageError.interrupted }
      if !access.isScript {
        let question = "\(name) is not here. Download \(byteCount(model.size)) in \(model.files.count) files?"
        guard try call.confirm(question) else {
          throw call.error("\(quoted(name)) is not here, and was not downloaded", at: "x", help: known)
        }
      }
      let host = call.context.host
      var rate = TransferRate()
      let isWhole = try download.fetch(model) { progress in
        host?.progress(
          Progress(name, done: progress.done, total: progress.total, rate: rate.text(at: progress.done)))
      }
      guard isWhole else {
        call.note("the download of \(name) was stopped; the same load goes on from there")
        interruption.clear()
        throw LanguageError.interrupted
      }
      access.noteWritten("\(name) in \(folder)")
    } catch let error as HubError {
      throw call.error("\(error)", at: "x", help: known)
    }
    return true
  }
}

/// Bytes a second, as a bar shows them.
private struct TransferRate {
  private let clock = ContinuousClock()
  private var began: (time: ContinuousClock.Instant, bytes: Int)?

  mutating func text(at bytes: Int) -> String {
    guard let began else {
      self.began = (clock.now, bytes)
      return ""
    }
    let seconds = began.time.duration(to: clock.now) / .seconds(1)
    guard seconds > 0.2 else { return "" }
    return byteCount(Int(Double(bytes - began.bytes) / seconds)) + "/s"
  }
}
