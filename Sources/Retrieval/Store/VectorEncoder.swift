import Foundation

/// Vectors as they stand in the database.
struct VectorEncoder {
  struct Vector {
    let scale: Double
    let bytes: Data
  }

  private let kind: VectorKind
  private let size: Int

  init(_ kind: VectorKind, size: Int) {
    self.kind = kind
    self.size = size
  }

  /// A row of `[N, C]`.
  func encode(_ values: UnsafeBufferPointer<Float>, _ row: Int) -> Vector {
    let own = UnsafeBufferPointer(rebasing: values[(row * size)..<((row + 1) * size)])
    switch kind {
    case .float32: return Vector(scale: 1, bytes: Data(UnsafeRawBufferPointer(own)))
    case .int8:
      var peak: Float = 0
      for value in own where value.isFinite { peak = max(peak, abs(value)) }
      let scale = peak > 0 ? peak / 127 : 1
      let bytes = own.map { value -> UInt8 in
        let step = value.isFinite ? (value / scale).rounded(.toNearestOrEven) : 0
        return UInt8(bitPattern: Int8(min(max(step, -127), 127)))
      }
      return Vector(scale: Double(scale), bytes: Data(bytes))
    }
  }
}
