import Files
import Language
import Tables
import Tokenizers
import Training
import Transformers

/// What words that learn and measure read from tables for tags and answers.
extension Call {
  /// The model that the call is about, where its head is of this kind.
  func taskModel(_ kinds: HeadKind...) -> PretrainedModel? {
    guard let value: ModelValue = first.object(), let kind = value.model.headKind, kinds.contains(kind) else {
      return nil
    }
    return value.model
  }

  /// Refuses a text that is the name of a file: its letters would be learned or measured, not what is in it.
  func refuseFileName(_ name: String) throws {
    guard case .string(let text) = value(name), text.utf8.count < 1024, !text.contains("\n"),
      let access: FileAccess = context.services.find(), access.isFile(text)
    else { return }
    let quoted: String = value(name).inline()
    throw error("\(quoted) is a file, and a text is wanted", at: name, help: "what is in it: read_text(\(quoted))")
  }

  /// The table of an argument; of a split the rows held back for the end.
  func taskTable(_ name: String) throws -> Table {
    switch value(name) {
    case .object(let table as TableValue): return table.table
    case .record(let record):
      if let part: TableValue = (record["test"] ?? record["valid"])?.object() { return part.table }
      throw error("expected a table, or a split with the part test", at: name)
    case let other: throw error("expected a table, got \(other.kind.phrase)", at: name)
    }
  }

  /// The column that an argument names, or the usual one.
  func columnName(_ argument: String, or usual: String) throws -> String {
    isGiven(argument) ? try string(argument) : usual
  }

  /// The words of each sentence: the column `tokens`, or the one that `text:` names.
  func sentences(of table: Table, _ name: String) throws -> [[String]] {
    let wanted: String = try columnName("text", or: "tokens")
    guard let column = table[wanted] else {
      throw error(
        "tagging needs the column \(wanted), a list of words for each sentence; the columns are "
          + table.names.joined(separator: ", "), at: name,
        help: "read(\"file.conll\") gives tokens and tags; text: and label: name other columns")
    }
    return try lists(column, wanted, name)
  }

  /// The tags of each sentence by their index among a model's: the column `tags`, or the one that `label:` names.
  /// Whole numbers are tags by name, or by place where the model's are only numbered.
  func tags(of table: Table, sentences: [[String]], _ model: PretrainedModel, _ name: String) throws -> [[Int]] {
    let wanted: String = try columnName("label", or: "tags")
    guard let column = table[wanted] else {
      throw error(
        "there is no column \(wanted), a list of tags for each sentence; the columns are "
          + table.names.joined(separator: ", "), at: name, help: "label: names another column")
    }
    let set = LabelSet(names: model.labels)
    let isNumbered: Bool = model.labels.enumerated().allSatisfy { $1 == "LABEL_\($0)" }
    let tags: [[String]] = try lists(column, wanted, name).map { own in
      isNumbered ? own.map { Int($0) == nil ? $0 : "LABEL_" + $0 } : own
    }
    return try tags.enumerated().map { row, own in
      guard own.count == sentences[row].count else {
        throw error("row \(row) has \(sentences[row].count) words and \(own.count) tags", at: name)
      }
      do { return try set.indices(of: own) } catch TrainingError.unknown(_, let what, let tag, let known) {
        let cause = TrainingError.unknown(operation: "row \(row)", what: what, name: tag, known: known)
        throw self.error(
          "\(cause)", at: name, help: "make the head with the data's tags: for_token_classification(labels: t.tags)")
      }
    }
  }

  private func lists(_ column: Column, _ what: String, _ name: String) throws -> [[String]] {
    switch column {
    case .lists(let lists): return lists
    case .any(let cells):
      return try cells.enumerated().map { row, cell in
        if let words = WordList.words(cell) { return words }
        let got: String = Value(cell: cell).inline(width: 30)
        throw error("\(what): row \(row): expected a list of texts, got \(got)", at: name)
      }
    default: break
    }
    throw error("\(what): expected a list of texts in each row, the column holds \(column.kind) values", at: name)
  }

