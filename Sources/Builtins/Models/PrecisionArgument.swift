import Language
import TensorCore

extension Call {
  /// The precision that the call asks for, if any: float32, with a note, where the processor has no other.
  func precision() throws -> Precision? {
    guard let name = try stringIfAny("precision"), let asked = Precision(rawValue: name) else { return nil }
    if !asked.isSupported {
      note("this processor multiplies no \(name) (it has neither AMX nor AVX-512 BF16): float32 it is")
    }
    return asked.supported
  }
}
