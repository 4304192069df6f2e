import Files
import Language
import Retrieval
import Tables
import Tokenizers
import Training
import Transformers

extension Builtin {
  /// Words that answer from an index.
  static let askWords: [Builtin] = [ask]

  private static let ask = Builtin(
    "ask", area: .index, on: [.index], returns: .answer,
    summary: "Answer a question from the documents of an index, with the pieces the answer rests on.",
    details: [
      "The k nearest pieces stand numbered in the prompt; what has no room is left out and said.",
      "a.why tells how much each piece raised the answer's likelihood, a.prompt what the model was given.",
      "A model with a head for question answering cuts the answer out of the piece where it is surest.",
    ],
    parameters: [
      .positional("generator", .kind(.model), "a model that writes, or one that finds answers"),
      .positional("question", .string, "a question"),
      .named("k", .int, default: 3, "How many pieces; 0 asks the model alone."),
      .named("mode", .choice(modes), default: "vectors", "How they are searched."),
      .named("where", .either([.record, .function]), shown: "all", "Which documents may be found."),
      .named("max_tokens", .int, default: 60, "How long the answer may be."),
      .named("prompt", .string, shown: "our own", "Another prompt, with {context} and {question}."),
    ],
    keywords: ["rag", "question answering", "retrieval augmented generation", "grounded", "sources", "query_engine"],
    python: "index.as_query_engine(llm=llm, similarity_top_k=3).query(question)",
    examples: [
      Example("\(tinyIndex) i.ask(tiny.for_question_answering(), \"a?\", k: 2).pieces.len()", gives: 2),
      Example("\(tinyIndex) i.ask(tiny, \"a?\")", fails: "has no head for it"),
    ],
    seeAlso: ["search", "recall", "generate"]
  ) { call in
    let value: IndexValue = try call.receiver()
    let generator: ModelValue = try call.object("generator")
    guard generator.model.headKind == .causalLM || generator.model.headKind == .questionAnswering else {
      throw call.error(
        "\(generator.model.name) has no head for it", at: "generator",
        help: "a model that writes is wanted, such as SmolLM2-135M-Instruct")
    }
    let question = try call.string("question")
    guard !question.allSatisfy(\.isWhitespace) else { throw call.error("the question is empty", at: "question") }
    let k = try call.int("k")
    let mode = SearchMode(rawValue: try call.string("mode")) ?? .vectors
    let filter = try filter(call)
    return try retrieving(call) {
      let hits =
        k == 0
        ? [] : try value.index.search([question], k: k, mode: mode, filter: filter) { try call.checkInterruption() }
      try noteCut([question], value, mode, call)
      let found = hits.first ?? []
      return .object(
        generator.model.headKind == .questionAnswering
          ? try find(question, found, mode, generator, call) : try answer(question, found, mode, generator, call))
    }
  }

  private static func answer(
    _ question: String, _ hits: [SearchHit], _ mode: SearchMode, _ generator: ModelValue, _ call: Call
  ) throws -> AnswerValue {
    let model = generator.model
    let tokenizer = try generator.tokenizer(call)
    var settings = GenerationSettings()
    settings.maxTokens = try call.int("max_tokens")
    guard settings.maxTokens > 0 else { throw call.error("an answer has at least 1 token", at: "max_tokens") }
    settings.endTokens = model.endTokens
    let room = (model.positionLimit ?? 4096) - settings.maxTokens
    guard room > 0 else {
      throw call.error("the model has \(model.positionLimit ?? 0) positions in all", at: "max_tokens")
    }
    let format = AnswerFormat(model, tokenizer)
    let prompter = try AnswerPrompter(
      template: try call.stringIfAny("prompt"), tokenizer: tokenizer, room: room, format: format.conversation)
    let prompt = try prompter.fill(question, hits)
    if !prompt.leftOut.isEmpty {
      call.note(
        "\(Words.count(prompt.leftOut.count, "piece", "pieces")) left out: the prompt may have \(Numbers.grouped(room)) tokens"
      )
    }
    if prompt.isCut { call.note("the piece is cut: it alone is longer than the prompt may be") }
    var writing = AnswerWriting(tokenizer, stops: format.stops)
    call.beginStream()
    let made = try model.generate(
      [prompt.tokens], settings, checkInterruption: { try call.checkInterruption() },
      onToken: { _, token in
        let (more, goesOn) = writing.add(token)
        if !more.isEmpty { call.stream(more) }
        return goesOn
      })
    if made.first?.end == .interrupted {
      call.stoppedEarly(replayWith: "max_tokens", .int(max(1, made[0].ids.count)))
      call.noteStop("stopped after \(Words.count(made[0].ids.count, "token", "tokens"))")
    }
    return AnswerValue(
      question: question, text: writing.text, used: prompt.used, leftOut: prompt.leftOut,
      origin: .written(tokens: writing.kept, prompt: prompt, prompter: prompter), mode: mode, generator: generator)
  }

