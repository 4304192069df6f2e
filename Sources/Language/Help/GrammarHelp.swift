/// Help on the words of the grammar.
enum GrammarHelp {
  private static let pages: [String: [String]] = [
    "if": [
      "if c { a } else if d { b } else { e }", "Chooses; its value is the last expression of the block that ran.",
      "", "  size = if n > 1000 { \"large\" } else { \"small\" }",
    ],
    "else": ["} else { ... }", "Stands on the line of the } before it. See: help if"],
    "for": [
      "for x in xs { ... }   for a, b in pairs { ... }",
      "Goes through a list, the characters of a text, the keys of a record, rows, columns, tensors.", "",
      "  for epoch in range(3) { t.epoch() }", "  for i, text in enumerate(texts) { seen = append(seen, i) }",
    ],
    "while": ["while c { ... }", "Goes on as long as c is true; break ends it, continue goes to the next round."],
    "fn": [
      "fn name(a, b: 2) { ... return e }",
      "Makes a function. Its names are its own; it may read what is outside. Without a name: (a, b) -> a + b", "",
      "  fn clipped(x, most: 1) { if x > most { most } else { x } }", "  clipped(3)   3.clipped(most: 2)",
    ],
    "return": ["return e", "Ends a function with a value. Without it the value is that of the last expression."],
    "break": ["break", "Ends the loop it stands in."],
    "continue": ["continue", "Goes on with the next round of the loop it stands in."],
    "assert": [
      "assert e, \"why\"", "An error where e is not true; so a lesson can check itself.", "",
      "  assert model.score(reviews.test) > 0.8, \"it should have learned more\"",
    ],
    "in": ["x in xs   x not in xs", "Whether a list holds a value, a text a part, a record a key."],
    "and": ["a and b   a or b   not a", "b is only looked at where a doesn't decide."],
    "or": ["a and b   a or b   not a", "b is only looked at where a doesn't decide."],
    "not": ["a and b   a or b   not a", "not x in xs  is  not (x in xs)."],
    "none": ["none", "No value: what a parameter is that isn't given, what a block without a value gives."],
    "true": ["true   false", "In a condition none, 0, \"\", [] and {} count as false too."],
    "false": ["true   false", "In a condition none, 0, \"\", [] and {} count as false too."],
    "->": [
      "x -> e   (a, b) -> e", "A function without a name. e reaches as far as it can.", "", "  xs.map(x -> x * 2)",
    ],
    "_": ["_   _3", "The value of the last expression; that of cell 3."],
    "list": [
      "[1, 2, 3]   xs[0]   xs[-1]   xs[1:3]",
      "Values in order, counted from 0. A list never changes: xs + [4], xs.append(4), xs[:1] make new ones.", "",
      "  [3, 1, 2].sorted().map(x -> x * 2)",
    ],
    "record": [
      "{name: \"Ada\", \"0\": 1}   r.name   r[\"0\"]",
      "Values by key; a key is a name, a text or an int. A record never changes: another is made of its fields.", "",
      "  {text: r.text.lower(), label: r.label}",
    ],
    "slice": [
      "xs[a:b]   xs[a:]   xs[:b]   xs[::2]   x[:, 0]",
      "From a up to b, b left out; a third number is the step. Of lists, texts, tables, columns and tensors.",
    ],
    "string": [
      "\"...\"   '...'   \"\"\"...\"\"\"",
      "A text; \\n begins a line, \\t is a tab. Three quotes hold several lines. Texts are joined with +.", "",
      "  \"epoch \" + str(3)",
    ],
    "comment": ["# ...", "To the end of the line. # %% begins a cell of a script, and the rest is its title."],
  ]

  private static let otherNames: [String: String] = ["function": "fn", "lambda": "->", "loop": "for"]

  static func lines(_ topic: String) -> [StyledText]? {
    guard let page = pages[otherNames[topic] ?? topic], let first = page.first else { return nil }
    return [StyledText(first, .heading)]
      + page.dropFirst().flatMap { Diagnostic.wrap($0, first: "", width: 77) }.map { StyledText($0) }
  }
}
