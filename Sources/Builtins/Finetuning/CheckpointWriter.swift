import Files
import Language
import Training

/// Writes the checkpoints of a trainer for a call. What can't be written is said once and the training goes on: what was
/// trained is worth more than its checkpoint, and the one before still stands.
final class CheckpointWriter {
  private let call: Call
  private let place: CheckpointPlace
  private let access: FileAccess
  private var hasMissed = false

  /// Steps from one checkpoint to the next.
  var every: Int { place.every }

  /// Begins the folder where that isn't done; nil for a trainer that writes none.
  init?(_ trainer: Trainer, _ call: Call) throws {
    guard let place = trainer.checkpoints else { return nil }
    self.call = call
    self.place = place
    access = try call.service(FileAccess.self)
    if !trainer.hasBegunCheckpoints { try trainer.beginCheckpoints(place.folder, access: access) }
  }

  func write(_ trainer: Trainer) throws {
    do { try trainer.writeCheckpoint(place.folder, access: access) } catch let error as FileError {
      if !hasMissed { call.note("no checkpoint at step \(trainer.step): \(error)") }
      hasMissed = true
    }
  }
}
