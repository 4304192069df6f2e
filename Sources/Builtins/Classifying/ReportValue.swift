import Language
import Plots

/// Figures with a display of their own: an evaluation, a report, a comparison.
package final class ReportValue: LanguageObject {
  private let what: String
  private let fields: [(name: String, value: Value)]
  private let lines: [StyledText]
  private let picture: (any Chart)?

  /// - Parameters:
  ///   - what: one line that says what it is.
  ///   - fields: figures that can be read.
  ///   - lines: the display.
  ///   - picture: what a page shows beside them.
  init(_ what: String, fields: [(name: String, value: Value)], lines: [StyledText], picture: (any Chart)? = nil) {
    self.picture = picture
    self.what = what
    self.fields = fields
    self.lines = lines
  }

  package var kind: Kind { .report }
  package func svg() -> String? { picture?.svg() }
  package var summary: String { what }
  package var fieldNames: [String] { fields.map(\.name) }
  package func field(_ name: String) throws -> Value? { fields.first { $0.name == name }?.value }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size == .full, lines.count <= frame.height { return lines.map { $0.cut(to: frame.width) } }
    if size == .full {
      let shown: [StyledText] = lines.prefix(frame.height - 1).map { $0.cut(to: frame.width) }
      return shown + [StyledText("… \(lines.count - frame.height + 1) more lines", .faint)]
    }
    return [StyledText(what).cut(to: frame.width)]
  }
}