  /// The answer that stands out most from "no answer" in its piece.
  private static func find(
    _ question: String, _ hits: [SearchHit], _ mode: SearchMode, _ generator: ModelValue, _ call: Call
  ) throws -> AnswerValue {
    let contexts = hits.map { ContextQuestion(question: question, context: $0.text) }
    let answers = try Answerer(generator.model).answer(contexts, noAnswer: true) { try call.progress("ask", $0, $1) }
    var best: [FoundAnswer] = []
    var margins: [Double] = []
    for candidates in answers.answers {
      let none = candidates.first { $0.range == nil }?.score ?? 0
      let own = candidates.first { $0.range != nil } ?? candidates[0]
      best.append(own)
      margins.append(own.range == nil ? -.infinity : own.score - none)
    }
    let piece = margins.indices.max { margins[$0] < margins[$1] || (margins[$0] == margins[$1] && $0 > $1) } ?? 0
    return AnswerValue(
      question: question, text: best.indices.contains(piece) ? best[piece].text.trimmingSpaces() : "", used: hits,
      leftOut: [], origin: .found(best, piece: piece), mode: mode, generator: generator)
  }
}

/// How a generator is asked: as a conversation where it was taught to talk, else by a text to go on from.
struct AnswerFormat {
  /// Nil for models without a conversation's form.
  let conversation: ((String) throws -> (text: String, tokens: [Int]))?
  /// What ends an answer, beside the model's own end.
  let stops: [String]

  init(_ model: PretrainedModel, _ tokenizer: Tokenizer) {
    guard model.settings.chatTemplate?.isEmpty == false else {
      conversation = nil
      stops = ["\n\n", "\nQuestion:", "\n["]
      return
    }
    stops = []
    conversation = { text in
      let whole = try model.chatText([ChatMessage(role: "user", content: text)])
      return (whole, try tokenizer.encode(whole, addSpecialTokens: false).ids)
    }
  }
}

/// An answer while it is written: what can be shown as it comes.
struct AnswerWriting {
  private let tokenizer: Tokenizer
  private let stops: [String]
  private var ids: [Int] = []
  private var shown = 0
  /// The answer, without white space at its ends.
  private(set) var text = ""
  /// The tokens that it is made of.
  private(set) var kept: [Int] = []
  private(set) var isStopped = false

  init(_ tokenizer: Tokenizer, stops: [String]) {
    self.tokenizer = tokenizer
    self.stops = stops
  }

  /// - Returns: the text that has become certain, and whether more may come.
  mutating func add(_ token: Int) -> (more: String, goesOn: Bool) {
    ids.append(token)
    var written = tokenizer.decode(ids, skipSpecialTokens: true)
    // A character that is not all there yet.
    if written.unicodeScalars.last == "\u{fffd}" { return ("", true) }
    written = String(written.drop(while: \.isWhitespace))
    for stop in stops {
      if !written.isEmpty, let range = written.firstRange(of: stop) {
        written = String(written[..<range.lowerBound])
        isStopped = true
      }
    }
    let trimmed = written.trimmingSpaces()
    let isNew = trimmed != text
    text = trimmed
    if isNew { kept = ids }
    // White space at the end may turn out to be the answer's end.
    let more = String(trimmed.unicodeScalars.dropFirst(shown))
    shown = trimmed.unicodeScalars.count
    return (more, !isStopped)
  }
}
