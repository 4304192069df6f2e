import Files
import Language
import Prompting
import Tables
import Tokenizers
import Training
import Transformers

/// Turns tables into what a trainer reads: tokens and labels by the model's head.
struct FitData {
  let model: PretrainedModel
  let call: Call
  let encoder: TextEncoder
  /// What a language model is asked of each row, where it learns to answer.
  let prompt: Prompt?
  /// Tokens of a text, window or block; nil for no limit.
  let maxLength: Int?

  init(_ model: PretrainedModel, _ call: Call) throws {
    self.model = model
    self.call = call
    prompt = call.objectIfAny("prompt", as: PromptValue.self)?.prompt
    if prompt != nil, let other = ["max_length", "text", "pair", "stride"].first(where: call.isGiven) {
      throw call.error(
        "\(other): the prompt says what is read of a row, and all of it is read", at: other,
        help: "leave \(other) out, or prompt")
    }
    encoder = try TextEncoder(model, call, maxLength: try call.intIfAny("max_length"))
    switch model.headKind {
    case .causalLM? where prompt != nil, .maskedLM? where prompt != nil: maxLength = nil
    case .questionAnswering?:
      maxLength = call.has("max_length") ? try call.windowLength(model) : Answerer.usualLength(model)
    case .causalLM?, .maskedLM?: maxLength = LanguageData.blockSize(model, given: try call.intIfAny("max_length"))
    default: maxLength = encoder.maxLength
    }
  }

  /// - Throws: where columns are missing or labels aren't the model's.
  func data(_ table: Table, _ name: String) throws -> TrainingData {
    guard table.rowCount > 0 else { throw call.error("the table has no rows", at: name) }
    do { return try examples(table, name) } catch let error as TrainingError { throw call.failure(error, at: name) }
  }

  private func examples(_ table: Table, _ name: String) throws -> TrainingData {
    if let prompt { return try filledPrompts(prompt, table, name) }
    switch model.headKind {
    case .sequenceClassification?: return try classification(table, name)
    case .tokenClassification?: return try tags(table, name)
    case .questionAnswering?: return try answers(table, name)
    case .causalLM?, .maskedLM?: return try language(table, name)
    case nil:
      throw call.error(
        "\(model.name) has no head to train", help: "make one with for_sequence_classification(labels: 2)")
    }
  }

  private func texts(_ table: Table, _ name: String) throws -> (ids: [[Int]], types: [[Int]]) {
    let texts: [String] = try call.texts(of: table, column: try call.string("text"), at: name)
    let pair: String = try call.string("pair")
    let pairs: [String]? = table[pair] == nil ? nil : try call.texts(of: table, column: pair, at: name)
    return try encoder.encode(texts, pairs: pairs)
  }

  private func labelColumn(_ table: Table, _ name: String, _ argument: String = "label") throws -> Column {
    let wanted: String = try call.string(argument)
    guard let column = table[wanted] else {
      throw call.error(
        "the table has no column \"\(wanted)\"", at: name,
        help:
          "the columns are \(table.names.joined(separator: ", ")); name one with label: \"\(table.names.last ?? "...")\""
      )
    }
    return column
  }

  private func classification(_ table: Table, _ name: String) throws -> TrainingData {
    let column: Column = try labelColumn(table, name)
    let targets: TrainingData.Targets
    switch model.configuration.effectiveProblem {
    case .singleLabel:
      let classes: [Int] = try classIndices(LabelValues(column, in: call, name), name)
      if Set(classes).count == 1, name == "data" {
        throw call.error("every label is \"\(model.labels[classes[0]])\"; a classifier needs at least two", at: name)
      }
      targets = .classes(classes)
    case .regression:
      targets = .values(try FitData.numbers(column, count: model.labels.count, call, name).map { $0.map { Float($0) } })
    case .multiLabel: targets = .multiLabel(try FitData.hotRows(column, labels: model.labels, call, name))
    }
    let (ids, types) = try texts(table, name)
    return try TrainingData(sequences: ids, tokenTypeIDs: types, targets: targets)
  }

  /// Classes by the model's names; whole numbers also by place, where the names are only numbered.
  private func classIndices(_ values: LabelValues, _ name: String) throws -> [Int] {
    let set = LabelSet(names: model.labels)
    if case .integers(let numbers) = values, Set(numbers.map(String.init)).isDisjoint(with: model.labels),
      model.labels.enumerated().allSatisfy({ $1 == "LABEL_\($0)" })
    {
      if let wrong = numbers.first(where: { !model.labels.indices.contains($0) }) {
        throw call.error("label \(wrong) is not among the model's \(model.labels.count)", at: name)
      }
      return numbers
    }
    do { return try values.indices(in: set) } catch let error as TrainingError {
      throw call.failure(
        error, at: name, help: "make the head with the data's labels: for_sequence_classification(labels: t.label)")
    }
  }

