/// The Markdown that comments in a script use, as HTML: paragraphs, headings, lists, quotes, tables are left as text;
/// inline `code`, *emphasis*, **strong**, [links](…). Everything else is escaped: a script can't put markup on a page.
struct Markdown {
  let html: String

  init(_ lines: [String]) {
    var blocks: [Block] = []
    for line in lines {
      let (block, isContinuation) = Self.read(line)
      if isContinuation, let last = blocks.last, last.takes(block) {
        blocks[blocks.count - 1].lines += block.lines
      } else {
        blocks.append(block)
      }
    }
    html = Self.joined(blocks)
  }

  private enum Kind: Equatable {
    case paragraph, blank, code, quote
    case heading(Int)
    case item(ordered: Bool)
  }

  private struct Block {
    var kind: Kind
    var lines: [String]

    /// Whether a line of `other` belongs to this block.
    func takes(_ other: Block) -> Bool {
      switch (kind, other.kind) {
      case (.paragraph, .paragraph), (.item, .paragraph), (.code, .code), (.quote, .quote): true
      default: false
      }
    }
  }

  private static func read(_ line: String) -> (block: Block, isContinuation: Bool) {
    let text = String(line.drop { $0 == " " })
    let indent = line.count - text.count
    if text.isEmpty { return (Block(kind: .blank, lines: []), false) }
    if indent >= 4 { return (Block(kind: .code, lines: [String(line.dropFirst(4))]), true) }
    let marks = text.prefix { $0 == "#" }.count
    if (1...4).contains(marks), text.dropFirst(marks).first == " " {
      return (Block(kind: .heading(marks), lines: [String(text.dropFirst(marks + 1))]), false)
    }
    if text.hasPrefix("> ") { return (Block(kind: .quote, lines: [String(text.dropFirst(2))]), true) }
    if text.hasPrefix("- ") || text.hasPrefix("* ") {
      return (Block(kind: .item(ordered: false), lines: [String(text.dropFirst(2))]), false)
    }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, digits.count < 4, text.dropFirst(digits.count).hasPrefix(". ") {
      return (Block(kind: .item(ordered: true), lines: [String(text.dropFirst(digits.count + 2))]), false)
    }
    return (Block(kind: .paragraph, lines: [text]), true)
  }

  private static func joined(_ blocks: [Block]) -> String {
    var html = ""
    var openList: String?
    func close() {
      if let tag = openList { html += "</\(tag)>\n" }
      openList = nil
    }
    for block in blocks {
      let text = block.lines.joined(separator: "\n")
      if case .item(let ordered) = block.kind {
        let tag = ordered ? "ol" : "ul"
        if openList != tag {
          close()
          html += "<\(tag)>\n"
          openList = tag
        }
        html += "<li>\(inline(text))</li>\n"
        continue
      }
      if block.kind == .blank { continue }
      close()
      switch block.kind {
      case .heading(let level): html += "<h\(level + 2)>\(inline(text))</h\(level + 2)>\n"
      case .code: html += "<pre class=\"sample\">\(HTML.escaped(text))</pre>\n"
      case .quote: html += "<blockquote><p>\(inline(text))</p></blockquote>\n"
      default: html += "<p>\(inline(text))</p>\n"
      }
    }
    close()
    return html
  }

  // MARK: inline

  /// Spans of a paragraph. A mark without its partner stays as it is.
  static func inline(_ text: String) -> String {
    var html = ""
    var rest = Substring(text)
    while let first = rest.first {
      if first == "\\", let next = rest.dropFirst().first, next.isPunctuation || next.isSymbol {
        html += HTML.escaped(String(next))
        rest = rest.dropFirst(2)
      } else if first == "`", let (inside, after) = enclosed(rest, by: "`") {
        html += "<code>\(HTML.escaped(String(inside)))</code>"
        rest = after
      } else if rest.hasPrefix("**"), let (inside, after) = enclosed(rest, by: "**") {
        html += "<strong>\(inline(String(inside)))</strong>"
        rest = after
      } else if first == "*", let (inside, after) = enclosed(rest, by: "*") {
        html += "<em>\(inline(String(inside)))</em>"
        rest = after
      } else if first == "[", let (label, address, after) = link(rest) {
        html += "<a href=\"\(HTML.escaped(address))\">\(inline(label))</a>"
        rest = after
      } else {
        html += HTML.escaped(String(first))
        rest = rest.dropFirst()
      }
    }
    return html
  }

  /// What stands between `mark` at the start and the next `mark`; nil where nothing does.
  private static func enclosed(_ text: Substring, by mark: String) -> (inside: Substring, after: Substring)? {
    let body = text.dropFirst(mark.count)
    guard let start = body.first, start != " " else { return nil }
    var place = body.startIndex
    while place < body.endIndex {
      if body[place...].hasPrefix(mark), place > body.startIndex {
        return (body[..<place], body[place...].dropFirst(mark.count))
      }
      place = body.index(after: place)
    }
    return nil
  }

  private static func link(_ text: Substring) -> (label: String, address: String, after: Substring)? {
    guard let close = text.firstIndex(of: "]") else { return nil }
    let behind = text[text.index(after: close)...]
    guard behind.first == "(", let end = behind.firstIndex(of: ")") else { return nil }
    let address = String(behind[behind.index(after: behind.startIndex)..<end])
    let isSafe = ["https://", "http://", "#", "mailto:"].contains { address.hasPrefix($0) } || !address.contains(":")
    guard isSafe else { return nil }
    return (String(text[text.index(after: text.startIndex)..<close]), address, behind[behind.index(after: end)...])
  }
}
