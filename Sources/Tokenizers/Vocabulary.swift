/// Token texts by id and ids by text.
package final class Vocabulary: Sendable {
  /// One more than the highest id.
  package let count: Int

  init() { count = 0 }

  /// The text of a token, added tokens included; nothing for an id that no token has.
  package func text(of id: Int) -> String? { nil }

  /// The id of a token by its exact text (bytes, not canonical equivalence), added tokens included.
  package func id(of text: String) -> Int? { nil }
}
