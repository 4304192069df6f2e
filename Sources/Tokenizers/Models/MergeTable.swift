/// The merges of BPE: a pair of ids to its rank and the id it becomes. Open addressing.
final class MergeTable: @unchecked Sendable {  // immutable after init
  private let keys: UnsafeMutablePointer<UInt64>
  private let values: UnsafeMutablePointer<UInt64>
  private let mask: Int

  static let none = UInt64.max

  /// - Parameter merges: pairs with rank and result; of equal pairs the last one counts.
  init(_ merges: [(left: Int32, right: Int32, rank: UInt32, result: Int32)]) {
    var size = 16
    while size < merges.count * 2 { size *= 2 }
    mask = size - 1
    keys = .allocate(capacity: size)
    values = .allocate(capacity: size)
    keys.initialize(repeating: Self.none, count: size)
    values.initialize(repeating: Self.none, count: size)
    for merge in merges {
      let key = Self.key(merge.left, merge.right)
      var place = Self.place(key) & mask
      while keys[place] != Self.none && keys[place] != key { place = (place + 1) & mask }
      keys[place] = key
      values[place] = UInt64(merge.rank) << 32 | UInt64(UInt32(bitPattern: merge.result))
    }
  }

  deinit {
    keys.deallocate()
    values.deallocate()
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func place(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 24)
  }

  /// Rank in the upper half, result in the lower; ``none`` if the pair is not merged.
  @inline(__always)
  subscript(left: Int32, right: Int32) -> UInt64 {
    let key = Self.key(left, right)
    var place = Self.place(key) & mask
    while true {
      let there = keys[place]
      if there == key { return values[place] }
      if there == Self.none { return Self.none }
      place = (place + 1) & mask
    }
  }
}
