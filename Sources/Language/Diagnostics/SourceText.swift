/// Source text with its lines, and a name for messages (`3>`, a file).
package final class SourceText: Sendable {
  /// What messages call it: a file name, or empty for a cell.
  package let name: String
  package let bytes: [UInt8]
  /// Number of the first line, as messages count.
  package let firstLine: Int
  private let lineStarts: [Int]

  package init(_ text: String, name: String = "", firstLine: Int = 1) {
    self.name = name
    self.firstLine = firstLine
    bytes = Array(text.utf8)
    var starts: [Int] = [0]
    for (place, byte) in bytes.enumerated() where byte == 0x0A { starts.append(place + 1) }
    lineStarts = starts
  }

  /// The text of a range.
  package func text(_ range: SourceRange) -> String {
    let low: Int = min(max(0, range.start), bytes.count)
    let high: Int = min(max(low, range.end), bytes.count)
    return String(decoding: bytes[low..<high], as: UTF8.self)
  }

  /// Index of the line (from 0) a byte stands in.
  package func line(at offset: Int) -> Int {
    var low = 0
    var high: Int = lineStarts.count - 1
    while low < high {
      let middle: Int = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  package var lineCount: Int { lineStarts.count }

  /// Bytes of a line, its line break excluded.
  package func lineRange(_ line: Int) -> SourceRange {
    let start: Int = lineStarts[line]
    var end: Int = line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return SourceRange(start, max(start, end))
  }
}

/// Bytes `start..<end` of a source text.
package struct SourceRange: Sendable, Hashable {
  package var start: Int
  package var end: Int

  package init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }

  package func union(_ other: SourceRange) -> SourceRange { SourceRange(min(start, other.start), max(end, other.end)) }
}
