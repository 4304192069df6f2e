import Language
import Tables

extension Builtin {
  /// The words on text, for each value of a column: `reviews.text.lower()`.
  static let columnTextWords: [Builtin] = [
    inEachRow(lowerText, #"table({name: ["Fig"]}).name.lower()[0]"#, gives: "fig"),
    inEachRow(upperText, #"table({name: ["fig"]}).name.upper()[0]"#, gives: "FIG"),
    inEachRow(stripText, #"table({name: [" fig "]}).name.strip()[0]"#, gives: "fig"),
    inEachRow(replaceText, #"table({name: ["a-b"]}).name.replace("-", " ")[0]"#, gives: "a b"),
    inEachRow(containsText, #"any(table({name: ["fig", "plum"]}).name.contains("lu"))"#, gives: true),
    inEachRow(startsWithText, #"table({name: ["fig"]}).name.starts_with("p")[0]"#, gives: false),
    inEachRow(endsWithText, #"table({name: ["fig"]}).name.ends_with("g")[0]"#, gives: true),
    inEachRow(splitText, #"table({name: ["a b"]}).name.split()[0]"#, gives: .strings(["a", "b"])),
  ]

  /// The form of a text word that takes a column and gives one of the same length. Missing values stay missing.
  private static func inEachRow(_ word: Builtin, _ example: String, gives: Value) -> Builtin {
    let subject: String = word.parameters.first?.name ?? ""
    let others: [Parameter] = Array(word.parameters.dropFirst())
    // Python's `part in text` is the one that is no method.
    let method: Substring = word.python.hasPrefix("text.") ? word.python.dropFirst(5) : "contains(part, regex=False)"
    return Builtin(
      word.name, area: word.area, on: [.column], returns: .column, summary: "The same for each text of a column.",
      parameters: others, keywords: ["column", "series"],
      python: "series.str.\(method)",
      examples: [Example(example, gives: gives)], seeAlso: ["map"]
    ) { call in
      let texts: ColumnValue = try call.receiver()
      var given: [String: Value] = [:]
      for parameter in others where call.isGiven(parameter.name) { given[parameter.name] = call.value(parameter.name) }
      var results: [Value] = []
      results.reserveCapacity(texts.column.count)
      for row in 0..<texts.column.count {
        if row % 256 == 0 { try call.checkInterruption() }
        let value: Value = texts.column.value(row)
        switch value {
        case .nothing: results.append(.nothing)
        case .string:
          let values: [String: Value] = given.merging([subject: value]) { $1 }
          results.append(try word.body(Call(word, values: values, range: call.range, context: call.context)))
        default: throw call.error("row \(row) of the column holds \(value.kind.phrase), expected a string")
        }
      }
      return .column(try Column(values: results), name: texts.name)
    }
  }
}
