/// Changes a text before it is split, and keeps track of where each part comes from.
protocol Normalizer: Sendable {
  /// Whether a text of ASCII only can be changed by it.
  var changesASCII: Bool { get }

  /// Normalizes scalars.
  func normalize(_ text: inout NormalizedText, in workspace: Workspace)

  /// Normalizes a piece of a text into `workspace.text`.
  ///
  /// - Parameter base: number of the piece's first scalar in the text.
  func normalize(_ piece: UnsafeBufferPointer<UInt8>, base: Int32, in workspace: Workspace)
}

extension Normalizer {
  var changesASCII: Bool { true }

  func normalize(_ piece: UnsafeBufferPointer<UInt8>, base: Int32, in workspace: Workspace) {
    if let start = piece.baseAddress, changesASCII || !Bytes.isASCII(start, piece.count) {
      var text = NormalizedText(piece, base: base)
      normalize(&text, in: workspace)
      text.write(to: workspace.text)
    } else {
      workspace.text.set(piece, base: base)
    }
  }
}

/// Normalizers one after the other.
struct NormalizerSequence: Normalizer {
  let steps: [any Normalizer]
  var changesASCII: Bool { steps.contains { $0.changesASCII } }

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    for step in steps { step.normalize(&text, in: workspace) }
  }
}
