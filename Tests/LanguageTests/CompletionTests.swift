import Language
import Testing

/// Words that stand for the real ones: completion knows them from their declarations only.
private let words: [Builtin] = [
  Builtin(
    "freeze", area: .models, on: [.record], returns: .record, summary: "Stop parts from learning.",
    parameters: [.rest("patterns", .pattern, "Which.")], examples: []
  ) { $0.first },
  Builtin(
    "features", area: .features, on: [.record], returns: .list, summary: "One row a text.",
    parameters: [
      .positional("texts", .strings, "Texts."),
      .named("pooling", .choice(["cls", "mean", "max"]), default: "cls", "How rows become one."),
      .named("normalize", .bool, default: false, "Length 1."),
    ], keywords: ["embedding"], examples: [Example("{}.features([])", kind: .list)]
  ) { _ in .nothing },
  Builtin(
    "total", area: .plain, on: [.list], returns: .int, summary: "The sum.", examples: [Example("[1].total()", gives: 1)]
  ) { _ in 1 },
  Builtin(
    "show", area: .session, returns: .nothing, summary: "Show.", parameters: [.positional("x", .any)], examples: []
  ) { _ in .nothing },
  Builtin(
    "open", area: .storing, returns: .record, summary: "Open.", parameters: [.positional("path", .path, "A file.")],
    examples: []
  ) { _ in .nothing },
]

private func engine() throws -> CompletionEngine {
  let interpreter = Interpreter(builtins: BuiltinTable(words))
  interpreter.define("reviews", try Value.record([("train", .ints([1, 2])), ("text", "a"), ("my column", 3)]))
  interpreter.define("rows", .ints([1, 2, 3]))
  return CompletionEngine(interpreter) { prefix in
    ["data.csv", "dir/"].filter { $0.hasPrefix(prefix) }.map { Completion($0) }
  }
}

private func texts(_ before: String) throws -> [String] { try engine().complete(before).items.map(\.text) }

@Suite struct CompletionTests {
  @Test func namesAndWordsGoOnFromAPrefix() throws {
    #expect(try texts("re") == ["reviews", "return"])
    #expect(try texts("x = fe") == ["features"])
    #expect(try texts("1 + ro") == ["rows"])
  }

  @Test func fieldsComeBeforeWordsMadeForTheKind() throws {
    #expect(try texts("reviews.") == ["train", "text", "my column", "freeze(", "features("])
    #expect(try texts("reviews.train.") == ["total("])
    #expect(try texts("reviews.te") == ["text"])
  }

  @Test func callsAreKnownByWhatTheyReturn() throws {
    #expect(try texts("reviews.features([\"a\"]).") == ["total("])
    #expect(try texts("open(\"a\").fr") == ["freeze("])
    #expect(try texts("rows[0].") == ["show("])
  }

  @Test func argumentsShowTheSignatureLabelsAndValues() throws {
    let list = try engine().complete("reviews.features(rows, ")
    #expect(list.heading?.plain.hasPrefix("features(record, texts, pooling: \"cls\"") == true)
    #expect(list.items.map(\.text).starts(with: ["pooling: ", "normalize: "]))
    #expect(try texts("reviews.features(rows, pooling: \"cls\", ").first == "normalize: ")
    #expect(try texts("reviews.features(rows, pooling: ").starts(with: ["\"cls\"", "\"mean\"", "\"max\""]))
    #expect(try texts("reviews.features(rows, normalize: ").starts(with: ["true", "false"]))
    #expect(try texts("reviews.features(rows, poo") == ["pooling: "])
  }

  @Test func stringsKnowChoicesKeysAndFiles() throws {
    #expect(try texts("reviews.features(rows, pooling: \"m") == ["mean", "max"])
    #expect(try texts("reviews[\"my") == ["my column"])
    #expect(try texts("open(\"d") == ["data.csv", "dir/"])
    #expect(try texts("open(\"da") == ["data.csv"])
  }

  @Test func nothingIsOfferedInCommentsAndNumbers() throws {
    #expect(try texts("# re").isEmpty)
    #expect(try texts("12").isEmpty)
    #expect(try texts("rows ").isEmpty)
  }