  /// The questions of a table: columns `question`, `context` and, where wanted, `answers`.
  ///
  /// - Parameter isPlaced: whether answers must stand in their contexts, as for learning where; measures compare texts.
  func questions(
    of table: Table, answers isAnswered: Bool, placed isPlaced: Bool = false, _ name: String
  ) throws -> [ContextQuestion] {
    for needed in ["question", "context"] + (isAnswered ? ["answers"] : []) where table[needed] == nil {
      throw error(
        "there is no column \(needed); the columns are \(table.names.joined(separator: ", "))", at: name,
        help: "read(\"squad.json\") gives question, context and answers; rename(t, question: \"old name\") names others"
      )
    }
    let questions: [String] = try texts(of: table, column: "question", at: name)
    let contexts: [String] = try texts(of: table, column: "context", at: name)
    let answers: [JSON]? = isAnswered ? table["answers"]?.cells : nil
    return try questions.enumerated().map { row, question in
      guard contexts[row].unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        throw error("row \(row) has a question without context", at: name)
      }
      let own: [ContextQuestion.Answer] =
        try answers.map { try self.answers($0[row], contexts[row], row, isPlaced, name) } ?? []
      return ContextQuestion(question: question, context: contexts[row], answers: own)
    }
  }

  /// Answers as SQuAD, Hugging Face's data sets or people write them: `[{text, start}]`, `{text: [], answer_start: []}`,
  /// texts, or one text.
  private func answers(
    _ cell: JSON, _ context: String, _ row: Int, _ isPlaced: Bool, _ name: String
  ) throws -> [ContextQuestion.Answer] {
    var given: [(text: String, start: Int?)] = []
    func add(_ value: JSON) throws {
      if let text = value.string {
        given.append((text, nil))
      } else if let text = value["text"]?.string {
        given.append((text, value["start"]?.int ?? value["answer_start"]?.int))
      } else {
        throw error("row \(row): an answer is a text, or a record with text and start", at: name)
      }
    }
    switch cell {
    case .null: break
    case .string(let text): if !text.isEmpty { given.append((text, nil)) }
    case .array(let values): for value in values { try add(value) }
    case .object:
      guard let texts = cell["text"]?.strings else {
        try add(cell)
        break
      }
      let starts: [JSON] = (cell["answer_start"] ?? cell["start"])?.array ?? []
      for (place, text) in texts.enumerated() {
        given.append((text, starts.indices.contains(place) ? starts[place].int : nil))
      }
    default: throw error("row \(row): answers are texts, not \(cell.kind)", at: name)
    }
    return try given.map { text, start in
      guard let place = AnswerPlace.nearest(text, in: context, to: start) ?? (isPlaced ? nil : 0) else {
        throw error(
          "row \(row): the answer \(Quoted.short(text)) doesn't stand in its context", at: name,
          help: "write it as the context has it, or [] where the context has no answer")
      }
      return ContextQuestion.Answer(text: text, start: place)
    }
  }
}

/// Where answers stand.
enum AnswerPlace {
  /// The place of a text in a context that is nearest to where it should be, in Unicode scalars.
  static func nearest(_ text: String, in context: String, to start: Int?) -> Int? {
    let wanted: [Unicode.Scalar] = Array(text.unicodeScalars)
    let scalars: [Unicode.Scalar] = Array(context.unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= scalars.count else { return nil }
    let last: Int = scalars.count - wanted.count
    func stands(_ place: Int) -> Bool { wanted.indices.allSatisfy { scalars[place + $0] == wanted[$0] } }
    // A place outside counts as the end that it lies beyond: files may say any number.
    let near: Int? = start.map { min(max($0, 0), last) }
    if let near, stands(near) { return near }
    let places: [Int] = (0...last).filter(stands)
    guard let near else { return places.first }
    return places.min { abs($0 - near) < abs($1 - near) }
  }
}

/// Words or tags in a cell of a table.
enum WordList {
  /// The texts of a list, whole numbers as texts; nil for anything else.
  static func words(_ cell: JSON) -> [String]? {
    guard let items = cell.array else { return nil }
    let words: [String] = items.compactMap { item in
      if case .integer(let number) = item { return String(number) }
      return item.string
    }
    return words.count == items.count ? words : nil
  }
}

enum Quoted {
  /// A text in quotes, cut where it is long.
  static func short(_ text: String) -> String {
    "\"\(text.unicodeScalars.count > 40 ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(39))) + "…" : text)\""
  }
}
