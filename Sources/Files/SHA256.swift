import CKernels

/// The SHA-256 digest of bytes given piece by piece.
///
/// Source: FIPS PUB 180-4, section 6.2.
package struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var count: UInt64 = 0

  package init() {}

  /// The digest of one buffer in hexadecimal.
  package static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest: SHA256 = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  package static func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hex($0) } }

  /// Takes the next piece.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    count &+= UInt64(bytes.count)
    var start: Int = 0
    if !pending.isEmpty {
      start = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[..<start])
      guard pending.count == 64 else { return }
      let block: [UInt8] = pending
      block.withUnsafeBytes { compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let end: Int = start + (bytes.count - start) / 64 * 64
    if end > start { compress(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
    start = end
    pending.append(contentsOf: bytes[start...])
  }

  /// The digest in hexadecimal; the value is used up.
  package mutating func finish() -> String {
    let bits: UInt64 = count &* 8
    var tail: [UInt8] = [0x80]
    while (pending.count + tail.count) % 64 != 56 { tail.append(0) }
    for shift in stride(from: UInt64(56), through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    tail.withUnsafeBytes { update($0) }
    let digits: [Character] = Array("0123456789abcdef")
    var text: String = ""
    for word in state {
      for shift in stride(from: UInt32(28), through: 0, by: -4) { text.append(digits[Int((word >> shift) & 15)]) }
    }
    return text
  }

  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    guard let bytes = blocks.baseAddress else { return }
    state.withUnsafeMutableBufferPointer { words in
      guard let words = words.baseAddress else { return }
      ck_sha256_blocks(words, bytes.assumingMemoryBound(to: UInt8.self), blocks.count / 64)
    }
  }
}
