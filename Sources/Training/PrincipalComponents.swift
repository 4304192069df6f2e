import COpenBLAS
import Foundation

/// The directions along which rows differ most, and where the rows lie along them.
///
/// Source: Pearson 1901; computed by orthogonal iteration on the covariance, in float64, with a fixed start, so the same
/// rows always give the same picture. Signs are fixed by making the largest weight of each direction positive.
package struct PrincipalComponents: Sendable {
  /// `[count][D]`, of length 1.
  package let directions: [[Double]]
  /// `[N][count]`.
  package let coordinates: [[Double]]
  /// The share of the variance along each direction.
  package let explained: [Double]

  /// - Throws: ``TrainingError`` for fewer than two rows, or numbers that aren't finite.
  package init(_ features: FeatureMatrix, count wanted: Int = 2) throws {
    try features.checked(for: "principal components")
    let (rows, columns) = (features.rowCount, features.columnCount)
    guard rows >= 2 else {
      throw TrainingError.empty(operation: "principal components", what: "rows to tell apart (2 or more)")
    }
    guard columns <= 20_000 else {
      throw TrainingError.invalidSetting(
        operation: "principal components", setting: "the number of columns", expected: "up to 20,000", got: "\(columns)"
      )
    }
    var x: [Double] = features.withUnsafeBuffer { $0.map { Double($0) } }
    for column in 0..<columns {
      var mean: Double = 0
      for row in 0..<rows { mean += x[row * columns + column] }
      mean /= Double(rows)
      for row in 0..<rows { x[row * columns + column] -= mean }
    }
    let total: Double = x.reduce(0) { $0 + $1 * $1 }
    let kept: Int = min(wanted, columns)
    let width: Int = min(columns, kept + 4)
    // The iteration multiplies by Xᵀ X without forming it: 2 N D numbers a step and direction.
    var basis: [Double] = (0..<columns * width).map { place in
      sin(Double(place / width + 1) * (Double(place % width) + 0.5)) + (place / width % width == place % width ? 1 : 0)
    }
    PrincipalComponents.orthonormalize(&basis, columns, width)
    var projected: [Double] = Array(repeating: 0, count: rows * width)
    var values: [Double] = Array(repeating: 0, count: width)
    for _ in 0..<300 {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(width), blasint(columns), 1, x,
        blasint(columns),
        basis, blasint(width), 0, &projected, blasint(width))
      var next: [Double] = basis
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, blasint(columns), blasint(width), blasint(rows), 1, x,
        blasint(columns),
        projected, blasint(width), 0, &next, blasint(width))
      let before: [Double] = values
      values = (0..<width).map { k in
        var sum: Double = 0
        for row in 0..<rows { sum += projected[row * width + k] * projected[row * width + k] }
        return sum
      }
      basis = next
      PrincipalComponents.orthonormalize(&basis, columns, width)
      if (0..<kept).allSatisfy({ abs(values[$0] - before[$0]) <= 1e-12 * max(total, .leastNormalMagnitude) }) { break }
    }
    let final: [Double] = basis
    let order: [Int] = (0..<width).sorted { values[$0] > values[$1] }
    directions = order.prefix(kept).map { k in
      let direction: [Double] = (0..<columns).map { final[$0 * width + k] }
      let peak: Double = direction.max { abs($0) < abs($1) } ?? 1
      return peak < 0 ? direction.map { -$0 } : direction
    }
    let axes: [[Double]] = directions
    coordinates = (0..<rows).map { row in
      axes.map { axis in (0..<columns).reduce(0) { $0 + x[row * columns + $1] * axis[$1] } }
    }
    explained = order.prefix(kept).map { total > 0 ? values[$0] / total : 0 }
  }

  /// Gram and Schmidt, twice, on the columns of `[rows, width]`; a column that vanishes becomes zero.
  static func orthonormalize(_ basis: inout [Double], _ rows: Int, _ width: Int) {
    for _ in 0..<2 {
      for k in 0..<width {
        for j in 0..<k {
          var product: Double = 0
          for i in 0..<rows { product += basis[i * width + k] * basis[i * width + j] }
          for i in 0..<rows { basis[i * width + k] -= product * basis[i * width + j] }
        }
        var square: Double = 0
        for i in 0..<rows { square += basis[i * width + k] * basis[i * width + k] }
        let scale: Double = square > 1e-300 ? 1 / square.squareRoot() : 0
        for i in 0..<rows { basis[i * width + k] *= scale }
      }
    }
  }
}
