/// Words found by what is said about them: `help "learning rate"`.
package enum HelpSearch {
  private struct Hit {
    var name: String
    var line: String
    /// How many words of the query were found, and how well.
    var found: Int
    var score: Int
    var order: Int
  }

  /// Words that say nothing about what is looked for.
  private static let small: Set<String> = [
    "a", "an", "and", "are", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is", "it", "me",
    "my", "of", "on", "only", "or", "that", "the", "this", "to", "what", "when", "which", "why", "with",
  ]

  /// The best words for a query, each with the line that made it one; empty where nothing fits.
  ///
  /// Where none has all of the query (`catastrophic forgetting`), those are shown that have the most, half at least.
  package static func lines(_ query: String, in builtins: BuiltinTable, most: Int = 12) -> [StyledText] {
    let all = query.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    let telling = all.filter { !small.contains($0) }
    let words = telling.isEmpty ? all : telling
    guard !words.isEmpty else { return [] }
    var hits: [Hit] = []
    for (order, name) in builtins.names.enumerated() {
      let forms = builtins[name].map { hit($0, words, order) }
      if let best = forms.max(by: { ($0.found, $0.score) < ($1.found, $1.score) }) { hits.append(best) }
    }
    let found = hits.map(\.found).max() ?? 0
    guard found > 0, found * 2 >= words.count else { return [] }
    hits = hits.filter { $0.found == found }
    hits.sort { $0.score != $1.score ? $0.score > $1.score : $0.order < $1.order }
    let column = min(24, hits.prefix(most).map(\.name.count).max() ?? 0)
    return hits.prefix(most).map { HelpText.row($0.name, $0.line, column: column) }
  }

  /// How well a form fits: each word of the query counts by the best place it is found in.
  private static func hit(_ form: Builtin, _ words: [String], _ order: Int) -> Hit {
    let stems = words.map { Array(stem($0).utf8) }
    var hit = Hit(name: form.name, line: form.summary, found: 0, score: 0, order: order)
    for (word, stem) in zip(words, stems) {
      let weight = weight(of: word, stem, in: form)
      hit.score += weight
      hit.found += weight > 0 ? 1 : 0
    }
    let parameters = form.parameters.filter { !$0.help.isEmpty }
    if let named = parameters.first(where: { words.count == 1 && $0.name.lowercased() == words[0] }) {
      hit.line = line(named)
    } else if !stems.allSatisfy({ stem in ([form.name, form.summary] + form.keywords).contains { has($0, stem) } }),
      let held = parameters.first(where: { parameter in
        stems.allSatisfy { has(parameter.name, $0) || has(parameter.help, $0) }
      })
    {
      hit.line = line(held)
    }
    return hit
  }

  private static func line(_ parameter: Parameter) -> String {
    "\(Signature.parameter(parameter))  \(parameter.help)"
  }

  private static func weight(of word: String, _ stem: [UInt8], in form: Builtin) -> Int {
    if form.name.lowercased() == word { return 10 }
    if has(form.name, stem) { return 6 }
    if form.keywords.contains(where: { has($0, stem) }) { return 5 }
    if form.parameters.contains(where: { $0.name.lowercased() == word }) { return 5 }
    if has(form.summary, stem) || form.parameters.contains(where: { has($0.name, stem) }) { return 4 }
    if form.parameters.contains(where: { has($0.help, stem) }) { return 3 }
    return has(form.python, stem) || form.details.contains(where: { has($0, stem) }) ? 2 : 0
  }

  /// The beginning that forms of a word share: `calibr` of calibrate and calibration, `plot` of plotting.
  private static func stem(_ word: String) -> String {
    let endings = [
      "ations", "ation", "ating", "ated", "ates", "ate", "ings", "ing", "ies", "ed", "es", "s", "e", "y",
    ]
    for ending in endings where word.hasSuffix(ending) && word.utf8.count - ending.utf8.count >= 4 {
      let rest = word.dropLast(ending.count)
      let isDoubled = ending.hasPrefix("ing") || ending == "ed"
      guard isDoubled, let last = rest.last, rest.dropLast().last == last, !"lsf".contains(last) else {
        return String(rest)
      }
      return String(rest.dropLast())
    }
    return word
  }

  /// Whether a word of the text begins so. Words begin after what is no letter or digit, and at a capital
  /// (`LoraConfig`): `rag` is not in `average`. A letter by itself has to stand by itself: the `p` of `p-value`.
  private static func has(_ text: String, _ stem: [UInt8]) -> Bool {
    let bytes = Array(text.utf8)
    func isCapital(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
    func isInWord(_ byte: UInt8) -> Bool {
      isCapital(byte) || (97...122).contains(byte) || (48...57).contains(byte) || byte >= 128
    }
    for start in bytes.indices where bytes.count - start >= stem.count {
      let before = start == 0 ? 32 : bytes[start - 1]
      let isBeginning = !isInWord(before) || isCapital(bytes[start]) && !isCapital(before)
      let isWhole = start + stem.count == bytes.count || !isInWord(bytes[start + stem.count])
      guard isBeginning, stem.count > 1 || isWhole else { continue }
      if zip(bytes[start...], stem).allSatisfy({ (isCapital($0) ? $0 + 32 : $0) == $1 }) { return true }
    }
    return false
  }
}
