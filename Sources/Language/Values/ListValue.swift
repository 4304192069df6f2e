/// A list: its elements and how deep they nest.
package struct ListValue: @unchecked Sendable {
  package private(set) var elements: [Value]
  package private(set) var depth: Int

  /// - Throws: ``LanguageError`` where lists would nest beyond ``Limits/valueDepth``.
  package init(_ elements: [Value]) throws {
    var deepest = 0
    for element in elements { deepest = max(deepest, element.depth) }
    guard deepest < Limits.valueDepth else { throw LanguageError.tooDeep(what: "lists", limit: Limits.valueDepth) }
    self.elements = elements
    depth = deepest + 1
  }

  /// A list whose depth is known.
  package init(unchecked elements: [Value], depth: Int) {
    self.elements = elements
    self.depth = depth
  }

  package var count: Int { elements.count }

  /// The list with one more element. Held by nothing else than `self` and the argument, it grows in place.
  consuming func appending(_ value: Value, releasing other: consuming Value?) -> ListValue {
    other = nil
    depth = max(depth, value.depth + 1)
    elements.append(value)
    return self
  }
}
