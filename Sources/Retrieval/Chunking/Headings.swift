/// The headings of a Markdown text, by place.
struct Headings {
  /// Where a heading's line begins, and the headings in force from there on.
  private(set) var places: [(byte: Int, path: String)] = []
  /// The first heading, without its marks; nil where there is none.
  private(set) var title: String?

  static let none = Headings()

  private init() {}

  /// Lines that begin with one to six `#` and a space, outside of fenced code.
  init(markdown text: [UInt8]) {
    var open: [(level: Int, title: String)] = []
    var fence: UInt8?
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 10) ?? text.count
      let line = text[start..<end]
      let marks = line.prefix { $0 == 35 }.count
      if let first = line.drop(while: { $0 == 32 }).first, first == 96 || first == 126,
        line.drop(while: { $0 == 32 }).prefix(while: { $0 == first }).count >= 3
      {
        if fence == nil { fence = first } else if fence == first { fence = nil }
      } else if fence == nil, (1...6).contains(marks), let next = line.dropFirst(marks).first, next == 32 || next == 9 {
        let title = Headings.plain(line.dropFirst(marks))
        if !title.isEmpty {
          open.removeAll { $0.level >= marks }
          open.append((marks, title))
          if self.title == nil { self.title = title }
          places.append((start, open.map(\.title).joined(separator: " › ")))
        }
      }
      start = end + 1
    }
  }

  /// Without white space and closing marks around it.
  private static func plain(_ bytes: ArraySlice<UInt8>) -> String {
    var rest = bytes.drop { $0 == 32 || $0 == 9 }
    while let last = rest.last, last == 32 || last == 9 || last == 13 || last == 35 { rest = rest.dropLast() }
    return String(decoding: rest, as: UTF8.self)
  }

  /// The headings in force at a byte.
  func path(at byte: Int) -> String {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].byte <= byte { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? "" : places[low - 1].path
  }

  func isHeading(at byte: Int) -> Bool {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].byte < byte { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low].byte == byte
  }
}
