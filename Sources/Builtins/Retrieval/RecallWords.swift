import Files
import Language
import Retrieval
import Tables
import Training

extension Builtin {
  /// Words that measure an index.
  static let recallWords: [Builtin] = [recall, recallOfSeveral]

  private static let parameters: [Parameter] = [
    .positional(
      "questions", .kind(.table), "a table with the columns question and doc_id (or source, document, title)"),
    .named(
      "k", .either([.int, .list(of: .int)]), shown: "[1, 3, 5, 10]", "Among how many documents the right one counts."),
    .named("mode", .choice(modes), shown: "all three", "One way of searching only."),
    .named("question", .string, default: "question", "The column of questions."),
    .named("document", .string, shown: "doc_id, source, document or title", "The column of right documents."),
  ]

  private static let recall = Builtin(
    "recall", area: .index, on: [.index], returns: .report,
    summary: "How often the right document is among the first k found, and the mean reciprocal rank.",
    details: ["A document stands where its best chunk does. MRR counts 1 / rank up to the largest k."],
    parameters: parameters,
    keywords: ["mrr", "recall@k", "hit rate", "evaluate", "retrieval", "accuracy"],
    python: "ranx.evaluate(qrels, run, [\"recall@1\", \"mrr@10\"])",
    examples: [
      Example(
        #"i = index(none, tiny); i.add(table({text: ["a b c", "x y"], id: ["one", "two"]})); i.recall(table({question: ["a b c", "x y"], doc_id: ["one", "two"]}), k: 1, mode: "vectors").recall[0]"#,
        gives: 1.0),
      Example("\(tinyIndex) i.recall(table({question: [\"a\"], doc_id: [\"none\"]}))", fails: "none"),
    ],
    seeAlso: ["search", "index", "compare"]
  ) { call in
    let value: IndexValue = try call.receiver()
    return .object(try report(call, [("", value)]))
  }

  private static let recallOfSeveral = Builtin(
    "recall", area: .index, on: [.record], subject: "indexes", returns: .report,
    summary: "Several indexes on the same questions: chunk sizes and embeddings in one table.",
    parameters: parameters, keywords: ["compare", "chunk size", "embedding"], python: "",
    examples: [
      Example(
        #"i = index(none, tiny); i.add(table({text: ["a b c", "x y"], id: ["one", "two"]})); recall({small: i}, table({question: ["x y"], doc_id: ["two"]}), k: [1, 2], mode: "words").mrr[0]"#,
        gives: 1.0),
      Example("recall({a: 1}, table({question: [\"a\"], doc_id: [\"b\"]}))", fails: "expected an index"),
    ],
    seeAlso: ["search", "index"]
  ) { call in
    let indexes = try call.record("indexes").fields.map { key, value -> (String, IndexValue) in
      guard let index: IndexValue = value.object() else {
        throw call.error("\(key.text) is \(value.kind.phrase), expected an index", at: "indexes")
      }
      return (key.text, index)
    }
    guard !indexes.isEmpty else { throw call.error("there are no indexes to compare", at: "indexes") }
    return .object(try report(call, indexes))
  }

  private static func report(_ call: Call, _ indexes: [(name: String, value: IndexValue)]) throws -> ReportValue {
    let table = try call.table("questions")
    let questions = try call.texts(of: table, column: try call.string("question"), at: "questions")
    let right = try rightDocuments(call, table)
    guard !questions.isEmpty else { throw call.error("there are no questions", at: "questions") }
    let cutoffs: [Int]
    switch call.value("k") {
    case .int(let k): cutoffs = [k]
    case .list: cutoffs = try call.ints("k")
    default: cutoffs = [1, 3, 5, 10]
    }
    let wanted = try call.stringIfAny("mode").flatMap { SearchMode(rawValue: $0) }.map { [$0] }
    var results: [(name: String, value: IndexValue, recall: Recall)] = []
    for (name, value) in indexes {
      let modes = wanted ?? (value.index.model == nil ? [.words] : SearchMode.allCases)
      for mode in modes {
        let recall = try retrieving(call, at: "questions") {
          try value.index.recall(questions, right: right, cutoffs: cutoffs, mode: mode) { done, total in
            try call.progress("recall, \(mode.rawValue)", done, total)
          }
        }
        results.append((name, value, recall))
      }
    }
    return try RecallDisplay.report(results)
  }

