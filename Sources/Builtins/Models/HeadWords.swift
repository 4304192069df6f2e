import Language
import Tables
import Transformers

extension Builtin {
  /// Words that give a model a head. Each makes another model, sharing weights with the one it is made from.
  static let headWords: [Builtin] = [
    sequenceClassification, tokenClassification, questionAnswering, maskedLM, causalLM,
  ]

  private static let sequenceClassification = Builtin(
    "for_sequence_classification", area: .heads, on: [.model], returns: .model,
    summary: "A model that classifies texts: this one with a new head.",
    parameters: [
      .named("labels", .any, default: 2, "A list, a column (its values, sorted) or a number."),
      .named(
        "problem", .choice(["single_label", "multi_label", "regression"]),
        shown: "single_label; regression for one label",
        "What labels are."),
      .named("seed", .int, shown: "the session's", "For the new parameters."),
    ],
    keywords: ["AutoModelForSequenceClassification", "classifier", "sentiment", "finetuning", "head", "regression"],
    python: "AutoModelForSequenceClassification.from_pretrained(name, num_labels=2)",
    examples: [
      Example(#"tiny.for_sequence_classification(labels: ["bad", "good"]).labels"#, gives: .strings(["bad", "good"])),
      Example("clf = tiny.for_sequence_classification(labels: 3); clf(\"a text\").logits.shape", gives: .ints([1, 3])),
    ],
    seeAlso: ["freeze", "fit"], makesNew: true
  ) { call in
    let problem: ModelConfiguration.Problem? =
      switch try call.stringIfAny("problem") {
      case "single_label": .singleLabel
      case "multi_label": .multiLabel
      case "regression": .regression
      default: nil
      }
    return try withHead(.sequenceClassification, call, labels: try labels(call), problem: problem)
  }

  private static let tokenClassification = Builtin(
    "for_token_classification", area: .heads, on: [.model], returns: .model,
    summary: "A model that tags words: this one with a new head.",
    parameters: [
      .named("labels", .any, default: 2, "A list of tags, a column of lists of tags, or a number."),
      .named("seed", .int, shown: "the session's", "For the new parameters."),
    ],
    keywords: ["AutoModelForTokenClassification", "ner", "named entity", "tagging", "tagger", "iob", "bio"],
    python: "AutoModelForTokenClassification.from_pretrained(name, num_labels=5)",
    examples: [
      Example(#"tiny.for_token_classification(labels: ["O", "B-LOC"]).labels"#, gives: .strings(["O", "B-LOC"]))
    ],
    seeAlso: ["for_sequence_classification"], makesNew: true
  ) { call in try withHead(.tokenClassification, call, labels: try labels(call)) }

  private static let questionAnswering = Builtin(
    "for_question_answering", area: .heads, on: [.model], returns: .model,
    summary: "A model that finds answers in a context: this one with a new head.",
    parameters: [.named("seed", .int, shown: "the session's", "For the new parameters.")],
    keywords: ["AutoModelForQuestionAnswering", "question answering", "squad", "span", "extractive"],
    python: "AutoModelForQuestionAnswering.from_pretrained(name)",
    examples: [Example("tiny.for_question_answering()", kind: .model)], seeAlso: ["for_sequence_classification"],
    makesNew: true
  ) { call in try withHead(.questionAnswering, call) }

  private static let maskedLM = Builtin(
    "for_masked_lm", area: .heads, on: [.model], returns: .model,
    summary: "A model that fills masked words, its decoder tied to the word embeddings.",
    parameters: [.named("seed", .int, shown: "the session's", "For parameters that the files lack.")],
    keywords: ["AutoModelForMaskedLM", "masked language model", "fill"],
    python: "AutoModelForMaskedLM.from_pretrained(name)",
    examples: [Example("tiny.for_masked_lm()", kind: .model)], seeAlso: ["for_causal_lm"], makesNew: true
  ) { call in try withHead(.maskedLM, call) }

  private static let causalLM = Builtin(
    "for_causal_lm", area: .heads, on: [.model], returns: .model,
    summary: "A model that predicts the next word, its decoder tied to the word embeddings where the files say so.",
    parameters: [.named("seed", .int, shown: "the session's", "For parameters that the files lack.")],
    keywords: ["AutoModelForCausalLM", "generate", "gpt", "decoder", "language model"],
    python: "AutoModelForCausalLM.from_pretrained(name)",
    examples: [
      Example("writer = model.for_causal_lm()", lesson: "decoder"),
      Example("tiny.for_causal_lm()", fails: "has no head for"),
    ], seeAlso: ["generate", "perplexity", "for_masked_lm"], makesNew: true
  ) { call in try withHead(.causalLM, call) }

  private static func withHead(
    _ kind: HeadKind, _ call: Call, labels: [String]? = nil, problem: ModelConfiguration.Problem? = nil
  ) throws -> Value {
    let base = try call.receiver(as: ModelValue.self).model
    let made: PretrainedModel
    if kind == .maskedLM || kind == .causalLM, base.headKind != kind, let folder = base.settings.folder {
      made = try base.with(head: kind, loadingFrom: folder, access: try call.service(), seed: call.seedBits)
    } else {
      do {
        made = try base.with(head: kind, labels: labels, problem: problem, seed: call.seedBits)
      } catch TransformerError.badInput(let field, let expected, let got) {
        throw call.error("\(field): expected \(expected), got \(got)", at: field)
      }
    }
    for note in made.notes { call.note(note) }
    return .object(ModelValue(made))
  }

  /// Labels from a list, a column (its values, sorted) or a number.
  private static func labels(_ call: Call) throws -> [String] {
    switch call.value("labels") {
    case .int(let count):
      guard count >= 1, count <= 100_000 else {
        throw call.error("labels is \(count), expected 1 to 100,000", at: "labels")
      }
      return (0..<count).map { "LABEL_\($0)" }
    case .list(let list):
      let labels = try list.elements.map { element in
        switch element {
        case .string(let text): return text
        case .int(let number): return String(number)
        default: throw call.error("labels: expected strings or ints, got \(element.kind.phrase)", at: "labels")
        }
      }
      guard !labels.isEmpty else { throw call.error("labels is empty", at: "labels") }
      return labels
    case .object(let column as ColumnValue):
      let labels = ColumnLabels.sorted(column.column)
      guard labels.count > 0 else { throw call.error("the column is empty", at: "labels") }
      guard labels.count <= 10_000 else {
        throw call.error("the column has \(Numbers.grouped(labels.count)) different values", at: "labels")
      }
      return labels
    case let other:
      throw call.error("labels: expected a list, a column or a number, got \(other.kind.phrase)", at: "labels")
    }
  }
}

/// The different values of a column of labels, sorted: numbers by size, names by their bytes.
enum ColumnLabels {
  static func sorted(_ column: Column) -> [String] {
    switch column {
    case .integers(let values): return Array(Set(values)).sorted().map(String.init)
    case .lists(let lists): return sorted(Array(Set(lists.flatMap { $0 })))
    case .any(let cells):
      // Lists of numbers, as tags come from data sets of the hub.
      let lists: [[String]] = cells.compactMap(WordList.words)
      guard lists.count == cells.count else { return sorted(Array(Set(column.strings))) }
      let names: [String] = sorted(Array(Set(lists.flatMap { $0 })))
      let numbers: [Int] = names.compactMap { Int($0) }
      return numbers.count == names.count ? numbers.sorted().map(String.init) : names
    case .bools(let values): return Array(Set(values.map { $0 ? "true" : "false" })).sorted()
    default: return sorted(Array(Set(column.strings)))
    }
  }

  private static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
