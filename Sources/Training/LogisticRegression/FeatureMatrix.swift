/// Features of N rows: float32 numbers, row after row.
package struct FeatureMatrix: Sendable {
  /// `[N, D]`, row-major.
  package let values: [Float]
  package let rowCount: Int
  package let columnCount: Int

  /// - Throws: ``TrainingError/shapeMismatch`` if the numbers don't make `rowCount` rows of `columnCount`.
  package init(values: [Float], rowCount: Int, columnCount: Int) throws {
    let (product, overflow) = rowCount.multipliedReportingOverflow(by: columnCount)
    guard rowCount >= 0, columnCount >= 0, !overflow, product == values.count else {
      throw TrainingError.shapeMismatch(
        operation: "features", expected: "\(rowCount) rows of \(columnCount) numbers", got: "\(values.count) numbers")
    }
    self.values = values
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// Some of the rows, in the order given.
  package func rows(_ chosen: [Int]) -> FeatureMatrix {
    var picked: [Float] = []
    picked.reserveCapacity(chosen.count * columnCount)
    for row in chosen { picked.append(contentsOf: values[row * columnCount..<(row + 1) * columnCount]) }
    return FeatureMatrix(unchecked: picked, rowCount: chosen.count, columnCount: columnCount)
  }

  private init(unchecked values: [Float], rowCount: Int, columnCount: Int) {
    self.values = values
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// - Throws: ``TrainingError`` if there are no rows or columns, or a number isn't finite.
  func checked(for operation: String) throws {
    guard rowCount > 0 else { throw TrainingError.empty(operation: operation, what: "rows") }
    guard columnCount > 0 else { throw TrainingError.empty(operation: operation, what: "feature columns") }
    // A sum is finite exactly if no term is NaN or infinite (in double, floats can't overflow it).
    var place: Int = 0
    while place < values.count {
      let end: Int = min(place + 4096, values.count)
      var sum: Double = 0
      for value in values[place..<end] { sum += Double(value) }
      if !sum.isFinite, let bad = values[place..<end].firstIndex(where: { !$0.isFinite }) {
        throw TrainingError.notFinite(operation: operation, row: bad / columnCount, column: bad % columnCount)
      }
      place = end
    }
  }
}
