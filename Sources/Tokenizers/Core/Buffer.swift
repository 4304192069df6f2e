/// A growing buffer of plain values that is reused from text to text: no allocation per token, no bounds checks in the
/// scanners. Indices come from the scanners themselves, never from a user.
final class Buffer<Element: BitwiseCopyable> {
  /// Behind a pointer, so that the scanners' loops pay for no checks of exclusive access.
  private struct State {
    var base: UnsafeMutablePointer<Element>
    var capacity: Int
    var count: Int
  }

  private let state: UnsafeMutablePointer<State>

  init(capacity: Int = 64) {
    state = .allocate(capacity: 1)
    state.initialize(to: State(base: .allocate(capacity: max(1, capacity)), capacity: max(1, capacity), count: 0))
  }

  deinit {
    state.pointee.base.deallocate()
    state.deallocate()
  }

  @inline(__always)
  var base: UnsafeMutablePointer<Element> { state.pointee.base }

  @inline(__always)
  var count: Int {
    get { state.pointee.count }
    set { state.pointee.count = newValue }
  }

  /// Makes room for `total` elements and keeps what is there.
  @inline(__always)
  func reserve(_ total: Int) {
    if total > state.pointee.capacity { grow(total) }
  }

  @inline(never)
  private func grow(_ total: Int) {
    let wanted = max(total, state.pointee.capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    larger.update(from: base, count: count)
    base.deallocate()
    state.pointee.base = larger
    state.pointee.capacity = wanted
  }

  @inline(__always)
  func append(_ element: Element) {
    if state.pointee.count == state.pointee.capacity { grow(state.pointee.count + 1) }
    state.pointee.base[state.pointee.count] = element
    state.pointee.count += 1
  }

  func append(from source: UnsafePointer<Element>, count more: Int) {
    reserve(count + more)
    (base + count).update(from: source, count: more)
    count += more
  }

  func removeAll() { state.pointee.count = 0 }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { state.pointee.base[index] }
    set { state.pointee.base[index] = newValue }
  }

  /// Exchanges contents with another buffer.
  func swap(with other: Buffer<Element>) {
    let mine = state.pointee
    state.pointee = other.state.pointee
    other.state.pointee = mine
  }
}
