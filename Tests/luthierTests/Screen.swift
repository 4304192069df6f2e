import Foundation

/// What a terminal would show: enough of a VT100 for what libedit and Luthier send.
struct Screen {
  private(set) var columns: Int
  private(set) var rows: Int
  /// All lines from the first ever written; the last `rows` of them are visible. A wide character is followed by an empty cell.
  private var lines: [[String]] = [[]]
  private var top = 0
  private var row = 0
  private var column = 0
  private var pending: [Unicode.Scalar] = []
  private var undecoded: [UInt8] = []
  private var wrapping = false
  /// How often the program asked for bracketed pastes, as it does whenever it begins to read a line.
  private(set) var linesBegun = 0

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// Everything written, scrolled-away lines included, without trailing spaces and empty lines.
  var text: String {
    var shown = lines.map { cells -> String in
      var line = cells.joined()
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    while let last = shown.last, last.isEmpty { shown.removeLast() }
    return shown.joined(separator: "\n")
  }

  /// The line the cursor stands in, and its column.
  var cursor: (line: String, column: Int) {
    let index = top + row
    return (index < lines.count ? lines[index].joined() : "", column)
  }

  mutating func resize(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    if row >= rows {
      top += row - rows + 1
      row = rows - 1
    }
    column = min(column, columns - 1)
  }

  mutating func feed(_ bytes: [UInt8]) {
    undecoded += bytes
    // A character cut in two waits for its rest.
    var end = undecoded.count
    for back in 1...4 where back <= undecoded.count {
      let byte = undecoded[undecoded.count - back]
      if byte < 0x80 { break }
      if byte >= 0xc0 {
        let need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        if need > back { end = undecoded.count - back }
        break
      }
    }
    let ready = String(decoding: undecoded[..<end], as: UTF8.self)
    undecoded.removeFirst(end)
    for scalar in ready.unicodeScalars { feed(scalar) }
  }

  private mutating func feed(_ scalar: Unicode.Scalar) {
    if !pending.isEmpty {
      pending.append(scalar)
      if pending.count == 2 {
        if scalar != "[" && scalar != "]" && scalar != "(" { pending = [] }
        return
      }
      if pending[1] == "(" {
        pending = []
      } else if pending[1] == "]" {
        if scalar == "\u{7}" { pending = [] }
      } else if scalar.value >= 0x40 && scalar.value <= 0x7e {
        control(String(String.UnicodeScalarView(pending.dropFirst(2).dropLast())), scalar)
        pending = []
      }
      return
    }
    switch scalar {
    case "\u{1b}": pending = [scalar]
    case "\r":
      column = 0
      wrapping = false
    case "\n": lineFeed()
    case "\u{8}":
      column = max(0, column - 1)
      wrapping = false
    case "\u{7}": break
    case "\t": column = min(columns - 1, (column / 8 + 1) * 8)
    default: if scalar.value >= 32 { put(scalar) }
    }
  }

  private mutating func lineFeed() {
    wrapping = false
    if row == rows - 1 { top += 1 } else { row += 1 }
    reach()
  }

  private mutating func reach() {
    while lines.count <= top + row { lines.append([]) }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = Self.width(scalar)
    if width == 0 {
      if column > 0, column - 1 < lines[top + row].count { lines[top + row][column - 1].unicodeScalars.append(scalar) }
      return
    }
    if wrapping || column + width > columns {
      column = 0
      lineFeed()
    }
    reach()
    while lines[top + row].count < column + width { lines[top + row].append(" ") }
    lines[top + row][column] = String(scalar)
    if width == 2 { lines[top + row][column + 1] = "" }
    column += width
    if column >= columns {
      column = columns - 1
      wrapping = true
    }
  }

  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36f, 0x200b...0x200f, 0xfe00...0xfe0f: 0
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
      2
    default: 1
    }
  }

  private mutating func control(_ parameters: String, _ final: Unicode.Scalar) {
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let count = max(1, numbers.first ?? 1)
    wrapping = false
    reach()
    switch final {
    case "A": row = max(0, row - count)
    case "B": row = min(rows - 1, row + count)
    case "C": column = min(columns - 1, column + count)
    case "D": column = max(0, column - count)
    case "G": column = min(columns - 1, count - 1)
    case "d": row = min(rows - 1, count - 1)
    case "H", "f":
      row = min(rows - 1, count - 1)
      column = min(columns - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
    case "J":
      eraseLine(from: column)
      if numbers.first == 2 {
        top += row
        row = 0
        reach()
      }
      lines.removeLast(max(0, lines.count - (top + row) - 1))
    case "K": eraseLine(from: column)
    case "P":
      let line = lines[top + row]
      if column < line.count { lines[top + row].removeSubrange(column..<min(line.count, column + count)) }
    case "@":
      if column < lines[top + row].count {
        lines[top + row].insert(contentsOf: [String](repeating: " ", count: count), at: column)
        if lines[top + row].count > columns { lines[top + row].removeLast(lines[top + row].count - columns) }
      }
    case "h": if parameters == "?2004" { linesBegun += 1 }
    default: break
    }
    reach()
  }

  private mutating func eraseLine(from column: Int) {
    if column < lines[top + row].count { lines[top + row].removeSubrange(column...) }
  }
}
