import Files
import TensorCore

extension Table {
  /// The numbers of the rows in the order of the given columns, the first deciding first; equal rows stay in order.
  package func order(by names: [String], descending: Bool = false) throws -> [Int] {
    let keys: [Column] = try names.map { try column($0, operation: "sort") }
    var order: [Int] = Array(0..<rowCount)
    for key in keys.reversed() { order = Table.stablySorted(order, by: key, descending: descending) }
    return order
  }

  package func sorted(by names: [String], descending: Bool = false) throws -> Table {
    taking(try order(by: names, descending: descending))
  }

  private static func stablySorted(_ order: [Int], by key: Column, descending: Bool) -> [Int] {
    switch key {
    case .integers(let values): return sorted(order, descending) { values[$0] < values[$1] }
    case .strings(let values):
      return sorted(order, descending) { values[$0].utf8.lexicographicallyPrecedes(values[$1].utf8) }
    case .reals(let values):
      // NaN comes last either way, as in NumPy and pandas.
      return order.sorted { one, other in
        if values[one].isNaN || values[other].isNaN { return !values[one].isNaN }
        return descending ? values[other] < values[one] : values[one] < values[other]
      }
    default:
      let cells: [JSON] = key.cells
      return sorted(order, descending) { JSON.precedes(cells[$0], cells[$1]) }
    }
  }

  /// Swift's sort is stable, and stays so with the comparison turned round.
  private static func sorted(_ order: [Int], _ descending: Bool, _ precedes: (Int, Int) -> Bool) -> [Int] {
    order.sorted { descending ? precedes($1, $0) : precedes($0, $1) }
  }

  /// The rows in an order that the seed decides; each row's place in it depends on its number and the seed alone.
  package func shuffled(seed: UInt64) -> Table { taking(Table.randomOrder(rowCount, seed: seed, purpose: "shuffle")) }

  /// `count` rows drawn without putting back, in random order.
  /// - Throws: ``TableError/invalidArgument(operation:argument:got:expected:)`` for more rows than there are.
  package func sampled(_ count: Int, seed: UInt64) throws -> Table {
    guard count >= 0, count <= rowCount else {
      throw TableError.invalidArgument(
        operation: "sample", argument: "the number of rows", got: "\(count)", expected: "0 to \(rowCount)")
    }
    return taking(Array(Table.randomOrder(rowCount, seed: seed, purpose: "sample").prefix(count)))
  }

  /// `0 ..< count` sorted by a random number that each has by itself.
  static func randomOrder(_ count: Int, seed: UInt64, purpose: String) -> [Int] {
    let keys: [UInt64] = randomKeys(count, seed: seed, purpose: purpose)
    return Array(0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
  }

  /// A random number for each row, at the place that is its number.
  static func randomKeys(_ count: Int, seed: UInt64, purpose: String) -> [UInt64] {
    let stream: Philox = Philox(seed: seed, purpose: purpose)
    return (0..<count).map { row in
      let words: SIMD4<UInt32> = stream.words(
        UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32))
      return UInt64(words[0]) << 32 | UInt64(words[1])
    }
  }
}
