/// How good a place between two tokens is for a cut.
enum TextBreak: Int, Comparable {
  /// Inside a character: no cut at all.
  case character = -1
  /// Inside a word, or before punctuation.
  case inside = 0
  /// Between words.
  case word = 1
  case line = 2
  case sentence = 3
  case paragraph = 4
  /// Before a heading.
  case section = 5

  static func < (left: TextBreak, right: TextBreak) -> Bool { left.rawValue < right.rawValue }

  /// The break before the token at `start`, whose forerunner covers `previous`.
  static func between(
    _ previous: Range<Int>, _ start: Int, in text: [UInt8], headings: Headings
  ) -> TextBreak {
    guard start > previous.lowerBound, start >= previous.upperBound, start < text.count, text[start] & 0xc0 != 0x80
    else { return .character }
    let gap = text[previous.upperBound..<start]
    let newlines = gap.count { $0 == 10 }
    let lineStart = newlines > 0 ? (gap.lastIndex(of: 10) ?? start) + 1 : start
    if newlines > 0, headings.isHeading(at: lineStart) { return .section }
    // A heading stays with what follows it.
    if newlines > 0, startsHeading(lineOf: previous.lowerBound, text, headings) { return .inside }
    if newlines > 1 { return .paragraph }
    if endsSentence(previous.upperBound, text), !gap.isEmpty || isWide(previous.upperBound, text), !isLower(start, text)
    {
      return .sentence
    }
    if newlines == 1 { return .line }
    return gap.isEmpty ? .inside : .word
  }

  private static func startsHeading(lineOf byte: Int, _ text: [UInt8], _ headings: Headings) -> Bool {
    guard !headings.places.isEmpty else { return false }
    let start = (text[..<byte].lastIndex(of: 10) ?? -1) + 1
    return headings.isHeading(at: start)
  }

  /// Whether what ends before `end` is a full stop or its like, closing quotes and brackets left aside.
  private static func endsSentence(_ end: Int, _ text: [UInt8]) -> Bool {
    var place = end
    while place > 0 {
      if let closing = mark(before: place, text, ["”", "’", "»", "」", "』", "）"]) {
        place -= closing
      } else if [34, 39, 41, 93].contains(text[place - 1]) {
        place -= 1
      } else {
        break
      }
      if end - place > 12 { return false }
    }
    guard place > 0 else { return false }
    if [46, 33, 63].contains(text[place - 1]) { return true }
    return mark(before: place, text, ["…", "。", "！", "？", "؟", "।"]) != nil
  }

  /// Scripts that put no space after a full stop.
  private static func isWide(_ end: Int, _ text: [UInt8]) -> Bool {
    mark(before: end, text, ["。", "！", "？", "」", "』", "）"]) != nil
  }

  private static func mark(before end: Int, _ text: [UInt8], _ marks: [String]) -> Int? {
    guard end > 1, text[end - 1] >= 0x80 else { return nil }
    for mark in marks where end >= mark.utf8.count {
      if text[(end - mark.utf8.count)..<end].elementsEqual(mark.utf8) { return mark.utf8.count }
    }
    return nil
  }

  /// "e.g. the" is no end of a sentence.
  private static func isLower(_ start: Int, _ text: [UInt8]) -> Bool { (97...122).contains(text[start]) }
}
