import Files
import Language
import Tables
import Tokenizers
import Training
import Transformers

/// Turns tables into what a trainer reads: tokens and labels by the model's head.
struct FitData {
  let model: PretrainedModel
  let call: Call
  let encoder: TextEncoder

  init(_ model: PretrainedModel, _ call: Call) throws {
    self.model = model
    self.call = call
    encoder = try TextEncoder(model, call, maxLength: try call.intIfAny("max_length"))
  }

  /// - Throws: where columns are missing or labels aren't the model's.
  func data(_ table: Table, _ name: String) throws -> TrainingData {
    guard table.rowCount > 0 else { throw call.error("the table has no rows", at: name) }
    switch model.headKind {
    case .sequenceClassification?: return try classification(table, name)
    case .tokenClassification?: return try tags(table, name)
    case .causalLM?: return try language(table, name)
    case .questionAnswering?, .maskedLM?:
      throw call.error("fitting a model for \(model.headKind?.rawValue ?? "this") comes in a later version")
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
      guard let numbers = column.numbers, numbers.allSatisfy({ $0.isFinite }) else {
        throw call.error("regression needs numbers in the label column", at: name)
      }
      targets = .values(numbers.map { [Float($0)] })
    case .multiLabel: targets = .multiLabel(try hotRows(column, name))
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
    do { return try values.indices(in: set) } catch {
      throw call.error(
        "\(error)", at: name, help: "make the head with the data's labels: for_sequence_classification(labels: t.label)"
      )
    }
  }

  private func hotRows(_ column: Column, _ name: String) throws -> [[Float]] {
    guard case .lists(let lists) = column else {
      throw call.error("several labels a text stand in lists of texts", at: name)
    }
    let set = LabelSet(names: model.labels)
    return try lists.map { labels in
      var row: [Float] = Array(repeating: 0, count: model.labels.count)
      for index in try set.indices(of: labels) { row[index] = 1 }
      return row
    }
  }

  /// Words with tags: the first token of each word has its tag, the others none.
  private func tags(_ table: Table, _ name: String) throws -> TrainingData {
    guard case .lists(let words)? = table["tokens"], case .lists(let tags)? = table["tags"] else {
      throw call.error("tagging needs the columns tokens and tags, lists of texts", at: name)
    }
    let set = LabelSet(names: model.labels)
    var ids: [[Int]] = []
    var labels: [[Int]] = []
    for (row, sentence) in words.enumerated() {
      guard sentence.count == tags[row].count else {
        throw call.error("row \(row) has \(sentence.count) words and \(tags[row].count) tags", at: name)
      }
      let own: [Int] = try set.indices(of: tags[row])
      let encoding: Encoding = try encoder.tokenizer.encode(
        words: sentence, truncation: encoder.maxLength.map { Truncation(maxLength: $0) })
      var last: Int?
      ids.append(encoding.ids)
      labels.append(
        encoding.wordIDs.map { word in
          defer { last = word }
          guard let word, word != last else { return Labels.ignored }
          return own[word]
        })
    }
    return try TrainingData(sequences: ids, targets: .tokens(labels))
  }

  private func language(_ table: Table, _ name: String) throws -> TrainingData {
    let ids: [[Int]] = try texts(table, name).ids
    return try TrainingData(sequences: ids, targets: .tokens(ids))
  }
}
