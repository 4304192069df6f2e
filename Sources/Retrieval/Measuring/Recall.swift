import GRDB

/// How often the right document stands among the first found.
package struct Recall: Sendable, Equatable {
  package let mode: SearchMode
  /// The k asked for, rising.
  package let cutoffs: [Int]
  /// For each cutoff, how many questions had their document among the first so many.
  package let found: [Int]
  package let questions: Int
  /// The mean of 1 / rank, 0 where it stands beyond the last cutoff.
  package let meanReciprocalRank: Double
  /// For each question the rank of its document, counted from 1; nil beyond the last cutoff.
  package let ranks: [Int?]

  package func recall(_ place: Int) -> Double { questions == 0 ? 0 : Double(found[place]) / Double(questions) }
}

extension DocumentIndex {
  /// Asks questions whose right documents are known. Documents are ranked by their best chunk.
  ///
  /// - Parameters:
  ///   - right: for each question a source or title of its document.
  /// - Throws: ``RetrievalError/badInput(field:expected:got:)`` for a document that isn't there.
  package func recall(
    _ questions: [String], right: [String], cutoffs: [Int], mode: SearchMode,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Recall {
    let cutoffs = Array(Set(cutoffs)).sorted()
    guard let most = cutoffs.last, let least = cutoffs.first, least >= 1 else {
      throw RetrievalError.badInput(field: "k", expected: "numbers from 1", got: "\(cutoffs)")
    }
    let wanted = try documents(named: right)
    let total = try contents().chunks
    var ranks: [Int?] = []
    for start in stride(from: 0, to: questions.count, by: 256) {
      let end = min(start + 256, questions.count)
      var depth = min(total, 2 * most + 20)
      var open = Array(start..<end)
      var own: [Int: Int?] = [:]
      while !open.isEmpty {
        let rankings = try rank(open.map { questions[$0] }, k: max(depth, 1), mode: mode) {
          try progress(start, questions.count)
        }
        var still: [Int] = []
        for (place, ranking) in rankings.enumerated() {
          let documents = Self.distinct(ranking)
          // Too many chunks of the same documents: look deeper.
          if documents.count < most, ranking.count == depth, depth < total {
            still.append(open[place])
            continue
          }
          let rank = documents.prefix(most).firstIndex { wanted[open[place]].contains($0) }
          own[open[place]] = .some(rank.map { $0 + 1 })
        }
        open = still
        depth = min(total, depth * 4)
      }
      for question in start..<end { ranks.append(own[question] ?? nil) }
      try progress(end, questions.count)
    }
    let found = cutoffs.map { cutoff in ranks.count { ($0 ?? .max) <= cutoff } }
    let sum = ranks.reduce(0.0) { $0 + ($1.map { 1 / Double($0) } ?? 0) }
    return Recall(
      mode: mode, cutoffs: cutoffs, found: found, questions: questions.count,
      meanReciprocalRank: questions.isEmpty ? 0 : sum / Double(questions.count), ranks: ranks)
  }

  private static func distinct(_ ranking: Ranking) -> [Int64] {
    var seen: Set<Int64> = []
    return ranking.map { $0.chunk >> Int64(Store.placeBits) }.filter { seen.insert($0).inserted }
  }

  /// For each name the documents with that source, else with that title.
  private func documents(named names: [String]) throws -> [Set<Int64>] {
    try store.read { db in
      var known: [String: Set<Int64>] = [:]
      return try names.map { name in
        if let found = known[name] { return found }
        var found = try Int64.fetchAll(
          db,
          sql: """
            SELECT document FROM sources JOIN documents ON id = document
            WHERE (source = ?1 OR substr(source, -length(?1) - 1) = '/' || ?1) AND state = 1
            """, arguments: [name])
        if found.isEmpty {
          found = try Int64.fetchAll(
            db, sql: "SELECT id FROM documents WHERE title = ? AND state = 1", arguments: [name])
        }
        guard !found.isEmpty else {
          throw RetrievalError.badInput(
            field: "questions", expected: "sources or titles of documents in the index", got: "\"\(name)\"")
        }
        known[name] = Set(found)
        return Set(found)
      }
    }
  }
}
