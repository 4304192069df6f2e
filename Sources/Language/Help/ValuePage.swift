/// What a value is and what can be done next: `?x`.
package enum ValuePage {
  package static func lines(_ name: String, _ value: Value, in builtins: BuiltinTable) -> [StyledText] {
    var head = StyledText(name, .heading)
    let summary: String = summary(of: value)
    head.append("  \(summary)")
    var lines: [StyledText] = [head.cut(to: HelpText.width)]
    // Some values have nothing else to show on one line.
    let line: [StyledText] = value.display(.line)
    if line.map(\.plain) != [summary] { lines += line }
    let fields = Members.names(of: value)
    if !fields.isEmpty { lines += list("fields", fields) }
    let taking = builtins.words(taking: value)
    let own = taking.filter { word in builtins[word].contains { takesOnly($0, value) } }
    if !own.isEmpty { lines += list("words", own) }
    let steps: [String] = nextSteps(name, value)
    if !steps.isEmpty {
      lines.append(StyledText("what could come next", .faint))
      lines += steps.prefix(6).map { StyledText("  " + $0, .accent).cut(to: HelpText.width) }
    }
    return lines
  }

  private static func takesOnly(_ form: Builtin, _ value: Value) -> Bool {
    form.takesFirst(value) && form.parameters.first?.type != .any
  }

  private static func summary(of value: Value) -> String {
    switch value {
    case .object(let object): object.summary
    case .list(let list): "a list of \(Numbers.grouped(list.count))"
    case .record(let record): "a record of \(Numbers.grouped(record.count)) fields"
    case .function(let function): function.parameterNames == nil ? "a word" : "a function of yours"
    default: value.kind.phrase
    }
  }

  private static func nextSteps(_ name: String, _ value: Value) -> [String] {
    switch value {
    case .object(let object): object.nextSteps(name: name)
    case .list: ["\(name)[0]", "\(name).map(x -> x)", "\(name).len()"]
    case .record(let record):
      record.keys.prefix(2).compactMap { key in
        if case .name(let text) = key { return "\(name).\(text)" }
        return nil
      }
    case .string: ["\(name).upper()", "\(name).split(\" \")"]
    default: []
    }
  }

  private static func list(_ title: String, _ items: [String]) -> [StyledText] {
    let rows = HelpText.wrapped(items.joined(separator: " "), width: HelpText.width - 8)
    var lines = rows.prefix(3).enumerated().map { place, row in
      StyledText(TextWidth.padded(place == 0 ? title : "", to: 8), .faint) + StyledText(row)
    }
    if rows.count > 3 { lines.append(StyledText("        … Tab after \".\" lists all", .faint)) }
    return Array(lines)
  }
}
