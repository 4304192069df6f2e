import Synchronization

/// A name as a small number, so that variables are found without hashing text.
package struct Symbol: Sendable, Hashable {
  let id: Int

  package init(_ text: String) { id = Self.table.withLock { $0.id(for: text) } }

  /// The symbol of a number that one had before.
  init(id: Int) { self.id = id }

  package var text: String { Self.table.withLock { $0.texts[id] } }

  private struct Table {
    var texts: [String] = []
    var ids: [String: Int] = [:]

    mutating func id(for text: String) -> Int {
      if let known = ids[text] { return known }
      ids[text] = texts.count
      texts.append(text)
      return texts.count - 1
    }
  }

  private static let table = Mutex(Table())

  /// `_`, the value of the last expression statement.
  static let last = Symbol("_")
}
