/// A growing buffer of plain values that is reused from text to text: no allocation per token, no bounds checks in the
/// scanners. Indices come from the scanners themselves, never from a user.
final class Buffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  var count: Int = 0

  init(capacity: Int = 64) {
    self.capacity = max(1, capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// Makes room for `total` elements and keeps what is there.
  func reserve(_ total: Int) {
    if total > capacity { grow(total) }
  }

  @inline(never)
  private func grow(_ total: Int) {
    let wanted = max(total, capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }

  @inline(__always)
  func append(_ element: Element) {
    if count == capacity { grow(count + 1) }
    base[count] = element
    count += 1
  }

  func append(from source: UnsafePointer<Element>, count more: Int) {
    reserve(count + more)
    (base + count).update(from: source, count: more)
    count += more
  }

  func removeAll() { count = 0 }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { base[index] }
    set { base[index] = newValue }
  }

  /// Exchanges contents with another buffer.
  func swap(with other: Buffer<Element>) {
    (base, other.base) = (other.base, base)
    (capacity, other.capacity) = (other.capacity, capacity)
    (count, other.count) = (other.count, count)
  }
}
