import Files

/// How large a part of a split is.
package enum PartSize: Sendable, Equatable {
  /// A share from 0 to 1.
  case share(Double)
  /// A number of rows.
  case rows(Int)
}

extension Table {
  /// Cuts the rows into a train, a valid and a test part at random, each part in random order; what the first two leave
  /// is the test part.
  ///
  /// A row's part depends on the seed, its number and, where `stratify` names a column, the rows of its value: each value
  /// has the same share of every part, as near as whole rows allow.
  ///
  /// - Throws: ``TableError`` for shares that are negative or beyond 1 in sum, or an unknown column.
  package func split(
    train: PartSize, valid: PartSize, stratify: String? = nil, seed: UInt64
  ) throws -> (train: Table, valid: Table, test: Table) {
    let trainCount: Int = try partCount(train, "train")
    let validCount: Int = try partCount(valid, "valid")
    let (together, overflow) = trainCount.addingReportingOverflow(validCount)
    guard !overflow, together <= rowCount else {
      throw TableError.invalidArgument(
        operation: "split", argument: "train and valid together",
        got: overflow ? "\(trainCount) and \(validCount) rows" : "\(together) rows",
        expected: "at most the \(rowCount) that there are")
    }
    let keys: [UInt64] = Table.randomKeys(rowCount, seed: seed, purpose: "split")
    func precedes(_ one: Int, _ other: Int) -> Bool { (keys[one], one) < (keys[other], other) }
    let strata: [[Int]] =
      try stratify.map { try groups(by: $0, operation: "split").map { $0.rows.sorted(by: precedes) } }
      ?? [Array(0..<rowCount).sorted(by: precedes)]
    let sizes: [Int] = strata.map(\.count)
    let trainSizes: [Int] = Table.apportioned(trainCount, over: sizes, sizes)
    let left: [Int] = zip(sizes, trainSizes).map { $0 - $1 }
    let validSizes: [Int] = Table.apportioned(validCount, over: sizes, left)
    var parts: [[Int]] = [[], [], []]
    for (index, rows) in strata.enumerated() {
      let first: Int = trainSizes[index]
      let second: Int = first + validSizes[index]
      parts[0] += rows[..<first]
      parts[1] += rows[first..<second]
      parts[2] += rows[second...]
    }
    let tables: [Table] = parts.map { taking($0.sorted(by: precedes)) }
    return (tables[0], tables[1], tables[2])
  }

  private func partCount(_ size: PartSize, _ argument: String) throws -> Int {
    switch size {
    case .rows(let count) where count >= 0: return count
    case .share(let share) where share >= 0 && share <= 1: return Int((share * Double(rowCount)).rounded())
    case .rows(let count): throw invalidPart(argument, "\(count)")
    case .share(let share): throw invalidPart(argument, "\(share)")
    }
  }

  private func invalidPart(_ argument: String, _ got: String) -> TableError {
    .invalidArgument(
      operation: "split", argument: argument, got: got, expected: "a share from 0 to 1 or a number of rows")
  }

  /// Shares `total` out in proportion to `sizes`, never more than `limits`: whole parts first, then one each to the
  /// largest remainders, the earlier on a tie.
  static func apportioned(_ total: Int, over sizes: [Int], _ limits: [Int]) -> [Int] {
    let all: Int = sizes.reduce(0, +)
    guard all > 0 else { return sizes.map { _ in 0 } }
    let exact: [Double] = sizes.map { Double(total) * Double($0) / Double(all) }
    var result: [Int] = zip(exact, limits).map { min(Int($0), $1) }
    let order: [Int] = sizes.indices.sorted {
      let (one, other) = (exact[$0] - exact[$0].rounded(.down), exact[$1] - exact[$1].rounded(.down))
      return one != other ? one > other : $0 < $1
    }
    var missing: Int = total - result.reduce(0, +)
    while missing > 0 {
      let before: Int = missing
      for index in order where missing > 0 && result[index] < limits[index] {
        result[index] += 1
        missing -= 1
      }
      if missing == before { break }
    }
    return result
  }
}
