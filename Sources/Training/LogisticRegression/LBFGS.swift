import Foundation

/// What a search for the optimum ended with.
struct SolverResult {
  var parameters: [Double]
  var value: Double
  /// The largest magnitude in the (projected) gradient.
  var gradientPeak: Double
  var iterations: Int
  var converged: Bool
}

/// Limited-memory BFGS, and with an L1 part its orthant-wise form.
///
/// Sources: Liu & Nocedal 1989; line search by Nocedal & Wright 2006, algorithms 3.5 and 3.6; Andrew & Gao 2007
/// (OWL-QN). Ends as SciPy's L-BFGS-B does: no component of the gradient above the tolerance, or a step that gains
/// less than 64 units in the last place.
struct LBFGS {
  var tolerance: Double
  var maximumIterations: Int
  /// How many pairs of steps and gradient changes are remembered.
  var memory: Int = 10
  /// Factor of the absolute values of each parameter; empty without an L1 part.
  var l1: [Double] = []
  /// Called after each iteration; throwing from it stops the search.
  var progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }

  /// What a rough gradient can still show, and the least share of its value by which a rough objective must fall.
  private static let roughTolerance: Double = 1e-5
  private static let roughGain: Double = 1e-7

  typealias Objective = (_ parameters: [Double], _ gradient: inout [Double]) -> Double

  /// - Parameter rough: the objective with a rounding error, where that is faster: the way is walked by it until it has
  ///   nothing left to tell; `objective` decides what comes then, and whether the end is reached.
  func minimize(
    from start: [Double], rough: Objective? = nil, _ exact: @escaping Objective
  ) throws -> SolverResult {
    var objective: Objective = rough ?? exact
    var isRough: Bool = rough != nil
    var x: [Double] = start
    var gradient: [Double] = Array(repeating: 0, count: x.count)
    var value: Double = objective(x, &gradient) + absolutePart(x)
    func goOnExactly() {
      isRough = false
      objective = exact
      value = exact(x, &gradient) + absolutePart(x)
    }
    var steps: [[Double]] = []
    var changes: [[Double]] = []
    var iteration: Int = 0
    while true {
      let slope: [Double] = l1.isEmpty ? gradient : pseudoGradient(x, gradient)
      let peak: Double = slope.reduce(0) { max($0, abs($1)) }
      if isRough,
        peak <= max(tolerance, LBFGS.roughTolerance) || !value.isFinite || iteration >= maximumIterations
      {
        goOnExactly()
        continue
      }
      if peak <= tolerance || !value.isFinite || iteration >= maximumIterations {
        return SolverResult(
          parameters: x, value: value, gradientPeak: peak, iterations: iteration, converged: peak <= tolerance)
      }
      var direction: [Double] = descent(slope, steps, changes)
      if !l1.isEmpty { for i in direction.indices where direction[i] * slope[i] >= 0 { direction[i] = 0 } }
      var descentRate: Double = dot(direction, slope)
      if !(descentRate < 0) {
        direction = slope.map { -$0 }
        descentRate = -dot(slope, slope)
        steps = []
        changes = []
      }
      let first: Double = steps.isEmpty ? min(1, 1 / dot(slope, slope).squareRoot()) : 1
      let point = Point(x: x, gradient: gradient, value: value)
      let found: Point? =
        l1.isEmpty
        ? wolfe(from: point, direction, descentRate, first, objective)
        : orthantSearch(from: point, direction, slope, first, objective)
      guard let next = found else {
        if isRough {
          goOnExactly()
          continue
        }
        if !steps.isEmpty {  // remembered curvature misled: once more along the gradient
          steps = []
          changes = []
          continue
        }
        return SolverResult(
          parameters: x, value: value, gradientPeak: peak, iterations: iteration, converged: peak <= tolerance * 10)
      }
      let step: [Double] = zip(next.x, x).map { $0 - $1 }
      let change: [Double] = zip(next.gradient, gradient).map { $0 - $1 }
      if dot(step, change) > 1e-10 * dot(change, change).squareRoot() * dot(step, step).squareRoot() {
        steps.append(step)
        changes.append(change)
        if steps.count > memory {
          steps.removeFirst()
          changes.removeFirst()
        }
      }
      let gain: Double = value - next.value
      x = next.x
      gradient = next.gradient
      value = next.value
      iteration += 1
      try progress(iteration, maximumIterations)
      if isRough {
        if gain <= LBFGS.roughGain * max(abs(value), 1e-3) { goOnExactly() }
        continue
      }
      if gain <= 64 * Double.ulpOfOne * max(abs(value), abs(value + gain), 1) {
        let slope: [Double] = l1.isEmpty ? gradient : pseudoGradient(x, gradient)
        return SolverResult(
          parameters: x, value: value, gradientPeak: slope.reduce(0) { max($0, abs($1)) }, iterations: iteration,
          converged: true)
      }
    }
  }

  // MARK: Directions

  /// `-H⁻¹ slope` by the two-loop recursion.
  private func descent(_ slope: [Double], _ steps: [[Double]], _ changes: [[Double]]) -> [Double] {
    var q: [Double] = slope
    var alphas: [Double] = Array(repeating: 0, count: steps.count)
    for i in steps.indices.reversed() {
      alphas[i] = dot(steps[i], q) / dot(steps[i], changes[i])
      add(-alphas[i], changes[i], to: &q)
    }
    if let step = steps.last, let change = changes.last {
      let scale: Double = dot(step, change) / dot(change, change)
      for i in q.indices { q[i] *= scale }
    }
    for i in steps.indices {
      let beta: Double = dot(changes[i], q) / dot(steps[i], changes[i])
      add(alphas[i] - beta, steps[i], to: &q)
    }
    return q.map { -$0 }
  }

  private func absolutePart(_ x: [Double]) -> Double {
    l1.isEmpty ? 0 : zip(l1, x).reduce(0) { $0 + $1.0 * abs($1.1) }
  }

  /// The subgradient of least length: zero where the L1 part holds a parameter at zero.
  private func pseudoGradient(_ x: [Double], _ gradient: [Double]) -> [Double] {
    var result: [Double] = gradient
    for i in x.indices where l1[i] > 0 {
      if x[i] > 0 {
        result[i] += l1[i]
      } else if x[i] < 0 {
        result[i] -= l1[i]
      } else if gradient[i] + l1[i] < 0 {
        result[i] += l1[i]
      } else if gradient[i] - l1[i] > 0 {
        result[i] -= l1[i]
      } else {
        result[i] = 0
      }
    }
    return result
  }

  // MARK: Line searches

  private struct Point {
    var x: [Double]
    var gradient: [Double]
    var value: Double
  }

  /// Backtracking inside the orthant of the current point.
  private func orthantSearch(
    from start: Point, _ direction: [Double], _ slope: [Double], _ first: Double, _ objective: Objective
  ) -> Point? {
    var length: Double = first
    var gradient: [Double] = start.gradient
    for _ in 0..<50 {
      var x: [Double] = start.x
      var rate: Double = 0
      for i in x.indices {
        let sign: Double = start.x[i] != 0 ? start.x[i] : -slope[i]
        x[i] += length * direction[i]
        if l1[i] > 0, x[i] * sign < 0 { x[i] = 0 }
        rate += slope[i] * (x[i] - start.x[i])
      }
      let value: Double = objective(x, &gradient) + absolutePart(x)
      if value <= start.value + 1e-4 * rate, rate < 0 { return Point(x: x, gradient: gradient, value: value) }
      length *= 0.5
    }
    return nil
  }

  /// A step that satisfies the strong Wolfe conditions (0.001 and 0.9).
  private func wolfe(
    from start: Point, _ direction: [Double], _ rate: Double, _ first: Double, _ objective: Objective
  ) -> Point? {
    func evaluate(_ length: Double) -> (point: Point, rate: Double) {
      var x: [Double] = start.x
      add(length, direction, to: &x)
      var gradient: [Double] = start.gradient
      let value: Double = objective(x, &gradient)
      return (Point(x: x, gradient: gradient, value: value), dot(gradient, direction))
    }
    func isLowEnough(_ point: Point, _ length: Double) -> Bool { point.value <= start.value + 1e-3 * length * rate }
    var low: (length: Double, value: Double, rate: Double) = (0, start.value, rate)
    var high: (length: Double, value: Double, rate: Double)?
    var best: Point?
    var length: Double = first
    for _ in 0..<30 {
      let (point, slope) = evaluate(length)
      if !point.value.isFinite || !isLowEnough(point, length)
        || (high == nil && low.length > 0 && point.value >= low.value)
        || (high != nil && point.value >= low.value)
      {
        high = (length, point.value, slope)
      } else {
        best = point
        if abs(slope) <= -0.9 * rate { return point }
        if let top = high {
          if slope * (top.length - low.length) >= 0 { high = low }
        } else if slope >= 0 {
          high = low
        }
        low = (length, point.value, slope)
      }
      if let top = high {
        if abs(top.length - low.length) <= 1e-14 * max(1, low.length) { break }
        length = LBFGS.interpolate(low, top)
      } else {
        length = min(length * 4, 1e10)
      }
    }
    return best
  }

  /// The minimum of the cubic through two points with their slopes, kept well inside the interval.
  private static func interpolate(
    _ a: (length: Double, value: Double, rate: Double), _ b: (length: Double, value: Double, rate: Double)
  ) -> Double {
    let width: Double = b.length - a.length
    let middle: Double = a.length + 0.5 * width
    guard b.value.isFinite, b.rate.isFinite else { return a.length + 0.1 * width }
    let d1: Double = a.rate + b.rate - 3 * (a.value - b.value) / (a.length - b.length)
    let square: Double = d1 * d1 - a.rate * b.rate
    guard square >= 0 else { return middle }
    let d2: Double = square.squareRoot() * (width > 0 ? 1 : -1)
    let denominator: Double = b.rate - a.rate + 2 * d2
    guard denominator != 0 else { return middle }
    let length: Double = b.length - width * (b.rate + d2 - d1) / denominator
    let share: Double = (length - a.length) / width
    return share.isFinite ? a.length + min(max(share, 0.05), 0.95) * width : middle
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum: Double = 0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}

func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
  for i in a.indices { b[i] += factor * a[i] }
}
