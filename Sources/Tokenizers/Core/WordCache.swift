/// Words met before and the tokens they became. Grows with what it is given; forgets everything when full.
final class WordCache {
  struct Slot: BitwiseCopyable {
    var hash: UInt64
    var key: UInt32
    var keyLength: UInt32
    var token: UInt32
    var tokenCount: UInt32

    static let empty = Slot(hash: 0, key: 0, keyLength: 0, token: 0, tokenCount: 0)
  }

  struct Token: BitwiseCopyable {
    var id: Int32
    /// Bytes of the word it covers.
    var start: Int32
    var end: Int32
  }

  private struct State {
    var slots: UnsafeMutablePointer<Slot>
    var mask: Int
    var used: Int
  }

  /// Longer words are not worth keeping.
  static let longestWord = 128
  private static let fewestSlots = 1 << 12
  private static let mostSlots = 1 << 18
  private let state: UnsafeMutablePointer<State>
  private let keys = Buffer<UInt8>(capacity: 1 << 14)
  let tokens = Buffer<Token>(capacity: 1 << 12)

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State(slots: Self.makeSlots(Self.fewestSlots), mask: Self.fewestSlots - 1, used: 0))
  }

  deinit {
    state.pointee.slots.deallocate()
    state.deallocate()
  }

  private static func makeSlots(_ count: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: .empty, count: count)
    return slots
  }

  /// The tokens of a word: where they begin in ``tokens`` and how many; nothing if the word is new.
  @inline(__always)
  func find(_ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt64) -> (first: Int, count: Int)? {
    let tag = hash | 1
    let slots = state.pointee.slots
    let mask = state.pointee.mask
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while true {
      let slot = slots[place]
      if slot.hash == 0 { return nil }
      if slot.hash == tag && Int(slot.keyLength) == length && Bytes.equal(word, keys.base + Int(slot.key), length) {
        return (Int(slot.token), Int(slot.tokenCount))
      }
      place = (place + 1) & mask
    }
  }

  /// Keeps a word whose tokens are the pieces from `first` on.
  func insert(
    _ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt64, pieces: Buffer<Piece>, from first: Int, at start: Int32
  ) {
    guard length <= Self.longestWord else { return }
    if state.pointee.used > state.pointee.mask / 2 { makeRoom() }
    if tokens.count > 1 << 22 || keys.count > 1 << 24 { clear() }
    place(
      Slot(
        hash: hash | 1, key: UInt32(keys.count), keyLength: UInt32(length), token: UInt32(tokens.count),
        tokenCount: UInt32(pieces.count - first)))
    keys.append(from: word, count: length)
    var i: Int = first
    while i < pieces.count {
      let piece = pieces[i]
      tokens.append(Token(id: piece.id, start: piece.start - start, end: piece.end - start))
      i += 1
    }
    state.pointee.used += 1
  }

  private func place(_ slot: Slot) {
    let mask = state.pointee.mask
    // the lowest bit of the tag is not the hash's, and is not looked at
    var place = Int(truncatingIfNeeded: slot.hash >> 20) & mask
    while state.pointee.slots[place].hash != 0 { place = (place + 1) & mask }
    state.pointee.slots[place] = slot
  }

  private func makeRoom() {
    let count = state.pointee.mask + 1
    guard count < Self.mostSlots else {
      clear()
      return
    }
    let old = state.pointee.slots
    state.pointee.slots = Self.makeSlots(count * 4)
    state.pointee.mask = count * 4 - 1
    for i in 0..<count where old[i].hash != 0 { place(old[i]) }
    old.deallocate()
  }

  private func clear() {
    state.pointee.slots.initialize(repeating: .empty, count: state.pointee.mask + 1)
    keys.removeAll()
    tokens.removeAll()
    state.pointee.used = 0
  }
}
