/// A list: its elements, how deep they nest and how many there are.
package struct ListValue: @unchecked Sendable {
  package private(set) var elements: [Value]
  // Half an Int each, or every value would take more room.
  private var levels: Int32
  private var total: UInt32

  /// How many lists and records stand inside one another, this one included.
  package var depth: Int { Int(levels) }
  /// How many values stand in it, itself included: each as often as a walk through all lists meets it.
  package var size: Int { Int(total) }

  /// - Throws: ``LanguageError`` where lists would nest beyond ``Limits/valueDepth`` or hold more than
  ///   ``Limits/valueSize``.
  package init(_ elements: [Value]) throws {
    var deepest = 0
    for element in elements { deepest = max(deepest, element.depth) }
    guard deepest < Limits.valueDepth else { throw LanguageError.tooDeep(what: "lists", limit: Limits.valueDepth) }
    self = try ListValue(unchecked: elements, depth: deepest + 1).checked()
  }

  /// A list whose depth is known.
  package init(unchecked elements: [Value], depth: Int) {
    self.elements = elements
    levels = Int32(clamping: depth)
    total = UInt32(clamping: depth > 1 ? elements.reduce(1) { $0 + $1.size } : 1 + elements.count)
  }

  /// The list itself.
  ///
  /// - Throws: ``LanguageError`` where it holds more than ``Limits/valueSize``: lists that hold one another many times
  ///   are small in memory and without end for whoever goes through them.
  func checked() throws -> ListValue {
    guard size <= Limits.valueSize else { throw LanguageError.tooLarge(what: "lists") }
    return self
  }

  package var count: Int { elements.count }

  /// The list with one more element. Held by nothing else than `self` and the argument, it grows in place.
  consuming func appending(_ value: Value, releasing other: consuming Value?) -> ListValue {
    other = nil
    levels = max(levels, Int32(clamping: value.depth + 1))
    total = UInt32(clamping: size + value.size)
    elements.append(value)
    return self
  }
}
