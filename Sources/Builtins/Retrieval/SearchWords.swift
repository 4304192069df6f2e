import Files
import Language
import Retrieval
import Tables

extension Builtin {
  /// Words that find chunks.
  static let searchWords: [Builtin] = [search]

  static let modes: [String] = SearchMode.allCases.map(\.rawValue)

  private static let search = Builtin(
    "search", area: .index, on: [.index], returns: .hits,
    summary: "The chunks of an index that are nearest to a question.",
    details: [
      "Every vector is looked at: nothing is missed. words ranks by exact words (BM25), both fuses the two rankings.",
      "A list of questions gives a list of results, found in one go.",
    ],
    parameters: [
      .positional(
        "question", .either([.string, .strings, .kind(.tensor)]), "a question, or several; or vectors made alike"),
      .named("k", .int, default: 5, "How many chunks."),
      .named("mode", .choice(modes), default: "vectors", "By meaning, by exact words, or both."),
      .named(
        "where", .either([.record, .function]), shown: "all",
        "Columns the document must have, or a function of its columns."),
    ],
    keywords: ["query", "similarity_search", "nearest", "top k", "retrieve", "bm25", "find", "hybrid"],
    python: "np.argpartition(-(vectors @ question), 5)",
    examples: [
      Example("\(tinyIndex) i.search(\"c d. e f\", k: 2)[0].text", gives: "c d. e f"),
      Example("\(tinyIndex) i.search(\"y\", mode: \"words\").len()", gives: 1),
      Example("index(none, tiny).search(\"a\")", fails: "holds no documents"),
    ],
    seeAlso: ["ask", "recall", "index"]
  ) { call in
    let value: IndexValue = try call.receiver()
    let mode = SearchMode(rawValue: try call.string("mode")) ?? .vectors
    if let vectors: TensorValue = call.value("question").object() { return try search(value, vectors, mode, call) }
    var questions: [String]
    if case .string(let text) = call.value("question") {
      questions = [text]
    } else {
      questions = try call.strings("question")
    }
    if let empty = questions.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw call.error(questions.count == 1 ? "the question is empty" : "question \(empty) is empty", at: "question")
    }
    let k = try call.int("k")
    let filter = try filter(call)
    let found = try retrieving(call) {
      try value.index.search(questions, k: k, mode: mode, filter: filter) { try call.checkInterruption() }
    }
    try noteCut(questions, value, mode, call)
    let results = zip(questions, found).map { Value.object(HitsValue($0, $1, mode)) }
    if case .string = call.value("question") { return results.first ?? .nothing }
    return try .list(results)
  }

  /// By vectors that were made before.
  private static func search(
    _ value: IndexValue, _ question: TensorValue, _ mode: SearchMode, _ call: Call
  ) throws -> Value {
    guard mode == .vectors else { throw call.error("vectors have no words", at: "mode") }
    if let made = question.recipe as? FeatureRecipeNote,
      made.recipe.weights != value.index.recipe.weights
        || made.recipe.pooling != value.index.recipe.pooling || made.recipe.layer != value.index.recipe.layer
    {
      throw call.error(
        "features made otherwise: \(made.line); the index has \(value.index.recipe.text)", at: "question")
    }
    let tensor = try question.floats().detached
    let isOne = tensor.shape.count == 1
    let rows = isOne ? try tensor.reshaped([1, tensor.count]) : tensor
    let k = try call.int("k")
    let filter = try filter(call)
    let found = try retrieving(call) {
      try value.index.search(vectors: rows, k: k, filter: filter) { try call.checkInterruption() }
    }
    let results = found.map { Value.object(HitsValue("a vector", $0, mode)) }
    return isOne ? results.first ?? .nothing : try .list(results)
  }

  /// Says which questions were longer than the model reads.
  static func noteCut(_ questions: [String], _ value: IndexValue, _ mode: SearchMode, _ call: Call) throws {
    guard mode != .words, let limit = value.index.recipe.maxLength, let tokenizer = value.index.model?.tokenizer else {
      return
    }
    let long = try questions.filter { $0.utf8.count > limit }.filter { try tokenizer.encode($0).count > limit }.count
    guard long > 0 else { return }
    let what = questions.count == 1 ? "the question was" : Words.count(long, "question was", "questions were")
    call.note("\(what) cut to \(limit) tokens")
  }

  /// `where: {label: "x"}`, `where: {label: ["x", "y"]}` or `where: r -> r.year > 1900`.
  static func filter(_ call: Call) throws -> DocumentFilter? {
    switch call.value("where") {
    case .record(let record):
      return .columns(
        try record.fields.map { key, value in
          if case .list(let list) = value { return (key.text, try list.elements.map { try $0.cell() }) }
          return (key.text, [try value.cell()])
        })
    case .function(let function):
      return .test { row in
        let answer = try call.invoke(.function(function), .record(RecordValue(row: row)))
        guard case .bool(let flag) = answer else {
          throw call.error("where: the function gives \(answer.kind.phrase), expected true or false", at: "where")
        }
        return flag
      }
    default: return nil
    }
  }
}
