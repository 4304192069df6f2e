import Files

/// JSON Lines, JSON lists of records, records of lists, and SQuAD.
struct JSONTableReader {
  let path: String
  let progress: TableReader.Progress

  /// A record on each line; empty lines are skipped.
  func lines(_ bytes: UnsafeRawBufferPointer) throws -> Table {
    let content: UnsafeBufferPointer<UInt8> = bytes.bindMemory(to: UInt8.self)
    var builder: RowBuilder = RowBuilder()
    var start: Int = 0
    var line: Int = 0
    while start < content.count {
      line += 1
      let end: Int = content[start...].firstIndex(of: 10) ?? content.count
      let text: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(rebasing: content[start..<end])
      start = end + 1
      if text.allSatisfy({ $0 <= 32 }) { continue }
      var parser: JSONParser = JSONParser(text, firstLine: line)
      let value: JSON = try parser.document()
      guard case .object(let row) = value else {
        throw TableError.malformed(
          path: path, format: "JSON Lines", line: line, reason: "a record is expected, not \(value.kind)")
      }
      builder.append(row)
      if line % 1024 == 0 { try progress(start, content.count) }
    }
    return builder.table()
  }

  /// Whether more follows a record that ends with its line: JSON Lines under the name of JSON, as many data sets come.
  static func isLines(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let end = bytes.firstIndex(of: 10), bytes[end...].contains(where: { $0 > 32 }),
      let first = try? JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    else { return false }
    return first.object != nil
  }

  func document(_ bytes: UnsafeRawBufferPointer, squad: Bool) throws -> Table {
    let value: JSON = try JSON(parsing: bytes)
    if let articles = value["data"]?.array, squad || articles.contains(where: { $0["paragraphs"] != nil }) {
      return try self.squad(articles)
    }
    if squad { throw malformed("SQuAD", "it has no list \"data\" of articles") }
    switch value {
    case .array(let rows): return try records(rows)
    case .object(let object):
      if let rows = object["data"]?.array { return try records(rows) }
      return try columns(object)
    default: throw malformed("table", "a list of records is expected, not \(value.kind)")
    }
  }

  private func records(_ rows: [JSON]) throws -> Table {
    var builder: RowBuilder = RowBuilder()
    for (index, row) in rows.enumerated() {
      guard case .object(let record) = row else {
        throw malformed("table", "element \(index) is \(row.kind), not a record")
      }
      builder.append(record)
    }
    return builder.table()
  }

  private func columns(_ object: JSONObject) throws -> Table {
    let columns: [(name: String, column: Column)] = try object.members.map { member in
      guard let cells = member.value.array else {
        throw malformed(
          "table", "a list of records is expected, or a record of lists; \(quoted(member.key)) is \(member.value.kind)")
      }
      return (member.key, Column(cells: cells))
    }
    return try Table(columns, operation: "read")
  }

  /// A row for each question: `id title question context answers`, answers a list of `{text, start}` with `start` in
  /// Unicode scalars of the context; empty where the question has none.
  private func squad(_ articles: [JSON]) throws -> Table {
    var builder: RowBuilder = RowBuilder()
    for (number, article) in articles.enumerated() {
      guard let paragraphs = article["paragraphs"]?.array else {
        throw malformed("SQuAD", "article \(number) has no paragraphs")
      }
      for (place, paragraph) in paragraphs.enumerated() {
        guard let context = paragraph["context"]?.string, let questions = paragraph["qas"]?.array else {
          throw malformed("SQuAD", "paragraph \(place) of article \(number) lacks context or qas")
        }
        for (index, question) in questions.enumerated() {
          guard question["question"]?.string != nil else {
            throw malformed(
              "SQuAD", "question \(index) of paragraph \(place) of article \(number) has no text")
          }
          builder.append(try row(question, context, article["title"]))
        }
      }
    }
    return builder.table()
  }

  private func row(_ question: JSON, _ context: String, _ title: JSON?) throws -> JSONObject {
    let text: String = question["question"]?.string ?? ""
    let isImpossible: Bool = question["is_impossible"]?.bool ?? false
    let given: [JSON] = isImpossible ? [] : question["answers"]?.array ?? []
    let answers: [JSON] = try given.map { answer in
      guard let text = answer["text"]?.string, let start = answer["answer_start"]?.int, start >= 0 else {
        throw malformed("SQuAD", "an answer to \(quoted(text)) lacks text or answer_start")
      }
      return .object([("text", .string(text)), ("start", .integer(start))])
    }
    return JSONObject([
      ("id", question["id"] ?? .null), ("title", title ?? .null), ("question", .string(text)),
      ("context", .string(context)), ("answers", .array(answers)),
    ])
  }

  private func malformed(_ format: String, _ reason: String) -> TableError {
    .malformed(path: path, format: format, line: nil, reason: reason)
  }
}
