/// The symbols of one word while they are merged.
final class MergeScratch {
  let ids = Buffer<Int32>(capacity: 256)
  /// Bytes of the word each symbol covers.
  let lengths = Buffer<Int32>(capacity: 256)
  /// Whether the word holds a character that only an unknown token could write, and there is none.
  var lacksUnknown = false
  private let pairs = Buffer<UInt64>(capacity: 256)
  private let next = Buffer<Int32>(capacity: 256)
  private let previous = Buffer<Int32>(capacity: 256)
  private let heap = Buffer<Candidate>(capacity: 256)

  private struct Candidate: BitwiseCopyable {
    /// Rank above position: the order of merging.
    var order: UInt64
    var result: Int32
  }

  func removeAll() {
    ids.removeAll()
    lengths.removeAll()
    lacksUnknown = false
  }

  @inline(__always)
  func append(_ id: Int32, length: Int) {
    ids.append(id)
    lengths.append(Int32(truncatingIfNeeded: length))
  }

  /// Applies merges, lowest rank first and of equal ones the leftmost, until none is left.
  func merge(_ table: MergeTable) {
    if ids.count < 2 { return }
    if ids.count <= 48 { mergeShort(table) } else { mergeLong(table) }
  }

  /// Looks for the lowest rank anew after each merge: fastest for the words of most texts.
  private func mergeShort(_ table: MergeTable) {
    let ids = self.ids.base
    let lengths = self.lengths.base
    var count = self.ids.count
    pairs.reserve(count)
    let pairs = self.pairs.base
    for i in 0..<(count - 1) { pairs[i] = table[ids[i], ids[i + 1]] }
    while count > 1 {
      var best = MergeTable.none
      var place = 0
      for i in 0..<(count - 1) where pairs[i] >> 32 < best >> 32 {
        best = pairs[i]
        place = i
      }
      if best == MergeTable.none { break }
      ids[place] = Int32(truncatingIfNeeded: best & 0xFFFF_FFFF)
      lengths[place] += lengths[place + 1]
      count -= 1
      var i = place + 1
      while i < count {
        ids[i] = ids[i + 1]
        lengths[i] = lengths[i + 1]
        pairs[i - 1] = pairs[i]
        i += 1
      }
      if place > 0 { pairs[place - 1] = table[ids[place - 1], ids[place]] }
      if place + 1 < count { pairs[place] = table[ids[place], ids[place + 1]] }
    }
    self.ids.count = count
    self.lengths.count = count
  }

  /// A heap of candidates over a linked list: for texts that are one word.
  private func mergeLong(_ table: MergeTable) {
    let count = ids.count
    next.reserve(count)
    previous.reserve(count)
    heap.removeAll()
    for i in 0..<count {
      next[i] = i + 1 < count ? Int32(i + 1) : -1
      previous[i] = Int32(i) - 1
    }
    for i in 0..<(count - 1) { push(table, i, i + 1) }
    while let candidate = pop() {
      let left = Int(candidate.order & 0xFFFF_FFFF)
      let right = Int(next[left])
      if lengths[left] == 0 || right < 0 { continue }
      let now = table[ids[left], ids[right]]
      if now == MergeTable.none || Int32(truncatingIfNeeded: now & 0xFFFF_FFFF) != candidate.result { continue }
      ids[left] = candidate.result
      lengths[left] += lengths[right]
      lengths[right] = 0
      next[left] = next[right]
      if next[right] >= 0 { previous[Int(next[right])] = Int32(left) }
      if previous[left] >= 0 { push(table, Int(previous[left]), left) }
      if next[left] >= 0 { push(table, left, Int(next[left])) }
    }
    var kept = 0
    var i = 0
    while i >= 0 && i < count {
      ids[kept] = ids[i]
      lengths[kept] = lengths[i]
      kept += 1
      i = Int(next[i])
    }
    ids.count = kept
    lengths.count = kept
  }

  private func push(_ table: MergeTable, _ left: Int, _ right: Int) {
    let value = table[ids[left], ids[right]]
    if value == MergeTable.none { return }
    let order = value & 0xFFFF_FFFF_0000_0000 | UInt64(left)
    heap.append(Candidate(order: order, result: Int32(truncatingIfNeeded: value & 0xFFFF_FFFF)))
    var i = heap.count - 1
    while i > 0 {
      let parent = (i - 1) / 2
      if heap[parent].order <= heap[i].order { break }
      (heap[parent], heap[i]) = (heap[i], heap[parent])
      i = parent
    }
  }

  private func pop() -> Candidate? {
    guard heap.count > 0 else { return nil }
    let top = heap[0]
    heap.count -= 1
    let count = heap.count
    if count > 0 {
      heap[0] = heap[count]
      var i = 0
      while true {
        var least = i
        let left = 2 * i + 1
        if left < count && heap[left].order < heap[least].order { least = left }
        if left + 1 < count && heap[left + 1].order < heap[least].order { least = left + 1 }
        if least == i { break }
        (heap[least], heap[i]) = (heap[i], heap[least])
        i = least
      }
    }
    return top
  }
}
