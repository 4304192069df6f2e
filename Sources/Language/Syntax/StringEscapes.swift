/// Escapes and dedenting of string literals, and strings written back as literals.
package enum StringEscapes {
  struct Problem: Error {
    var start: Int
    var end: Int
    var message: String
    var help: String?
  }

  private static let simple: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "0"): 0,
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
    UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "\""): 0x22, UInt8(ascii: "'"): 0x27,
  ]

  /// The characters that the bytes between the quotes stand for. As in Python an unknown escape keeps its backslash.
  static func decode(_ bytes: ArraySlice<UInt8>) -> Result<String, Problem> {
    guard bytes.contains(UInt8(ascii: "\\")) else { return .success(String(decoding: bytes, as: UTF8.self)) }
    var result: [UInt8] = []
    var place: Int = bytes.startIndex
    while place < bytes.endIndex {
      let byte: UInt8 = bytes[place]
      guard byte == UInt8(ascii: "\\"), place + 1 < bytes.endIndex else {
        result.append(byte)
        place += 1
        continue
      }
      let next: UInt8 = bytes[place + 1]
      if let plain = simple[next] {
        result.append(plain)
        place += 2
      } else if next == 0x0A {
        place += 2
      } else if next == UInt8(ascii: "x") || next == UInt8(ascii: "u") || next == UInt8(ascii: "U") {
        switch scalar(bytes, at: place) {
        case .success(let (scalar, length)):
          result.append(contentsOf: Array(String(scalar).utf8))
          place += length
        case .failure(var problem):
          problem.start -= bytes.startIndex
          problem.end -= bytes.startIndex
          return .failure(problem)
        }
      } else {
        result.append(byte)
        place += 1
      }
    }
    return .success(String(decoding: result, as: UTF8.self))
  }

  /// `\x41`, `\u00e9`, `\U0001F600`, `\u{1F600}`.
  private static func scalar(
    _ bytes: ArraySlice<UInt8>, at start: Int
  ) -> Result<(Unicode.Scalar, Int), Problem> {
    var place: Int = start + 2
    var end: Int = bytes.endIndex
    var closing = 0
    if place < end, bytes[place] == UInt8(ascii: "{"), let brace = bytes[place...].firstIndex(of: UInt8(ascii: "}")) {
      place += 1
      end = brace
      closing = 1
    } else {
      let digits: [UInt8: Int] = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
      end = min(end, place + (digits[bytes[start + 1]] ?? 4))
      let wanted: Int = digits[bytes[start + 1]] ?? 4
      if end - place < wanted { end = place }
    }
    let text = String(decoding: bytes[place..<end], as: UTF8.self)
    if text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code)
    {
      return .success((scalar, end + closing - start))
    }
    let problem = Problem(
      start: start, end: max(end + closing, start + 2), message: "this escape names no character",
      help: "`\\u00e9` has four digits, `\\U0001f600` eight; a backslash itself is `\\\\`")
    return .failure(problem)
  }

  /// The text of a triple-quoted string: without the line break after the opening quotes, the last line where it is
  /// blank, and the indentation that its lines share.
  static func dedented(_ bytes: [UInt8]) -> [UInt8] {
    var lines: [ArraySlice<UInt8>] = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      line.last == 0x0D ? line.dropLast() : line
    }
    guard lines.count > 1 else { return bytes }
    func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    let opensAlone: Bool = isBlank(lines[0])
    if opensAlone { lines.removeFirst() }
    var indent: Int = Int.max
    for (place, line) in lines.enumerated() where opensAlone || place > 0 {
      if isBlank(line) { continue }
      indent = min(indent, line.prefix { $0 == 0x20 || $0 == 0x09 }.count)
    }
    if indent == Int.max { indent = 0 }
    let closesAlone: Bool = lines.last.map(isBlank) ?? false
    if closesAlone { lines.removeLast() }
    var result: [UInt8] = []
    for (place, line) in lines.enumerated() {
      if place > 0 { result.append(0x0A) }
      let isFirst: Bool = place == 0 && !opensAlone
      result.append(contentsOf: isFirst ? line : isBlank(line) ? [] : line.dropFirst(indent))
    }
    return result
  }

  /// A literal that stands for the text: in double quotes, control characters escaped (or, where it is only looked at,
  /// left to become symbols).
  package static func literal(_ text: String, isShown: Bool = false) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if TextWidth.isControl(scalar), !isShown {
          let code = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: max(0, 4 - code.count)) + code
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
