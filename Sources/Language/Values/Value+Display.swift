/// How plain values show themselves.
extension Value {
  /// The display in a frame: one line where it fits, else as many as there is room for. What is cut is said.
  package func display(_ size: DisplaySize = .full, in frame: DisplayFrame = .standard) -> [StyledText] {
    if case .object(let object) = self {
      let lines: [StyledText] = object.display(size, in: frame)
      return size == .full ? lines : [(lines.first ?? StyledText()).cut(to: frame.width)]
    }
    if size == .full, case .record(let record) = self, let lines = Self.together(record, in: frame) { return lines }
    let line: StyledText = styledInline(width: frame.width)
    guard size == .full, !fitsInline(width: frame.width) else { return [line] }
    switch self {
    case .string(let text): return Self.paragraphs(of: text, in: frame).map { $0.cut(to: frame.width) }
    case .list(let list): return Self.filled(list, in: frame).map { $0.cut(to: frame.width) }
    case .record(let record): return Self.fields(of: record, in: frame).map { $0.cut(to: frame.width) }
    case .function(let function): return Self.definition(of: function, in: frame)
    default: return [line]
    }
  }

  /// A few words without styles.
  package func inline(width: Int = 77) -> String { styledInline(width: width).plain }

  private func fitsInline(width: Int) -> Bool {
    if case .function(let function) = self, function.text.contains("\n") { return false }
    var writer = InlineWriter(width: width)
    return writer.write(self) && !writer.isCut
  }

  package func styledInline(width: Int = 77) -> StyledText {
    var writer = InlineWriter(width: width)
    _ = writer.write(self)
    return writer.text.cut(to: width)
  }

  // MARK: several lines

  /// What a record of objects of one kind looks like, where that kind says so.
  private static func together(_ record: RecordValue, in frame: DisplayFrame) -> [StyledText]? {
    var fields: [(name: String, object: any LanguageObject)] = []
    for (key, value) in record.fields {
      guard case .object(let object) = value else { return nil }
      fields.append((key.text, object))
    }
    return fields.first?.object.display(fields: fields, in: frame)
  }

  /// Long text: its lines wrapped, without quotes.
  private static func paragraphs(of text: String, in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    var shown = 0
    var rest: Substring.UnicodeScalarView = text.unicodeScalars[...]
    while !rest.isEmpty, lines.count < frame.height - 1 {
      let (line, taken) = Self.nextLine(rest, width: frame.width)
      lines.append(StyledText(line, .string))
      shown += taken
      rest = rest.dropFirst(taken)
    }
    let left: Int = rest.count
    if left > 0 { lines.append(StyledText("… \(Numbers.grouped(left)) more characters", .faint)) }
    return lines
  }

  /// The next line of text, broken at a line break, else at the last space that fits, else where it must.
  private static func nextLine(_ text: Substring.UnicodeScalarView, width: Int) -> (String, Int) {
    var line = String.UnicodeScalarView()
    var used = 0
    var taken = 0
    var lastSpace: (line: Int, taken: Int)?
    for scalar in text {
      if scalar == "\n" { return (String(line), taken + 1) }
      let columns: Int = TextWidth.isControl(scalar) ? 1 : TextWidth.of(scalar)
      if used + columns > width {
        guard let space = lastSpace else { return (String(line), taken) }
        return (String(String.UnicodeScalarView(line.prefix(space.line))), space.taken)
      }
      line.append(scalar)
      used += columns
      taken += 1
      if scalar == " " { lastSpace = (line.count - 1, taken) }
    }
    return (String(line), taken)
  }

  /// Elements one after the other, wrapped.
  private static func filled(_ list: ListValue, in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    var line = StyledText("[")
    var used = 1
    for (place, element) in list.elements.enumerated() {
      let isLast: Bool = place == list.count - 1
      var part: StyledText = element.styledInline(width: frame.width - 3)
      part.append(isLast ? "]" : ",")
      let columns: Int = part.width
      if used > 1, used + columns + 1 > frame.width {
        if lines.count == frame.height - 2 {
          lines.append(line)
          lines.append(StyledText(" … \(Numbers.grouped(list.count - place)) more", .faint) + "]")
          return lines
        }
        lines.append(line)
        line = " "
        used = 1
      } else if used > 1 {
        line.append(" ")
        used += 1
      }
      line += part
      used += columns
    }
    lines.append(line)
    return lines
  }

