import Tables
import TensorCore
import Transformers

/// Labelled examples that stand before a row.
package struct Shots {
  package enum Selection: String, CaseIterable, Sendable {
    /// Drawn from all rows.
    case random
    /// As many of each label as of any other, give or take one.
    case balanced
    /// For each row those that are most like it, the most alike last.
    case nearest
    /// The first rows as they stand: examples picked by hand.
    case first
  }

  package let selection: Selection
  package let count: Int
  package let separator: String
  /// The chosen rows in their order; for ``Selection/nearest`` all that there are to choose from.
  package let table: Table
  package let rows: [PromptRow]
  /// What tells likeness: the features of a model, or, where nil, words weighed by their rarity (TF-IDF).
  package let embedder: PretrainedModel?

  /// - Parameters:
  ///   - seed: for drawing and for the order.
  ///   - label: the column of labels.
  package init(
    _ table: Table, count: Int, selection: Selection = .balanced, separator: String = "\n\n", seed: UInt64,
    label: String = "label", embedder: PretrainedModel? = nil
  ) throws {
    guard count >= 1 else {
      throw PromptingError.data("k: expected at least 1 shot, got \(count)", help: "without shots leave them out")
    }
    guard let column = table[label] else {
      throw PromptingError.data(
        "the table has no column \"\(label)\"", help: "the columns are \(table.names.joined(separator: ", "))")
    }
    let labelled = (0..<table.rowCount).filter { !column[$0].isNull }
    guard labelled.count >= count else {
      throw PromptingError.data("\(count) shots from \(labelled.count) labelled rows", help: "take fewer")
    }
    let random = Philox(seed: seed, purpose: "shots")
    let chosen: [Int]
    switch selection {
    case .nearest: chosen = labelled
    case .first: chosen = Array(labelled.prefix(count))
    case .random: chosen = random.permutation(labelled.count).prefix(count).map { labelled[$0] }
    case .balanced: chosen = Self.balanced(labelled, column.strings, count, random)
    }
    self.selection = selection
    self.count = count
    self.separator = separator
    self.table = try table.gathering(chosen, operation: "shots")
    self.embedder = embedder
    rows = PromptRow.rows(of: self.table, label: label)
  }

  private init(_ other: Shots, order: [Int]) {
    selection = other.selection
    count = order.count
    separator = other.separator
    table = (try? other.table.gathering(order)) ?? other.table
    rows = order.map { other.rows[$0] }
    embedder = other.embedder
  }

  private static func balanced(_ rows: [Int], _ labels: [String], _ count: Int, _ random: Philox) -> [Int] {
    var byLabel: [String: [Int]] = [:]
    for place in random.permutation(rows.count) { byLabel[labels[rows[place]], default: []].append(rows[place]) }
    let names = byLabel.keys.sorted()
    var chosen: [Int] = []
    var round = 0
    while chosen.count < count {
      for name in names where chosen.count < count {
        if let own = byLabel[name], round < own.count { chosen.append(own[round]) }
      }
      round += 1
    }
    return random.permutation(count, at: 1).map { chosen[$0] }
  }

  /// The same examples in another order, or fewer of them.
  package func reordered(_ order: [Int]) -> Shots { Shots(self, order: order) }

  /// For each row the examples that stand before it.
  package func demonstrations(
    for queries: [PromptRow], fields: [String], checkInterruption: (() throws -> Void)? = nil
  ) throws -> [[PromptRow]] {
    guard selection == .nearest else { return queries.map { _ in rows } }
    func text(_ row: PromptRow) -> String { fields.compactMap { row[$0] }.joined(separator: "\n") }
    let (pool, wanted) = (rows.map(text), queries.map(text))
    let likeness = try embedder.map { try Likeness(pool, $0, checkInterruption) } ?? Likeness(pool)
    return try likeness.scores(of: wanted, checkInterruption).enumerated().map { query, scores in
      // A row never is its own example.
      let others = pool.indices.filter { pool[$0] != wanted[query] }
      let order = others.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
      return order.prefix(count).reversed().map { rows[$0] }
    }
  }

  /// How many of the rows stand among the shots too.
  package func overlap(with queries: [PromptRow]) -> Int {
    guard selection != .nearest else { return 0 }
    return rows.count { queries.contains($0) }
  }

  /// Orders of `count` things: all of them where they are few, else that many drawn ones, the given order first.
  package static func orders(of count: Int, most: Int, seed: UInt64) -> [[Int]] {
    var orders: [[Int]] = [Array(0..<count)]
    var possible = 1
    for factor in 1...max(count, 1) { possible = min(possible * factor, 1_000_000) }
    let random = Philox(seed: seed, purpose: "shots/order")
    var draw: UInt32 = 0
    while orders.count < min(most, possible), draw < 100_000 {
      let order = random.permutation(count, at: draw)
      if !orders.contains(order) { orders.append(order) }
      draw += 1
    }
    return orders
  }
}
