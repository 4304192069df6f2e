/// Groups of sequences as parts of a batch: for each group what its sequences have in common, then what follows it in
/// each. The last token of a sequence is only predicted, so it is never read.
struct SequenceTree {
  /// Where the prediction of a scored token stands.
  struct Place {
    /// Number among ``scoredRows``.
    var row: Int
    /// Number among that row's targets.
    var target: Int
  }

  /// Tokens of each part.
  private(set) var sequences: [[Int]] = []
  private(set) var parts: [BranchingCache.Part] = []
  /// Position of each row.
  private(set) var positions: [Int] = []
  /// Rows that predict a scored token, in order.
  private(set) var scoredRows: [Int] = []
  /// The tokens asked for at each scored row.
  private(set) var targets: [[Int]] = []
  /// By group, by sequence, by scored token.
  private(set) var places: [[[Place]]] = []

  /// - Parameter prefix: how many tokens at the start of every sequence were read before.
  init(_ groups: [[ScoredSequence]], prefix: Int) {
    for group in groups {
      guard let first = group.first else {
        places.append([])
        continue
      }
      var end = first.ids.count - 1
      for sequence in group {
        let most = min(end, sequence.ids.count - 1)
        end = (prefix..<max(most, prefix)).first { sequence.ids[$0] != first.ids[$0] } ?? most
      }
      let trunk = end > prefix ? append(Array(first.ids[prefix..<end]), from: prefix, trunk: nil) : nil
      var known: [[Int]: Range<Int>] = [:]
      let branches: [Range<Int>?] = group.map { sequence in
        let tokens = Array(sequence.ids[end..<(sequence.ids.count - 1)])
        if tokens.isEmpty { return nil }
        if let rows = known[tokens] { return rows }
        let rows = append(tokens, from: end, trunk: trunk)
        known[tokens] = rows
        return rows
      }
      ask(group) { sequence, place in
        if place < end { return trunk.map { $0.lowerBound + place - prefix } }
        return branches[sequence].map { $0.lowerBound + place - end }
      }
    }
    finish()
  }

  /// Every sequence by itself, with `virtualRows` rows of a soft prompt before its tokens.
  init(whole groups: [[ScoredSequence]], virtualRows: Int) {
    var row = 0
    for group in groups {
      var starts: [Int] = []
      for sequence in group {
        sequences.append(Array(sequence.ids.dropLast()))
        starts.append(row + virtualRows)
        row += virtualRows + sequence.ids.count - 1
      }
      ask(group) { sequence, place in starts[sequence] + place }
    }
    finish()
  }

  private mutating func append(_ tokens: [Int], from position: Int, trunk: Range<Int>?) -> Range<Int> {
    let rows = positions.count..<(positions.count + tokens.count)
    sequences.append(tokens)
    parts.append(.init(rows: rows, trunk: trunk))
    positions += position..<(position + tokens.count)
    return rows
  }

  /// Notes what a group asks for; `row` gives the row that reads the token at a place of a sequence.
  private mutating func ask(_ group: [ScoredSequence], row: (_ sequence: Int, _ place: Int) -> Int?) {
    places.append(
      group.enumerated().map { number, sequence in
        (sequence.start..<sequence.ids.count).map { place in
          let wanted = row(number, place - 1) ?? 0
          if scoredRows.last != wanted || targets.isEmpty {
            if let known = scoredRows.lastIndex(of: wanted) { return note(sequence.ids[place], at: known) }
            scoredRows.append(wanted)
            targets.append([])
          }
          return note(sequence.ids[place], at: scoredRows.count - 1)
        }
      })
  }

  private mutating func note(_ token: Int, at row: Int) -> Place {
    if let known = targets[row].firstIndex(of: token) { return Place(row: row, target: known) }
    targets[row].append(token)
    return Place(row: row, target: targets[row].count - 1)
  }

  /// Brings the scored rows into their order in the batch.
  private mutating func finish() {
    let order = scoredRows.indices.sorted { scoredRows[$0] < scoredRows[$1] }
    var rank = Array(repeating: 0, count: order.count)
    for (place, old) in order.enumerated() { rank[old] = place }
    scoredRows = order.map { scoredRows[$0] }
    targets = order.map { targets[$0] }
    places = places.map { group in
      group.map { sequence in sequence.map { Place(row: rank[$0.row], target: $0.target) } }
    }
  }
}
