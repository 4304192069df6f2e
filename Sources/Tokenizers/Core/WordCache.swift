/// Words met before and the tokens they became. Forgets everything when full.
final class WordCache {
  struct Slot: BitwiseCopyable {
    var hash: UInt64
    var key: UInt32
    var keyLength: UInt32
    var token: UInt32
    var tokenCount: UInt32
  }

  struct Token: BitwiseCopyable {
    var id: Int32
    /// Bytes of the word it covers.
    var start: Int32
    var end: Int32
  }

  /// Longer words are not worth keeping.
  static let longestWord = 128
  private static let slotCount = 1 << 15
  private let slots: UnsafeMutablePointer<Slot>
  private var used: Int = 0
  private let keys = Buffer<UInt8>(capacity: 1 << 17)
  let tokens = Buffer<Token>(capacity: 1 << 15)

  init() {
    slots = .allocate(capacity: Self.slotCount)
    slots.initialize(repeating: Slot(hash: 0, key: 0, keyLength: 0, token: 0, tokenCount: 0), count: Self.slotCount)
  }

  deinit { slots.deallocate() }

  /// The tokens of a word: where they begin in ``tokens`` and how many; nothing if the word is new.
  @inline(__always)
  func find(_ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt64) -> (first: Int, count: Int)? {
    let tag = hash | 1
    var place = Int(truncatingIfNeeded: hash >> 20) & (Self.slotCount - 1)
    while true {
      let slot = slots[place]
      if slot.hash == 0 { return nil }
      if slot.hash == tag && Int(slot.keyLength) == length && Bytes.equal(word, keys.base + Int(slot.key), length) {
        return (Int(slot.token), Int(slot.tokenCount))
      }
      place = (place + 1) & (Self.slotCount - 1)
    }
  }

  /// Keeps a word whose tokens were the last `count` pieces.
  func insert(
    _ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt64, pieces: Buffer<Piece>, from first: Int, at start: Int32
  ) {
    guard length <= Self.longestWord else { return }
    if used > Self.slotCount / 2 || tokens.count > 1 << 19 || keys.count > 1 << 21 { clear() }
    let tag = hash | 1
    var place = Int(truncatingIfNeeded: hash >> 20) & (Self.slotCount - 1)
    while slots[place].hash != 0 { place = (place + 1) & (Self.slotCount - 1) }
    slots[place] = Slot(
      hash: tag, key: UInt32(keys.count), keyLength: UInt32(length), token: UInt32(tokens.count),
      tokenCount: UInt32(pieces.count - first))
    keys.append(from: word, count: length)
    var i: Int = first
    while i < pieces.count {
      let piece = pieces[i]
      tokens.append(Token(id: piece.id, start: piece.start - start, end: piece.end - start))
      i += 1
    }
    used += 1
  }

  private func clear() {
    slots.initialize(repeating: Slot(hash: 0, key: 0, keyLength: 0, token: 0, tokenCount: 0), count: Self.slotCount)
    keys.removeAll()
    tokens.removeAll()
    used = 0
  }
}
