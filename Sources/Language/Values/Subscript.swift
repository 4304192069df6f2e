/// One part of `x[a, b:c, :]`, as NumPy reads it.
package enum Subscript: Sendable {
  /// A number, a name, a list of numbers, a mask.
  case value(Value)
  case slice(Slice)
}

/// `start:stop:step`, each of which may be left out.
package struct Slice: Sendable, Equatable {
  package var start: Int?
  package var stop: Int?
  package var step: Int?

  package init(start: Int? = nil, stop: Int? = nil, step: Int? = nil) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  /// Whether it is `:`, everything.
  package var isWhole: Bool { start == nil && stop == nil && (step == nil || step == 1) }

  /// First place, step and number of places in `count` elements, by Python's rules. The step is never 0: see ``checked()``.
  package func resolve(count: Int) -> (first: Int, step: Int, count: Int) {
    let step: Int = self.step == 0 ? 1 : max(-Int.max, self.step ?? 1)
    func clamp(_ place: Int, _ low: Int, _ high: Int) -> Int {
      let counted: Int = place < 0 ? (place < -count ? -1 : place + count) : place
      return min(max(counted, low), high)
    }
    if step > 0 {
      let first: Int = start.map { clamp($0, 0, count) } ?? 0
      let end: Int = stop.map { clamp($0, 0, count) } ?? count
      return (first, step, end > first ? (end - first - 1) / step + 1 : 0)
    }
    let first: Int = start.map { clamp($0, -1, count - 1) } ?? count - 1
    let end: Int = stop.map { clamp($0, -1, count - 1) } ?? -1
    return (first, step, first > end ? (first - end - 1) / -step + 1 : 0)
  }
}

extension Subscript {
  /// The place that an index stands for in `count` elements, counted from the end where negative; nil if outside.
  package static func place(_ index: Int, count: Int) -> Int? {
    if index >= 0 { return index < count ? index : nil }
    return index >= -count ? index + count : nil
  }
}
