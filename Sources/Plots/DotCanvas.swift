/// A grid of character cells to draw on: with braille eight dots a cell, without one.
struct DotCanvas {
  let columns: Int
  let rows: Int
  let unicode: Bool
  private var dots: [UInt8]
  private var marks: [Character?]

  init(columns: Int, rows: Int, unicode: Bool) {
    self.columns = columns
    self.rows = rows
    self.unicode = unicode
    dots = Array(repeating: 0, count: columns * rows)
    marks = Array(repeating: nil, count: columns * rows)
  }

  /// Dots across and down.
  var dotWidth: Int { unicode ? columns * 2 : columns }
  var dotHeight: Int { unicode ? rows * 4 : rows }

  /// The dot nearest to a place given as shares of width and height, from the lower left.
  func dot(_ x: Double, _ y: Double) -> (x: Int, y: Int) {
    let column: Double = (x * Double(dotWidth - 1)).rounded()
    let row: Double = ((1 - y) * Double(dotHeight - 1)).rounded()
    return (Int(max(0, min(Double(dotWidth - 1), column))), Int(max(0, min(Double(dotHeight - 1), row))))
  }

  /// One dot; without braille its cell shows `mark`.
  mutating func put(_ x: Int, _ y: Int, mark: Character) {
    guard x >= 0, y >= 0, x < dotWidth, y < dotHeight else { return }
    if unicode {
      let bits: [UInt8] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80]
      dots[(y / 4) * columns + x / 2] |= bits[(x % 2) * 4 + y % 4]
    } else {
      marks[y * columns + x] = mark
    }
  }

  /// A character over whatever the cell shows.
  mutating func mark(_ x: Int, _ y: Int, _ mark: Character) {
    guard x >= 0, y >= 0, x < dotWidth, y < dotHeight else { return }
    let cell: Int = unicode ? (y / 4) * columns + x / 2 : y * columns + x
    marks[cell] = mark
  }

  /// A straight line; `dash` dots are drawn, then as many left out (0: none).
  mutating func line(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int), mark: Character, dash: Int) {
    let steps: Int = max(abs(to.x - from.x), abs(to.y - from.y))
    for step in 0...max(steps, 0) {
      let share: Double = steps == 0 ? 0 : Double(step) / Double(steps)
      let x: Int = from.x + Int((share * Double(to.x - from.x)).rounded())
      let y: Int = from.y + Int((share * Double(to.y - from.y)).rounded())
      if dash > 0, (x / dash) % 2 == 1 { continue }
      put(x, y, mark: mark)
    }
  }

  /// The text row of a dot.
  func textRow(_ y: Int) -> Int { unicode ? y / 4 : y }

  func line(_ row: Int) -> String {
    var result: String = ""
    for column in 0..<columns {
      let cell: Int = row * columns + column
      if let mark = marks[cell] {
        result.append(mark)
      } else if dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) {
        result.unicodeScalars.append(scalar)
      } else {
        result.append(" ")
      }
    }
    return result
  }
}
