/// A list: its elements and how deep they nest.
package struct ListValue: @unchecked Sendable {
  package let elements: [Value]
  package let depth: Int

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
}
