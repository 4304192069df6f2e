/// Words of a running text, as annotated corpora split it: at white space, with the punctuation around a word, and an
/// English `'s`, as words of their own.
package enum TextWords {
  package struct Word: Sendable, Equatable {
    package let text: String
    /// Counted in Unicode scalars of the text.
    package let range: Range<Int>
  }

  package static func split(_ text: String) -> [Word] {
    let scalars: [Unicode.Scalar] = Array(text.unicodeScalars)
    var words: [Word] = []
    func add(_ range: Range<Int>) {
      guard !range.isEmpty else { return }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[range])
      words.append(Word(text: String(view), range: range))
    }
    var start: Int = 0
    while start < scalars.count {
      if isBlank(scalars[start]) {
        start += 1
        continue
      }
      var end: Int = start
      while end < scalars.count, !isBlank(scalars[end]) { end += 1 }
      var first: Int = start
      while first < end, isPunctuation(scalars[first]) {
        add(first..<first + 1)
        first += 1
      }
      var last: Int = end
      while last > first, isPunctuation(scalars[last - 1]) { last -= 1 }
      if last - first > 2, scalars[last - 1] == "s" || scalars[last - 1] == "S",
        scalars[last - 2] == "'" || scalars[last - 2] == "’"
      {
        add(first..<last - 2)
        add(last - 2..<last)
      } else {
        add(first..<last)
      }
      for place in last..<max(last, end) { add(place..<place + 1) }
      start = end
    }
    return words
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation,
      .dashPunctuation:
      // Signs that belong to what follows or stands before: `@name`, `#topic`, `50%`.
      return !["@", "#", "&", "%"].contains(scalar)
    default: return false
    }
  }
}
