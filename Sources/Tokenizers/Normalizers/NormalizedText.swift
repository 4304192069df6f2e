/// A text on its way through normalizers: scalars, and the range of the original that each stands for.
struct NormalizedText {
  /// A scalar of the result. `change` tells what it replaces, as the reference's alignments do: 0 takes the place of the
  /// next old scalar, 1 is inserted, -n takes the place of the next one and swallows the n after it.
  struct Change {
    var scalar: UInt32
    var change: Int
  }

  var scalars: [UInt32] = []
  var starts: [Int32] = []
  var ends: [Int32] = []

  init() {}

  /// - Parameter base: number of the first scalar in the original.
  init(_ bytes: UnsafeBufferPointer<UInt8>, base: Int32) {
    guard let start = bytes.baseAddress else { return }
    scalars.reserveCapacity(bytes.count)
    var i: Int = 0
    while i < bytes.count {
      let (scalar, length) = Bytes.decode(start + i)
      scalars.append(scalar)
      i += length
    }
    starts = (0..<scalars.count).map { base + Int32($0) }
    ends = (0..<scalars.count).map { base + Int32($0) + 1 }
  }

  /// Replaces the whole text.
  ///
  /// - Parameter dropped: how many scalars at the start have no successor.
  mutating func transform(_ changes: [Change], dropped: Int = 0) {
    var newStarts: [Int32] = []
    var newEnds: [Int32] = []
    newStarts.reserveCapacity(changes.count)
    newEnds.reserveCapacity(changes.count)
    var place: Int = dropped
    for change in changes {
      if change.change > 0 {
        let from = place - 1
        newStarts.append(from < 0 || from >= starts.count ? 0 : starts[from])
        newEnds.append(from < 0 || from >= ends.count ? 0 : ends[from])
      } else {
        newStarts.append(place < starts.count ? starts[place] : (starts.last ?? 0))
        newEnds.append(place < ends.count ? ends[place] : (ends.last ?? 0))
        place += 1 - change.change
      }
    }
    scalars = changes.map(\.scalar)
    starts = newStarts
    ends = newEnds
  }

  /// Keeps the scalars that `isKept` says.
  mutating func filter(_ isKept: (UInt32) -> Bool) {
    var count: Int = 0
    for i in 0..<scalars.count where isKept(scalars[i]) {
      scalars[count] = scalars[i]
      starts[count] = starts[i]
      ends[count] = ends[i]
      count += 1
    }
    scalars.removeLast(scalars.count - count)
    starts.removeLast(starts.count - count)
    ends.removeLast(ends.count - count)
  }

  /// Puts scalars before the first; they stand for the first scalar of the original.
  mutating func prepend(_ added: [UInt32]) {
    guard let start = starts.first, let end = ends.first else { return }
    scalars.insert(contentsOf: added, at: 0)
    starts.insert(contentsOf: repeatElement(start, count: added.count), at: 0)
    ends.insert(contentsOf: repeatElement(end, count: added.count), at: 0)
  }

  /// Writes the text as UTF-8 with the place of every byte.
  func write(to text: TextBuffer) {
    text.removeAll()
    text.alignment = .ranges
    for i in 0..<scalars.count {
      let length = Bytes.append(scalars[i], to: text.bytes)
      if length > 1 { text.isASCII = false }
      for _ in 0..<length {
        text.starts.append(starts[i])
        text.ends.append(ends[i])
      }
    }
  }
}
