/// A chart as a value: what it shows, drawn either as text for a terminal or as SVG for a page.
package protocol Chart: Sendable {
  /// Lines of text, none longer than `style.width` columns.
  func text(_ style: TextStyle) -> [String]
  /// A whole `<svg>` element, readable on paper: series differ by mark and dash, not by colour alone.
  func svg() -> String
}

/// How text charts are drawn.
package struct TextStyle: Sendable, Equatable {
  /// Columns that a line may fill.
  package var width: Int
  /// Rows of the drawing itself, without axes.
  package var height: Int
  /// Whether braille and block characters can be shown; else `* + o` and `#`.
  package var unicode: Bool

  package init(width: Int = 77, height: Int = 16, unicode: Bool = true) {
    self.width = max(20, min(width, 400))
    self.height = max(4, min(height, 100))
    self.unicode = unicode
  }
}

/// One point of a chart.
package struct Point: Sendable, Equatable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  var isFinite: Bool { x.isFinite && y.isFinite }
}

/// Points that belong together, under a name.
package struct Series: Sendable, Equatable {
  package var name: String
  package var points: [Point]

  package init(_ name: String, _ points: [Point]) {
    self.name = shown(name)
    self.points = points
  }

  /// Values at 0, 1, 2, …, or from another first place on.
  package init(_ name: String, _ values: [Double], from first: Int = 0) {
    self.init(name, values.enumerated().map { Point(Double($0.offset) + Double(first), $0.element) })
  }
}

/// The characters that tell series apart.
enum Marks {
  static let all: [Character] = ["*", "+", "o", "x", "#", "@", "%", "&"]
  static func mark(_ index: Int) -> Character { all[index % all.count] }
}
