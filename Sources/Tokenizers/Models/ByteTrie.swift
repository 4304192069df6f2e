/// A trie over bytes whose edges stand in one open-addressing table.
final class ByteTrie: @unchecked Sendable {  // immutable after init
  private let slots: UnsafeMutablePointer<UInt64>
  private let mask: Int
  /// The id that ends at each node, or -1.
  private let ids: UnsafeMutablePointer<Int32>

  /// - Parameter entries: of equal texts the first one counts; empty texts are left out. Together less than 2^24 bytes.
  init(arena: TextArena, entries: [TokenEntry]) {
    var bytes = 1
    for entry in entries { bytes += Int(entry.length) }
    var size = 64
    while size < bytes * 2 { size *= 2 }
    mask = size - 1
    slots = .allocate(capacity: size)
    slots.initialize(repeating: 0, count: size)
    ids = .allocate(capacity: bytes + 1)
    ids.initialize(repeating: -1, count: bytes + 1)
    var nodes = 1
    for entry in entries where entry.length > 0 {
      var node = 0
      for k in 0..<Int(entry.length) {
        let key = UInt64(node) << 8 | UInt64(arena.base[Int(entry.start) + k])
        var place = Self.place(key) & mask
        // an edge is its key above its target; targets are never 0
        while slots[place] != 0 && slots[place] >> 32 != key { place = (place + 1) & mask }
        if slots[place] == 0 {
          slots[place] = key << 32 | UInt64(nodes)
          nodes += 1
        }
        node = Int(slots[place] & 0xFFFF_FFFF)
      }
      if ids[node] < 0 { ids[node] = entry.id }
    }
  }

  deinit {
    slots.deallocate()
    ids.deallocate()
  }

  @inline(__always)
  private static func place(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }

  /// The node that a byte leads to, or -1. The root is 0.
  @inline(__always)
  func child(of node: Int, _ byte: UInt8) -> Int {
    let key = UInt64(truncatingIfNeeded: node) << 8 | UInt64(byte)
    var place = Self.place(key) & mask
    while true {
      let slot = slots[place]
      if slot == 0 { return -1 }
      if slot >> 32 == key { return Int(slot & 0xFFFF_FFFF) }
      place = (place + 1) & mask
    }
  }

  @inline(__always)
  func id(at node: Int) -> Int32 { ids[node] }
}
