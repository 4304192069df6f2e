/// The SHA-256 digest of bytes given piece by piece.
///
/// Source: FIPS PUB 180-4, section 6.2.
package struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var count: UInt64 = 0
  private var schedule: [UInt32] = [UInt32](repeating: 0, count: 64)

  package init() {}

  /// The digest of one buffer in hexadecimal.
  package static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest: SHA256 = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  package static func hex(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hex($0) } }

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
    while bytes.count - start >= 64 {
      compress(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + 64)]))
      start += 64
    }
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

  private mutating func compress(_ block: UnsafeRawBufferPointer) {
    schedule.withUnsafeMutableBufferPointer { w in
      for index in 0..<16 {
        w[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
      }
      for index in 16..<64 {
        let x: UInt32 = w[index - 15]
        let y: UInt32 = w[index - 2]
        let small: UInt32 = rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)
        let large: UInt32 = rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10)
        w[index] = w[index - 16] &+ small &+ w[index - 7] &+ large
      }
      state.withUnsafeMutableBufferPointer { s in
        var (a, b, c, d) = (s[0], s[1], s[2], s[3])
        var (e, f, g, h) = (s[4], s[5], s[6], s[7])
        SHA256.constants.withUnsafeBufferPointer { k in
          for index in 0..<64 {
            let sumE: UInt32 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice: UInt32 = (e & f) ^ (~e & g)
            let first: UInt32 = h &+ sumE &+ choice &+ k[index] &+ w[index]
            let sumA: UInt32 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let majority: UInt32 = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ sumA &+ majority)
          }
        }
        s[0] &+= a
        s[1] &+= b
        s[2] &+= c
        s[3] &+= d
        s[4] &+= e
        s[5] &+= f
        s[6] &+= g
        s[7] &+= h
      }
    }
  }

  /// The fractional parts of the cube roots of the first 64 primes, as the standard defines them.
  private static let constants: [UInt32] = {
    var primes: [Int] = []
    var candidate: Int = 2
    while primes.count < 64 {
      if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes.map { prime in
      // The largest r with r³ ≤ prime · 2⁹⁶ has the root's first 32 fractional bits as its low word.
      var root: UInt64 = 0
      for bit in stride(from: 35, through: 0, by: -1) {
        let trial: UInt64 = root | (1 << UInt64(bit))
        if isCube(trial, atMost: UInt64(prime)) { root = trial }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }()

  /// Whether value³ ≤ limit · 2⁹⁶, in whole numbers.
  private static func isCube(_ value: UInt64, atMost limit: UInt64) -> Bool {
    let square = value.multipliedFullWidth(by: value)
    let low = square.low.multipliedFullWidth(by: value)
    let (highHigh, highLow) = square.high.multipliedFullWidth(by: value)
    let (middle, carry) = low.high.addingReportingOverflow(highLow)
    let high: UInt64 = highHigh &+ (carry ? 1 : 0)
    let target = limit.multipliedFullWidth(by: 1 << 32)  // limit · 2⁹⁶ = (limit · 2³²) · 2⁶⁴
    if high != target.high { return high < target.high }
    if middle != target.low { return middle < target.low }
    return low.low == 0
  }
}

@inline(__always)
private func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { (value >> count) | (value << (32 - count)) }
