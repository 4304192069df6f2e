import Foundation

/// Compares lines kept in a script with lines that a run gave: words and integers as they are, floats within a
/// tolerance, spaces not at all (a digit more moves a column).
package struct OutputComparison {
  /// Relative, for every float that isn't equal as printed.
  package var tolerance = 0.0

  package init(tolerance: Double = 0) { self.tolerance = tolerance }

  /// One line that differs; nil stands for a line that is missing on that side.
  package struct Difference: Equatable {
    package var expected: String?
    package var actual: String?

    package init(expected: String?, actual: String?) {
      self.expected = expected
      self.actual = actual
    }
  }

  /// The lines that differ, line by line from the top.
  package func differences(expected: [String], actual: [String]) -> [Difference] {
    var found: [Difference] = []
    for place in 0..<max(expected.count, actual.count) {
      let kept = place < expected.count ? expected[place] : nil
      let got = place < actual.count ? actual[place] : nil
      if let kept, let got, agree(expected: kept, actual: got) { continue }
      found.append(Difference(expected: kept, actual: got))
    }
    return found
  }

  /// Whether two lines say the same.
  package func agree(expected: String, actual: String) -> Bool {
    var kept = Self.pieces(expected)
    let got = Self.pieces(actual)
    var margin: Double?
    if kept != got, let last = kept.last, last.first == "±",
      let value = Double(last.dropFirst().replacing(",", with: ""))
    {
      margin = value
      kept.removeLast()
    }
    guard kept.count == got.count else { return false }
    return kept.indices.allSatisfy { place in
      let (piece, other) = (kept[place], got[place])
      if piece == other { return true }
      // How long something took is never compared: 9.8 s.
      if place + 1 < kept.count, kept[place + 1] == "s", got[place + 1] == "s", Self.isFloat(piece), Self.isFloat(other)
      {
        return true
      }
      guard Self.isFloat(piece), Self.isFloat(other), let a = Double(piece), let b = Double(other) else { return false }
      if let margin { return abs(a - b) <= margin * (1 + 1e-9) }
      return tolerance > 0 && abs(a - b) <= tolerance * max(abs(a), abs(b)) * (1 + 1e-9)
    }
  }

  /// The words and numbers of a line: a number is cut out of what it touches, as in `(0.65` or `lr=1e-3,`.
  package static func pieces(_ line: String) -> [Substring] {
    var pieces: [Substring] = []
    var rest = line[...]
    while let first = rest.first {
      if first == " " || first == "\t" {
        rest = rest.dropFirst()
      } else if let number = numberPrefix(rest) {
        pieces.append(number)
        rest = rest[number.endIndex...]
      } else if first == "±", let number = numberPrefix(rest.dropFirst()) {
        pieces.append(rest[..<number.endIndex])
        rest = rest[number.endIndex...]
      } else {
        let start = rest.startIndex
        var end = rest.index(after: start)
        let isWord = first.isLetter || first == "_"
        while end < rest.endIndex {
          let next = rest[end]
          if next == " " || next == "\t" { break }
          if isWord
            ? !(next.isLetter || next.isNumber || next == "_")
            : (next.isLetter || next.isNumber || next == "_" || next == "-")
          {
            break
          }
          end = rest.index(after: end)
        }
        pieces.append(rest[start..<end])
        rest = rest[end...]
      }
    }
    return pieces
  }

  /// Whether a piece is written as a float: with a point between digits or an exponent.
  package static func isFloat(_ piece: Substring) -> Bool {
    piece.contains(where: { $0 == "." || $0 == "e" }) && numberPrefix(piece)?.count == piece.count
  }

  /// A number at the start, with its sign: `-0.5`, `12`, `1e-3`, `12,440`.
  private static func numberPrefix(_ text: Substring) -> Substring? {
    let bytes = Array(text.utf8.prefix(64))
    var place = 0
    func digits() -> Bool {
      let start = place
      while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 { place += 1 }
      return place > start
    }
    if place < bytes.count, bytes[place] == 45 { place += 1 }
    guard digits() else { return nil }
    while place + 1 < bytes.count, bytes[place] == 44, bytes[place + 1] >= 48, bytes[place + 1] <= 57 {
      place += 1
      _ = digits()
    }
    if place + 1 < bytes.count, bytes[place] == 46, bytes[place + 1] >= 48, bytes[place + 1] <= 57 {
      place += 1
      _ = digits()
    }
    if place < bytes.count, bytes[place] == 101 || bytes[place] == 69 {
      let before = place
      place += 1
      if place < bytes.count, bytes[place] == 45 || bytes[place] == 43 { place += 1 }
      if !digits() { place = before }
    }
    return text.prefix(upTo: text.utf8.index(text.startIndex, offsetBy: place))
  }
}