  private static func rightDocuments(_ call: Call, _ table: Table) throws -> [String] {
    if let name = try call.stringIfAny("document") { return try call.texts(of: table, column: name, at: "document") }
    for name in ["doc_id", "source", "document", "title"] where table[name] != nil {
      return try call.texts(of: table, column: name, at: "questions")
    }
    throw call.error(
      "the table does not say which document is right", at: "questions",
      help: "its columns are \(table.names.joined(separator: ", ")); name one with document: \"...\"")
  }
}

/// Recalls as a table of lines.
enum RecallDisplay {
  static func report(_ results: [(name: String, value: IndexValue, recall: Recall)]) throws -> ReportValue {
    guard let first = results.first else { return ReportValue("no recall", fields: [], lines: []) }
    let cutoffs = first.recall.cutoffs
    let isSeveral = Set(results.map(\.name)).count > 1
    let names = results.map { isSeveral ? "\($0.name)  \($0.recall.mode.rawValue)" : $0.recall.mode.rawValue }
    let width = min(30, names.map { TextWidth.of($0) }.max() ?? 0)
    var head = StyledText(TextWidth.padded("", to: width))
    for cutoff in cutoffs { head += StyledText("@\(cutoff)", .faint).padded(to: 8, alignRight: true) }
    head += StyledText("MRR", .faint).padded(to: 8, alignRight: true)
    head.append("   95 % of @\(cutoffs[0])", .faint)
    var lines = [head]
    let best = results.indices.max { results[$0].recall.meanReciprocalRank < results[$1].recall.meanReciprocalRank }
    for (place, result) in results.enumerated() {
      var line = StyledText(TextWidth.padded(TextWidth.cut(names[place], to: width), to: width), .name)
      for cutoff in cutoffs.indices {
        line += StyledText(Figures.three(result.recall.recall(cutoff)), .number).padded(to: 8, alignRight: true)
      }
      line += StyledText(Figures.three(result.recall.meanReciprocalRank), .number).padded(to: 8, alignRight: true)
      let interval = WilsonInterval(successes: result.recall.found[0], trials: result.recall.questions)
      line.append("   \(Figures.three(interval.lower)) to \(Figures.three(interval.upper))", .faint)
      if results.count > 1, place == best { line.append("  best", .good) }
      lines.append(line)
    }
    let held = try first.value.index.contents()
    let asked = Words.count(first.recall.questions, "question", "questions")
    let among = isSeveral ? "" : " among \(IndexValue.documents(held.documents)) in \(IndexValue.chunks(held.chunks))"
    lines.append(StyledText(asked + among, .faint))
    if isSeveral {
      for (name, value) in distinct(results) { lines.append(StyledText(try described(name, value), .faint)) }
    }
    return ReportValue("recall of \(asked)", fields: try fields(results, cutoffs), lines: lines)
  }

  private static func distinct(
    _ results: [(name: String, value: IndexValue, recall: Recall)]
  ) -> [(String, IndexValue)] {
    var seen: Set<String> = []
    return results.filter { seen.insert($0.name).inserted }.map { ($0.name, $0.value) }
  }

  private static func described(_ name: String, _ value: IndexValue) throws -> String {
    let held = try value.index.contents()
    let cut = try value.index.settings()?.text ?? "cut in several ways"
    return "\(name): \(IndexValue.chunks(held.chunks)), \(cut); \(value.index.recipe.text)"
  }

  private static func fields(
    _ results: [(name: String, value: IndexValue, recall: Recall)], _ cutoffs: [Int]
  ) throws -> [(name: String, value: Value)] {
    var columns: [(String, Column)] = [
      ("index", .strings(results.map(\.name))), ("mode", .strings(results.map(\.recall.mode.rawValue))),
    ]
    for (place, cutoff) in cutoffs.enumerated() {
      columns.append(("recall_\(cutoff)", .reals(results.map { $0.recall.recall(place) })))
    }
    columns.append(("mrr", .reals(results.map(\.recall.meanReciprocalRank))))
    let ranks = results[0].recall.ranks.map { $0.map { JSON.integer($0) } ?? .null }
    return [
      ("table", .table(try Table(columns))),
      ("recall", .floats(cutoffs.indices.map { results[0].recall.recall($0) })),
      ("mrr", .floats(results.map(\.recall.meanReciprocalRank))),
      ("found", .ints(results[0].recall.found)), ("questions", .int(results[0].recall.questions)),
      ("ranks", .object(ColumnValue(Column(cells: ranks), name: "ranks"))),
    ]
  }
}