  /// Numbers to learn, `[N][count]`: one a row, or lists of them.
  static func numbers(_ column: Column, count: Int, _ call: Call, _ name: String) throws -> [[Double]] {
    let rows: [[Double]?]
    if let numbers = column.numbers {
      rows = numbers.map { [$0] }
    } else {
      rows = column.cells.map { cell in
        guard case .array(let items) = cell else { return nil }
        let numbers: [Double] = items.compactMap(\.double)
        return numbers.count == items.count ? numbers : nil
      }
    }
    return try rows.enumerated().map { place, row in
      guard let row, row.count == count, row.allSatisfy(\.isFinite) else {
        let wanted: String = count == 1 ? "a number" : "a list of \(count) numbers"
        throw call.error(
          "row \(place) of the label column: expected \(wanted), got \(Value(cell: column[place]).sourceText ?? "")",
          at: name)
      }
      return row
    }
  }

  /// For each row and label 1 where the row's list holds it, else 0.
  static func hotRows(_ column: Column, labels names: [String], _ call: Call, _ name: String) throws -> [[Float]] {
    let lists: [[String]]
    switch column {
    case .lists(let own): lists = own
    case .strings(let texts): lists = texts.map { [$0] }
    default:
      throw call.error(
        "several labels a text stand in lists of texts", at: name,
        help: #"label: ["sport", "politics"], or [] for none"#
      )
    }
    let set = LabelSet(names: names)
    return try lists.map { labels in
      var row: [Float] = Array(repeating: 0, count: names.count)
      for index in try set.indices(of: labels) { row[index] = 1 }
      return row
    }
  }

  /// Words with tags: the first token of each word has its tag, the others none.
  private func tags(_ table: Table, _ name: String) throws -> TrainingData {
    let sentences: [[String]] = try call.sentences(of: table, name)
    let tags: [[Int]] = try call.tags(of: table, sentences: sentences, model, name)
    let words = try WordEncoder(encoder.tokenizer, maxLength: maxLength, stride: call.windowStride())
    let made = try TaggingData(sentences, tags: tags, words)
    if made.windowed > 0, let maxLength {
      call.note(
        "\(Words.count(made.windowed, "sentence is", "sentences are")) longer than \(maxLength) tokens: "
          + "read in windows that overlap")
    }
    if made.lost > 0 { call.note("\(Words.count(made.lost, "word has", "words have")) no tokens and can't be learned") }
    return made.data
  }

  private func answers(_ table: Table, _ name: String) throws -> TrainingData {
    let questions: [ContextQuestion] = try call.questions(of: table, answers: true, placed: true, name)
    let length: Int = maxLength ?? Answerer.usualLength(model)
    let made = try AnsweringData(
      questions, QuestionEncoder(encoder.tokenizer, maxLength: length, stride: call.windowStride()))
    call.noteWindows(made.windowed, of: questions.count, cut: made.cut, length: length)
    return made.data
  }

  /// Filled prompts of which only the answers are learned, a row each.
  private func filledPrompts(_ prompt: Prompt, _ table: Table, _ name: String) throws -> TrainingData {
    let scorer: PromptScorer
    do { scorer = try PromptScorer(model, prompt) } catch let error as PromptingError {
      throw call.error("\(error)", at: "prompt")
    }
    _ = try labelColumn(table, name)
    let rows: [PromptRow] = PromptRow.rows(of: table, label: try call.string("label"))
    do {
      let examples = try rows.enumerated().map { try scorer.example($1, at: $0) }
      return try TrainingData(
        sequences: examples.map(\.ids), tokenTypeIDs: scorer.isMasked ? examples.map(\.typeIDs) : nil,
        targets: .tokens(examples.map(\.targets)))
    } catch let error as PromptingError { throw call.error("\(error)", at: name) }
  }

  private func language(_ table: Table, _ name: String) throws -> TrainingData {
    guard model.architecture.isDecoder || model.headKind == .maskedLM else {
      throw call.error(
        "\(model.name) learns to write by guessing words in random order, which fit doesn't do yet",
        help: "its other heads can be trained: for_sequence_classification, for_token_classification")
    }
    let texts: [String] = try call.texts(of: table, column: try call.string("text"), at: name)
    return try LanguageData(texts, model, blockSize: maxLength ?? LanguageData.blockSize(model, given: nil)).data
  }
}
