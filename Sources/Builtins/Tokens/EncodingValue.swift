import Language
import Tokenizers

/// A text in tokens: pieces, ids, offsets.
package final class EncodingValue: LanguageObject {
  package let encoding: Encoding
  /// The pieces' texts, made when first looked at.
  package private(set) lazy var tokens: [String] = encoding.tokens

  package init(_ encoding: Encoding) { self.encoding = encoding }

  package var kind: Kind { .tokens }
  package var summary: String { "a text cut into \(Numbers.grouped(encoding.count)) tokens" }

  package func nextSteps(name: String) -> [String] { ["\(name).ids", "\(name).tokens", "\(name)[0]"] }

  package var fieldNames: [String] {
    ["ids", "tokens", "offsets", "type_ids", "words", "special", "windows"]
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "ids": return .ints(encoding.ids)
    case "tokens": return .strings(tokens)
    case "offsets": return try .list(encoding.offsets.map { .ints([$0.lowerBound, $0.upperBound]) })
    case "type_ids": return .ints(encoding.typeIDs)
    case "words": return try .list(encoding.wordIDs.map { $0.map { .int($0) } ?? .nothing })
    case "special": return try .list(encoding.specialTokensMask.map { .bool($0) })
    case "windows": return try .list(([encoding] + encoding.overflowing).map { .object(EncodingValue($0)) })
    default: return nil
    }
  }

  package var length: Int? { encoding.count }

  /// One token: `{token, id, start, end, special}`.
  package func item(at place: Int) throws -> Value {
    guard encoding.ids.indices.contains(place) else {
      throw LanguageError.message("there are \(encoding.count) tokens")
    }
    return try .record([
      ("token", .string(tokens[place])), ("id", .int(encoding.ids[place])),
      ("start", .int(encoding.offsets[place].lowerBound)), ("end", .int(encoding.offsets[place].upperBound)),
      ("special", .bool(encoding.specialTokensMask[place])),
    ])
  }

  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(.int(let index)) = subscripts[0] else {
      throw LanguageError.message("tokens are indexed by one whole number", help: "for several, slice .ids or .tokens")
    }
    let place = index < 0 ? encoding.count &+ index : index
    guard encoding.ids.indices.contains(place) else {
      throw LanguageError.message("no token \(index): there are \(encoding.count)")
    }
    return try item(at: place)
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? EncodingValue else { return false }
    return other.encoding.ids == encoding.ids && other.encoding.offsets == encoding.offsets
      && other.encoding.typeIDs == encoding.typeIDs
  }
}
