/// A text whose words carry shares: what speaks for something, what against it.
package struct WordShares: Chart {
  package struct Word: Sendable, Equatable {
    package var text: String
    /// Above 0 for, below 0 against.
    package var share: Double

    package init(_ text: String, _ share: Double) {
      self.text = shown(text)
      self.share = share
    }
  }

  private let title: String
  private let words: [Word]
  /// The largest share, which is drawn at full strength.
  private let peak: Double

  package init(title: String, words: [Word]) {
    self.title = shown(title)
    self.words = words
    peak = max(1e-12, words.map { abs($0.share) }.filter(\.isFinite).max() ?? 0)
  }

  /// How strongly a word is marked, from 0 to 3.
  private func strength(_ word: Word) -> Int {
    word.share.isFinite ? Int((abs(word.share) / peak * 3).rounded()) : 0
  }

  /// The text in lines, and below each line its marks: one to three `+` or `-`.
  package func text(_ style: TextStyle) -> [String] {
    var lines: [String] = []
    var (upper, lower): (String, String) = ("", "")
    func end() {
      guard !upper.isEmpty else { return }
      lines.append(trimmedEnd(upper))
      lines.append(trimmedEnd(lower))
      (upper, lower) = ("", "")
    }
    for word in words {
      let mark = String(repeating: word.share < 0 ? "-" : "+", count: strength(word))
      let text: String = clipped(word.text, to: style.width, unicode: style.unicode)
      let width: Int = max(displayWidth(text), mark.count)
      if displayWidth(upper) + width > style.width { end() }
      upper += padded(text, to: width + 1)
      lower += mark + String(repeating: " ", count: width - mark.count + 1)
    }
    end()
    return lines
  }

  package func svg() -> String {
    let (size, lineHeight, left, room): (Double, Double, Double, Double) = (15, 34, 20, 600)
    var places: [(x: Double, line: Int, width: Double)] = []
    var (x, line): (Double, Int) = (0, 0)
    for word in words {
      let width: Double = Double(displayWidth(word.text)) * size * 0.58 + 8
      if x > 0, x + width > room {
        x = 0
        line += 1
      }
      places.append((x, line, width))
      x += width + 3
    }
    let top: Double = 44
    var page = SVGPage(title: title, width: 640, height: top + Double(line + 1) * lineHeight + 8, leftMargin: left)
    for (word, place) in zip(words, places) {
      let y: Double = top + Double(place.line) * lineHeight
      let part: Double = word.share.isFinite ? min(1, abs(word.share) / peak) : 0
      page.rectangle(
        left + place.x, y, place.width, lineHeight - 10, fill: WordShares.tint(part, isFor: word.share >= 0))
      page.text(word.text, x: left + place.x + place.width / 2, y: y + 17, anchor: "middle")
      // On paper without colour a bar says how much, above for, below against.
      let bar: Double = place.width * part
      let barY: Double = word.share >= 0 ? y - 3 : y + lineHeight - 9
      if part > 0.05 {
        page.rectangle(left + place.x, barY, bar, 2, fill: word.share >= 0 ? "#0072b2" : "#d55e00")
      }
    }
    return page.finished()
  }

  /// Blue for, orange against, paler the less.
  private static func tint(_ part: Double, isFor: Bool) -> String {
    let full: [Double] = isFor ? [0x7f, 0xb8, 0xdc] : [0xf0, 0xae, 0x80]
    let channels: [String] = full.map { channel in
      let value = Int((255 - (255 - channel) * part).rounded())
      let digits = String(value, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return "#" + channels.joined()
  }
}
