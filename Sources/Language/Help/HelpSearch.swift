/// Words found by what is said about them: `help "learning rate"`.
package enum HelpSearch {
  private struct Hit {
    var name: String
    var line: String
    var score: Int
    var order: Int
  }

  /// The best words for a query, each with the line that made it one; empty where nothing fits.
  package static func lines(_ query: String, in builtins: BuiltinTable, most: Int = 12) -> [StyledText] {
    let words = Self.words(of: query)
    guard !words.isEmpty else { return [] }
    var hits: [Hit] = []
    for (order, name) in builtins.names.enumerated() {
      let best = builtins[name].map { score($0, words) }.max { $0.score < $1.score }
      if let best, best.score > 0 { hits.append(Hit(name: name, line: best.line, score: best.score, order: order)) }
    }
    hits.sort { $0.score != $1.score ? $0.score > $1.score : $0.order < $1.order }
    let column = min(24, hits.prefix(most).map(\.name.count).max() ?? 0)
    return hits.prefix(most).map { HelpText.row($0.name, $0.line, column: column) }
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
  }

  /// How well a form fits: each query word counts by the best place it is found in, and all must be found somewhere.
  private static func score(_ form: Builtin, _ words: [String]) -> (score: Int, line: String) {
    var total = 0
    var line = form.summary
    for word in words {
      var best = 0
      func look(_ text: String, _ weight: Int) -> Bool {
        // A letter or two stand inside many words.
        let isShort = word.utf8.count < 3
        let found = isShort ? Self.words(of: text).contains(word) : text.lowercased().contains(word)
        if found { best = max(best, weight) }
        return found
      }
      if form.name.lowercased() == word { best = 10 }
      _ = look(form.name, 6)
      for keyword in form.keywords { _ = look(keyword, 5) }
      _ = look(form.summary, 4)
      for parameter in form.parameters where look(parameter.name, 4) || look(parameter.help, 3) {
        if best <= 4, !parameter.help.isEmpty { line = "\(Signature.parameter(parameter))  \(parameter.help)" }
      }
      _ = look(form.python, 2)
      for detail in form.details { _ = look(detail, 2) }
      if best == 0 { return (0, "") }
      total += best
    }
    return (total, line)
  }
}
