import Files
import Tables

extension Document {
  /// A document for each row of a table: `text` by its column, `title`, and as source the column `source`, `doc_id`, `id`
  /// or `file` where there is one; the other columns are kept for filters. A source that ends in `.md` is Markdown.
  /// - Throws: ``RetrievalError/badInput(field:expected:got:)`` for a table without the column.
  package static func rows(of table: Table, text column: String) throws -> [Document] {
    guard let texts = table[column] else {
      throw RetrievalError.badInput(
        field: "the table", expected: "a column \(column)", got: "the columns \(table.names.joined(separator: ", "))")
    }
    let sources = ["source", "doc_id", "id", "file"].compactMap { name in table[name].map { (name, $0) } }.first
    let titles = table["title"]
    let own = [column, "title", sources?.0]
    let others = zip(table.names, table.columns).filter { !own.contains($0.0) }
    return (0..<table.rowCount).map { row in
      let source = sources.map { Column.string($0.1[row]) }.flatMap { $0.isEmpty ? nil : $0 }
      let text = Array(Column.string(texts[row]).utf8)
      let isMarkdown = source?.lowercased().hasSuffix(".md") ?? false
      let heading = isMarkdown && titles == nil ? Headings(markdown: text).title : nil
      return Document(
        source: source, title: titles.map { Column.string($0[row]) } ?? heading ?? "", text: text,
        isMarkdown: isMarkdown, columns: JSONObject(others.map { ($0.0, $0.1[row]) }))
    }
  }
}