  /// A field a line, names aligned.
  private static func fields(of record: RecordValue, in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    let names: [String] = record.keys.map(Printer.key)
    let column: Int = min(frame.width / 3, names.map { TextWidth.of($0) }.max() ?? 0)
    let count: Int = record.count <= frame.height ? record.count : frame.height - 1
    for place in 0..<count {
      let name: String = TextWidth.padded(TextWidth.cut(names[place], to: column), to: column)
      let room: Int = frame.width - column - 2
      let value: StyledText = record.values[place].display(.line, in: DisplayFrame(width: room)).first ?? ""
      lines.append((StyledText(name + "  ", .name) + value).cut(to: frame.width))
    }
    if count < record.count {
      lines.append(StyledText("… \(Numbers.grouped(record.count - count)) more fields", .faint))
    }
    return lines
  }

  private static func definition(of function: FunctionValue, in frame: DisplayFrame) -> [StyledText] {
    let all: [Substring] = function.text.split(separator: "\n", omittingEmptySubsequences: false)
    var lines: [StyledText] = all.prefix(frame.height - 1).map {
      StyledText(TextWidth.cut(String($0), to: frame.width))
    }
    if all.count > lines.count {
      lines.append(StyledText("… \(Numbers.grouped(all.count - lines.count)) more lines", .faint))
    }
    return lines
  }
}

/// Writes values on one line until it is full.
struct InlineWriter {
  private var width: Int
  var text = StyledText()
  private var used = 0
  private(set) var isCut = false

  init(width: Int) { self.width = width }

  private mutating func put(_ part: String, _ style: TextStyle = .plain) {
    used += TextWidth.of(part)
    text.append(part, style)
  }

  private mutating func cut(_ left: Int) {
    isCut = true
    put("… \(Numbers.grouped(left)) more", .faint)
  }

  /// False where the line was full before all was written.
  mutating func write(_ value: Value) -> Bool {
    switch value {
    case .nothing: put("none", .keyword)
    case .bool(let flag): put(flag ? "true" : "false", .keyword)
    case .int(let number): put(String(number), .number)
    case .float(let number): put(Numbers.text(number), .number)
    case .string(let string): writeString(string)
    case .list(let list): writeList(list)
    case .record(let record): writeRecord(record)
    case .function(let function): writeFunction(function)
    case .object(let object):
      let frame = DisplayFrame(width: max(20, width - used))
      let line: StyledText = object.display(.inline, in: frame).first ?? StyledText(object.kind.name)
      used += line.width
      text += line
    }
    return used <= width
  }

  private mutating func writeString(_ string: String) {
    // No more is looked at than can be shown.
    let head = String(String.UnicodeScalarView(string.unicodeScalars.prefix(width + 2)))
    var literal: String = TextWidth.visible(StringEscapes.literal(head, isShown: true))
    if head.utf8.count < string.utf8.count || TextWidth.of(literal) > width { isCut = true }
    if isCut, TextWidth.of(literal) > max(4, width - used) {
      literal = TextWidth.prefix(literal, width: max(2, width - used - 2)) + "…\""
    }
    put(literal, .string)
  }

  /// Each element is written once; one that doesn't fit is taken back and counted among what is cut. (Trying first
  /// and writing then would double the work at every level of nesting.)
  private mutating func writeList(_ list: ListValue) {
    put("[")
    for (place, element) in list.elements.enumerated() {
      if place > 0 { put(", ") }
      let (textBefore, usedBefore, wasCut): (StyledText, Int, Bool) = (text, used, isCut)
      // Room for the closing bracket, or for the note on what is cut.
      let reserve: Int = place == list.count - 1 ? 1 : 12
      width -= reserve
      isCut = false
      let fits: Bool = write(element) && !isCut
      width += reserve
      if fits {
        isCut = wasCut
      } else if usedBefore > 2 {
        (text, used) = (textBefore, usedBefore)
        cut(list.count - place)
        break
      } else {
        isCut = true
        if used > width { break }
      }
    }
    put("]")
  }

  private mutating func writeRecord(_ record: RecordValue) {
    put("{")
    for (place, (key, value)) in record.fields.enumerated() {
      if place > 0 { put(", ") }
      let name: String = Printer.key(key) + ": "
      if used + TextWidth.of(name) + 12 > width {
        cut(record.count - place)
        break
      }
      put(name, .name)
      guard write(value) else { break }
    }
    put("}")
  }

  private mutating func writeFunction(_ function: FunctionValue) {
    if function.parameterNames == nil {
      put("\(function.name ?? "") (a word; ?\(function.name ?? ""))", .name)
    } else if let name = function.name {
      put("fn \(name)(\((function.parameterNames ?? []).joined(separator: ", ")))", .name)
    } else {
      put(TextWidth.cut(function.text.split(separator: "\n").map(\.trimmed).joined(separator: " "), to: width), .name)
    }
  }
}