  @Test func anEmptyLineListsNamesThenWordsByArea() throws {
    let list = try engine().complete("")
    #expect(
      list.groups.map(\.title) == [
        "your names", "opening and storing", "models", "features", "text, lists, numbers", "session",
      ])
  }

  @Test func whatItemsShareIsInserted() throws {
    #expect(try engine().complete("reviews.t").commonPrefix == "t")
    #expect(try engine().complete("reviews.fe").commonPrefix == "features(")
  }

  @Test func anyTextIsAnswered() throws {
    let pieces = [
      "reviews", ".", "(", ")", "[", "]", "{", "}", ",", ":", "\"", "'", "\"\"\"", "#", "->", "= ", "é", "\n", "1",
    ]
    let engine = try engine()
    var state: UInt64 = 1
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      _ = engine.complete(text)
    }
  }
}

@Suite struct HelpTests {
  private func help(_ topic: String) throws -> String {
    try Help.lines(topic, engine().interpreter).map(\.plain).joined(separator: "\n")
  }

  @Test func aWordsPageIsMadeFromItsDeclaration() throws {
    #expect(
      try help("features") == """
        features  features
        One row a text.
          features(record, texts, pooling: "cls", normalize: false)
          texts             Texts.
          pooling: "cls"    How rows become one.
          normalize: false  Length 1.
        examples
          {}.features([])   → a list
        """)
  }

  @Test func searchFindsByNameKeywordAndParameter() throws {
    #expect(try help("\"embedding\"").contains("features  One row a text."))
    #expect(try help("length").contains("features  normalize: false  Length 1."))
    #expect(throws: LanguageError.self) { try help("xyzzy") }
  }

  @Test func searchFindsWordsInOtherForms() throws {
    #expect(try help("poolings").contains("features  pooling: \"cls\"  How rows become one."))
    #expect(try help("how do I stop learning").contains("freeze  Stop parts from learning."))
    #expect(try help("\"parts xyzzy\"").contains("freeze"), "what has most of the words, where none has all")
  }

  @Test func searchLooksAtBeginningsOfWords() throws {
    #expect(throws: LanguageError.self) { try help("ooling") }
    #expect(throws: LanguageError.self) { try help("\"alize\"") }
    #expect(throws: LanguageError.self) { try help("\"f\"") }
  }

  @Test func searchShowsTheParameterOfThatNameAndAHabitOnce() throws {
    #expect(try help("normalize").contains("features  normalize: false  Length 1."))
    let lines = try help("\"learning rate\"").split(separator: "\n")
    #expect(lines.filter { $0.contains("learning_rate") } == ["  learning_rate  here: lr:"])
  }

  @Test func aWordsPageShowsWhatWorksFirstAndAllOfThePython() throws {
    let form = Builtin(
      "word", area: .plain, returns: .int, summary: "A word.",
      python: "longer_than_a_line(of_eighty_columns=True, so_that=it, must_be=broken, and_not=cut)",
      examples: [Example("word(1)", fails: "no"), Example("word()", gives: 1)]
    ) { _ in 1 }
    let lines = WordPage.lines([form]).map(\.plain)
    let place = try #require(lines.firstIndex(of: "examples"))
    #expect(lines[place + 1] == "  word()   → 1")
    #expect(lines.last == "           must_be=broken, and_not=cut)")
    #expect(!lines.contains { $0.contains("…") })
  }

  @Test func valuesSayWhatTheyAreAndWhatComesNext() throws {
    let page = try help("reviews")
    #expect(page.contains("a record of 3 fields"))
    #expect(page.contains("words   freeze features"))
    #expect(try help("reviews.train").contains("a list of 2"))
  }

  @Test func theGrammarHasItsPages() throws {
    #expect(try help("slice").hasPrefix("xs[a:b]"))
    #expect(try help("function") == help("fn"))
  }

  @Test func listsWordsByArea() throws {
    #expect(try help("words").contains("opening and storing   open"))
  }
}
