/// The bytes of all token texts, one after the other; never changed once made.
final class TextArena: @unchecked Sendable {  // immutable after init
  let base: UnsafeMutablePointer<UInt8>
  let count: Int

  init(_ bytes: [UInt8]) {
    count = bytes.count
    base = .allocate(capacity: max(1, count))
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { base.update(from: start, count: count) }
    }
  }

  deinit { base.deallocate() }
}

/// A part of an arena with an id.
struct TokenEntry: BitwiseCopyable, Sendable {
  var start: UInt32
  var length: UInt32
  var id: Int32
}

/// Texts to ids: open addressing over one arena, each slot a tag of the hash and an entry's number.
final class TokenTable: @unchecked Sendable {  // immutable after init
  private let arena: TextArena
  private let entries: UnsafeMutablePointer<TokenEntry>
  private let slots: UnsafeMutablePointer<UInt64>
  private let mask: Int
  let count: Int
  /// Length in bytes of the longest text.
  let longest: Int

  /// - Parameter all: of entries with the same text the last one counts.
  init(arena: TextArena, entries all: [TokenEntry]) {
    self.arena = arena
    var size: Int = 16
    while size < all.count * 2 { size *= 2 }
    mask = size - 1
    slots = .allocate(capacity: size)
    slots.initialize(repeating: 0, count: size)
    entries = .allocate(capacity: max(1, all.count))
    var used: Int = 0
    var longest: Int = 0
    for entry in all {
      let text = UnsafePointer(arena.base + Int(entry.start))
      let length = Int(entry.length)
      longest = max(longest, length)
      let hash = Bytes.hash(text, length)
      let tag = hash & 0xFFFF_FFFF_0000_0000
      var place = Int(truncatingIfNeeded: hash) & (size - 1)
      while true {
        let slot = slots[place]
        if slot == 0 {
          slots[place] = tag | UInt64(used + 1)
          entries[used] = entry
          used += 1
          break
        }
        let other = Int(slot & 0xFFFF_FFFF) - 1
        if slot & 0xFFFF_FFFF_0000_0000 == tag && entries[other].length == entry.length
          && Bytes.equal(text, arena.base + Int(entries[other].start), length)
        {
          entries[other] = entry
          break
        }
        place = (place + 1) & (size - 1)
      }
    }
    count = used
    self.longest = longest
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
  }

  /// The id of a text, or -1.
  @inline(__always)
  func find(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
    find(text, length, hash: Bytes.hash(text, length))
  }

  @inline(__always)
  func find(_ text: UnsafePointer<UInt8>, _ length: Int, hash: UInt64) -> Int32 {
    let tag = hash & 0xFFFF_FFFF_0000_0000
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[place]
      if slot == 0 { return -1 }
      if slot & 0xFFFF_FFFF_0000_0000 == tag {
        let entry = entries[Int(slot & 0xFFFF_FFFF) - 1]
        if Int(entry.length) == length && Bytes.equal(text, arena.base + Int(entry.start), length) { return entry.id }
      }
      place = (place + 1) & mask
    }
  }

  func find(_ bytes: [UInt8]) -> Int32 {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return find(UnsafePointer(arena.base), 0) }
      return find(base, buffer.count)
    }
  }
}
