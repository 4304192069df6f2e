/// A text with places: `{name}` a column, `{label}` the label to be scored, `{mask}` the mask token, `{{` and `}}` braces.
package struct Template: Equatable, Sendable {
  package enum Piece: Equatable, Sendable {
    case text(String)
    case field(String)
    case label
    case mask
  }

  package let source: String
  package let pieces: [Piece]

  /// - Throws: ``PromptingError/template(_:reason:help:)`` for braces that don't pair, empty names, and templates with
  ///   no place for the answer or with several.
  package init(_ source: String) throws {
    self.source = source
    pieces = try Template.read(source)
    let answers = pieces.filter { $0 == .label || $0 == .mask }
    guard answers.count == 1 else {
      if answers.isEmpty {
        throw PromptingError.template(
          source, reason: "no place for the answer",
          help: "write {label} where a causal model goes on, {mask} where a masked one fills in")
      }
      throw PromptingError.template(
        source, reason: "\(answers.count) places for the answer", help: "write {label} or {mask} once")
    }
  }

  /// Whether the answer is a mask to be filled.
  package var isMasked: Bool { pieces.contains(.mask) }

  /// Names of its columns, each once, in order.
  package var fields: [String] {
    var names: [String] = []
    for case .field(let name) in pieces where !names.contains(name) { names.append(name) }
    return names
  }

  private static func read(_ source: String) throws -> [Piece] {
    var pieces: [Piece] = []
    var text = String.UnicodeScalarView()
    let scalars = Array(source.unicodeScalars)
    var place = 0
    func end() {
      if !text.isEmpty { pieces.append(.text(String(text))) }
      text = String.UnicodeScalarView()
    }
    func fail(_ reason: String, _ help: String) -> PromptingError {
      .template(source, reason: reason + " at character \(place)", help: help)
    }
    while place < scalars.count {
      let scalar = scalars[place]
      let isDoubled = place + 1 < scalars.count && scalars[place + 1] == scalar
      switch scalar {
      case "{" where isDoubled, "}" where isDoubled:
        text.append(scalar)
        place += 2
      case "}":
        throw fail("a } that nothing opened", "write }} for a brace")
      case "{":
        guard let close = scalars[place...].firstIndex(of: "}") else {
          throw fail("a { that nothing closes", "write {{ for a brace")
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[(place + 1)..<close])
        let name = trimmed(String(view))
        if name.isEmpty { throw fail("an empty {}", "name a column, or write {{}} for braces") }
        if name.contains("{") { throw fail("a { inside braces", "write {{ for a brace") }
        if name.unicodeScalars.contains(where: { $0.value < 32 }) {
          throw fail("a line break inside braces", "write {{ for a brace")
        }
        end()
        pieces.append(name == "label" ? .label : name == "mask" ? .mask : .field(name))
        place = close + 1
      default:
        text.append(scalar)
        place += 1
      }
    }
    end()
    return pieces
  }

  private static func trimmed(_ text: String) -> String {
    var part = Substring(text)
    while part.first == " " { part.removeFirst() }
    while part.last == " " { part.removeLast() }
    return String(part)
  }
}
