import Checkpoints
import Files
import Language

extension Call {
  /// A folder beside Luthier's models for what was computed before, and a way to it that isn't the session's own: that
  /// would count what is kept there among the files that were read.
  func ownFolder(_ name: String) -> (folder: String, access: FileAccess)? {
    guard let access: FileAccess = try? service() else { return nil }
    let models: String = ModelLocator(access: access).modelsFolder
    return (
      PathText.join(PathText.folder(of: models), name),
      FileAccess(policy: access.policy, workingDirectory: access.workingDirectory)
    )
  }
}
