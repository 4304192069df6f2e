import Testing

/// Expects two lists of numbers to agree elementwise and reports the worst place with both values.
///
/// - Parameters:
///   - absolute: allowed difference.
///   - relative: allowed share of the expected value, added to `absolute`.
///   - ofPeak: allowed share of the largest expected magnitude, added to both.
///   - what: named in the failure.
package func expectClose<Number: BinaryFloatingPoint>(
  _ actual: [Number], _ expected: [Number], absolute: Double = 0, relative: Double = 0, ofPeak: Double = 0,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) numbers, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  var peak: Double = 0
  for value in expected where value.isFinite { peak = max(peak, abs(Double(value))) }
  var worst: (excess: Double, index: Int) = (-1, 0)
  var failures: Int = 0
  for index in actual.indices {
    let got: Double = Double(actual[index])
    let wanted: Double = Double(expected[index])
    if got == wanted || (got.isNaN && wanted.isNaN) { continue }
    let difference: Double = abs(got - wanted)
    let allowed: Double = absolute + relative * abs(wanted) + ofPeak * peak
    // A share of infinity would allow anything.
    if wanted.isFinite, difference <= allowed { continue }
    failures += 1
    let excess: Double = difference.isNaN ? .infinity : difference - allowed
    if excess > worst.excess { worst = (excess, index) }
  }
  guard failures > 0 else { return }
  let got: Number = actual[worst.index]
  let wanted: Number = expected[worst.index]
  Issue.record(
    "\(what): \(failures) of \(actual.count) differ, worst at \(worst.index): \(got), expected \(wanted), difference \(abs(Double(got) - Double(wanted))), peak \(peak)",
    sourceLocation: sourceLocation)
}

/// Expects two numbers to agree.
package func expectClose(
  _ actual: Double, _ expected: Double, absolute: Double = 0, relative: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose([actual], [expected], absolute: absolute, relative: relative, what, sourceLocation: sourceLocation)
}
