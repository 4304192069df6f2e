import COpenBLAS
import Foundation
import TensorCore

/// The largest singular values of a matrix with their vectors, `W ≈ U Σ Vᵀ`.
///
/// Source: Zhou et al. 2006, "Self-consistent-field calculations using Chebyshev-filtered subspace iteration": a few
/// vectors more than wanted, filtered by polynomials of Wᵀ W and turned by Jacobi until they are exact, in float64 and
/// from a fixed start, so the same matrix always gives the same vectors. Orthogonal iteration alone would need hundreds
/// of products where singular values lie close together, as those of pretrained weights do.
package struct SingularValues {
  package let values: [Double]
  /// `[rows, count]`.
  private let left: [Double]
  /// `[count, columns]`.
  private let right: [Double]
  private let rows: Int
  private let columns: Int

  package init(_ matrix: Tensor, count wanted: Int) throws {
    guard matrix.shape.count == 2, matrix.isFinite else {
      throw TrainingError.method("singular values need a matrix of finite numbers")
    }
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    guard wanted >= 1, wanted <= min(rows, columns) else {
      throw TrainingError.method("rank must be from 1 to \(min(rows, columns)) here, got \(wanted)")
    }
    let w: [Double] = matrix.elements.map { Double($0) }
    let width: Int = min(wanted + max(8, wanted / 2), min(rows, columns))
    var basis: [Double] = (0..<columns * width).map { place in
      sin(Double(place / width + 1) * (Double(place % width) + 0.5)) + (place / width % width == place % width ? 1 : 0)
    }
    Self.orthonormalize(&basis, columns, width)
    var image: [Double] = Array(repeating: 0, count: rows * width)
    for round in 0..<100 {
      Self.multiply(w, basis, &image, rows, width, columns, transposed: false)
      // One-sided Jacobi makes the columns of the image orthogonal; their lengths are the singular values.
      Self.rotate(&image, &basis, rows, columns, width)
      var back: [Double] = basis
      Self.multiply(w, image, &back, columns, width, rows, transposed: true)
      let squares: [Double] = (0..<width).map { Self.square(of: image, $0, rows, width) }
      let largest: Double = squares.max() ?? 0
      let smallest: Double = squares.min() ?? 0
      let sought: [Int] = Array((0..<width).sorted { squares[$0] > squares[$1] }.prefix(wanted))
      var worst: Double = 0
      for k in sought {
        var sum: Double = 0
        for i in 0..<columns {
          let rest: Double = back[i * width + k] - squares[k] * basis[i * width + k]
          sum += rest * rest
        }
        worst = max(worst, sum.squareRoot())
      }
      if worst <= 1e-12 * largest { break }
      if round < 2 || smallest <= 1e-12 * largest {
        basis = back
      } else {
        Self.filter(w, &basis, back, rows, width, columns, smallest, largest)
      }
      Self.orthonormalize(&basis, columns, width)
    }
    let lengths: [Double] = (0..<width).map { Self.square(of: image, $0, rows, width).squareRoot() }
    let order: [Int] = (0..<width).sorted { (lengths[$0], $1) > (lengths[$1], $0) }.prefix(wanted).map { $0 }
    let kept: [Double] = order.map { lengths[$0] }
    values = kept
    (self.rows, self.columns) = (rows, columns)
    let (u, v) = (image, basis)
    left = (0..<rows).flatMap { i in
      order.map { k in lengths[k] > 0 ? u[i * width + k] / lengths[k] : 0 }
    }
    right = order.flatMap { k in (0..<columns).map { v[$0 * width + k] } }
  }

  /// `√(Σ · s) Vᵀ`, `[count, columns]`.
  package func scaledRight(by scale: Float) throws -> Tensor {
    let (right, columns) = (right, columns)
    return try Tensor(
      values.enumerated().flatMap { k, value in
        (0..<columns).map { Float((value * Double(scale)).squareRoot() * right[k * columns + $0]) }
      }, shape: [values.count, columns])
  }

  /// `U √(Σ · s)`, `[rows, count]`.
  package func scaledLeft(by scale: Float) throws -> Tensor {
    let (left, values) = (left, values)
    return try Tensor(
      left.indices.map { Float((values[$0 % values.count] * Double(scale)).squareRoot() * left[$0]) },
      shape: [rows, values.count])
  }

  /// Applies a Chebyshev polynomial of Wᵀ W that stays within ±1 up to `smallest` and grows fast above it. Its degree is
  /// kept so low that the largest direction doesn't drown the others.
  ///
  /// - Parameter back: `Wᵀ W basis`.
  private static func filter(
    _ w: [Double], _ basis: inout [Double], _ back: [Double], _ rows: Int, _ width: Int, _ columns: Int,
    _ smallest: Double, _ largest: Double
  ) {
    let growth: Double = acosh(max(1, 2 * largest / smallest - 1))
    let degree = Int(max(1, min(12, 20 / growth)))
    let scale: Double = 2 / smallest
    var before: [Double] = basis
    var now: [Double] = basis.indices.map { scale * back[$0] - basis[$0] }
    var image: [Double] = Array(repeating: 0, count: rows * width)
    var next: [Double] = basis
    for _ in 1..<degree {
      multiply(w, now, &image, rows, width, columns, transposed: false)
      multiply(w, image, &next, columns, width, rows, transposed: true)
      for place in next.indices { next[place] = 2 * (scale * next[place] - now[place]) - before[place] }
      (before, now, next) = (now, next, before)
    }
    basis = now
  }

  /// The squared length of a column of `[rows, width]`.
  private static func square(of matrix: [Double], _ column: Int, _ rows: Int, _ width: Int) -> Double {
    var sum: Double = 0
    for i in 0..<rows { sum += matrix[i * width + column] * matrix[i * width + column] }
    return sum
  }

  /// c[rows, width] = W b, or Wᵀ b, where W lies `[rows, depth]`, or `[depth, rows]`.
  private static func multiply(
    _ w: [Double], _ b: [Double], _ c: inout [Double], _ rows: Int, _ width: Int, _ depth: Int, transposed: Bool
  ) {
    cblas_dgemm(
      CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, blasint(rows), blasint(width),
      blasint(depth), 1, w, blasint(transposed ? rows : depth), b, blasint(width), 0, &c, blasint(width))
  }

  private static func rotate(
    _ image: inout [Double], _ basis: inout [Double], _ rows: Int, _ columns: Int, _ width: Int
  ) {
    for _ in 0..<30 {
      var isDone: Bool = true
      for p in 0..<width {
        for q in (p + 1)..<max(width, p + 1) {
          var (pp, qq, pq): (Double, Double, Double) = (0, 0, 0)
          for i in 0..<rows {
            let (a, b) = (image[i * width + p], image[i * width + q])
            pp += a * a
            qq += b * b
            pq += a * b
          }
          if abs(pq) <= 1e-14 * (pp * qq).squareRoot() { continue }
          isDone = false
          let zeta: Double = (qq - pp) / (2 * pq)
          let t: Double = (zeta >= 0 ? 1 : -1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
          let c: Double = 1 / (1 + t * t).squareRoot()
          turn(&image, rows, width, p, q, c, c * t)
          turn(&basis, columns, width, p, q, c, c * t)
        }
      }
      if isDone { return }
    }
  }

  private static func turn(
    _ matrix: inout [Double], _ rows: Int, _ width: Int, _ p: Int, _ q: Int, _ c: Double, _ s: Double
  ) {
    for i in 0..<rows {
      let (a, b) = (matrix[i * width + p], matrix[i * width + q])
      matrix[i * width + p] = c * a - s * b
      matrix[i * width + q] = s * a + c * b
    }
  }

  private static func orthonormalize(_ basis: inout [Double], _ rows: Int, _ width: Int) {
    PrincipalComponents.orthonormalize(&basis, rows, width)
  }
}
