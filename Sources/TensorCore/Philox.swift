import CKernels
import Glibc

/// Counter-based random numbers (Philox 4x32-10; Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// A stream is named by a seed and a purpose; inside it, a place of four numbers gives its words. What was drawn before,
/// threads, and the composition of batches do not enter.
package struct Philox: Sendable, Equatable {
  /// What seed and purpose come to.
  package let key: UInt64

  package init(seed: UInt64, purpose: String) {
    // FNV-1a over the purpose, then mixed with the seed (the finaliser of splitmix64).
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    self.key = Philox.mixed(Philox.mixed(seed &+ 0x9e37_79b9_7f4a_7c15) ^ hash)
  }

  /// The stream of a key as the paper counts them.
  package init(key: UInt64) { self.key = key }

  /// The stream number `index` beside this one, as for each head of an attention.
  package func stream(_ index: Int) -> Philox {
    Philox(key: Philox.mixed(key ^ Philox.mixed(UInt64(truncatingIfNeeded: index) &+ 0x9e37_79b9_7f4a_7c15)))
  }

  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Four random words at a place.
  package func words(_ a: UInt32, _ b: UInt32 = 0, _ c: UInt32 = 0, _ d: UInt32 = 0) -> SIMD4<UInt32> {
    var out: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &out) { bytes in
      if let base = bytes.baseAddress { ck_philox(a, b, c, d, key, base.assumingMemoryBound(to: UInt32.self)) }
    }
    return SIMD4(out.0, out.1, out.2, out.3)
  }

  /// `count` numbers in [0, 1) with 24 random bits each, at a place.
  package func uniform(_ count: Int, at a: UInt32 = 0, _ b: UInt32 = 0, _ c: UInt32 = 0) -> [Float] {
    words(count, a, b, c).map { Float($0 >> 8) * 0x1p-24 }
  }

  /// `count` normally distributed numbers (Box and Muller 1958), at a place.
  package func normal(_ count: Int, at a: UInt32 = 0, _ b: UInt32 = 0, _ c: UInt32 = 0) -> [Float] {
    let words = words(count + count % 2, a, b, c)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for pair in 0..<(count + 1) / 2 {
        let u = (Double(words[2 * pair]) + 0.5) * 0x1p-32
        let v = Double(words[2 * pair + 1]) * 0x1p-32
        let radius = (-2 * log(u)).squareRoot()
        buffer.initializeElement(at: 2 * pair, to: Float(radius * cos(2 * Double.pi * v)))
        if 2 * pair + 1 < count {
          buffer.initializeElement(at: 2 * pair + 1, to: Float(radius * sin(2 * Double.pi * v)))
        }
      }
      initialized = count
    }
  }

  /// The numbers `0 ..< count` in random order (Fisher and Yates), at a place such as the epoch.
  package func permutation(_ count: Int, at a: UInt32 = 0, _ b: UInt32 = 0, _ c: UInt32 = 0) -> [Int] {
    var order = Array(0..<max(count, 0))
    if count < 2 { return order }
    let words = words(2 * count, a, b, c)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let random = UInt64(words[2 * last]) << 32 | UInt64(words[2 * last + 1])
      order.swapAt(last, Int(random.multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }

  private func words(_ count: Int, _ a: UInt32, _ b: UInt32, _ c: UInt32) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: max(count, 0)) { buffer, initialized in
      if let base = buffer.baseAddress, count > 0 { ck_philox_words(a, b, c, key, base, count) }
      initialized = max(count, 0)
    }
  }
}
