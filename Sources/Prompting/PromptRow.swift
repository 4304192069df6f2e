import Tables

/// What fills a template: the cells of a row as text, and its label.
package struct PromptRow: Equatable, Sendable {
  private let cells: [String: String]
  /// What every field is filled with; nil for a row of a table.
  private let everywhere: String?
  package let label: String?

  package init(_ cells: [String: String], label: String? = nil) {
    self.cells = cells
    everywhere = nil
    self.label = label
  }

  /// A row without content (Zhao et al. 2021): every field holds the same text.
  package init(everywhere text: String) {
    cells = [:]
    everywhere = text
    label = nil
  }

  package subscript(field: String) -> String? { everywhere ?? cells[field] }

  package var columns: [String] { cells.keys.sorted() }

  /// The rows of a table; a missing label is nil.
  package static func rows(of table: Table, label: String = "label") -> [PromptRow] {
    let texts = table.columns.map(\.strings)
    let labels = table.index(of: label)
    return (0..<table.rowCount).map { row in
      var cells: [String: String] = [:]
      for (name, column) in zip(table.names, texts) { cells[name] = column[row] }
      let given: String? = labels.flatMap { column in
        table.columns[column][row].isNull ? nil : texts[column][row]
      }
      return PromptRow(cells, label: given)
    }
  }
}
