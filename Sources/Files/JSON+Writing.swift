extension JSON {
  /// The value as text. Numbers print so that reading gives the same ones; NaN and infinities as Python writes them.
  ///
  /// - Parameter indent: spaces for each level; nil for one line (with a space after `:` and `,`, as Python's).
  package func text(indent: Int? = nil) -> String {
    var output: [UInt8] = []
    write(to: &output, indent: indent, level: 0)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the value as text.
  package func write(to output: inout [UInt8], indent: Int? = nil, level: Int = 0) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): output.append(contentsOf: String(value).utf8)
    case .bigInteger(let digits): output.append(contentsOf: digits.utf8)
    case .real(let value): output.append(contentsOf: JSON.digits(value).utf8)
    case .string(let value): JSON.writeString(value, to: &output)
    case .array(let elements):
      JSON.writeList(elements, "[", "]", to: &output, indent, level) { element, output in
        element.write(to: &output, indent: indent, level: level + 1)
      }
    case .object(let object):
      JSON.writeList(object.members, "{", "}", to: &output, indent, level) { member, output in
        JSON.writeString(member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        member.value.write(to: &output, indent: indent, level: level + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], _ open: Character, _ close: Character, to output: inout [UInt8], _ indent: Int?,
    _ level: Int, _ write: (Element, inout [UInt8]) -> Void
  ) {
    output.append(contentsOf: String(open).utf8)
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(contentsOf: (indent == nil ? ", " : ",").utf8) }
      newLine(&output, indent, level + 1)
      write(element, &output)
    }
    if !elements.isEmpty { newLine(&output, indent, level) }
    output.append(contentsOf: String(close).utf8)
  }

  private static func newLine(_ output: inout [UInt8], _ indent: Int?, _ level: Int) {
    guard let indent else { return }
    output.append(10)
    output.append(contentsOf: repeatElement(32, count: max(0, indent) * level))
  }

  private static func digits(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return "\(value)"
  }

  /// Appends a string in quotes, control characters, quotes and backslashes escaped, all else as it is.
  package static func writeString(_ text: String, to output: inout [UInt8]) {
    let hex: [UInt8] = Array("0123456789abcdef".utf8)
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 10: output.append(contentsOf: "\\n".utf8)
      case 13: output.append(contentsOf: "\\r".utf8)
      case 9: output.append(contentsOf: "\\t".utf8)
      case 0..<32, 127:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hex[Int(byte >> 4)])
        output.append(hex[Int(byte & 15)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
