import Shell
import Testing

@Suite struct OutputComparisonTests {
  @Test(arguments: [
    ("accuracy 0.863", "accuracy 0.8631", 0.001, true),
    ("accuracy 0.863", "accuracy 0.865", 0.001, false),
    ("accuracy 0.863 ±0.03", "accuracy 0.890", 0, true),
    ("accuracy 0.863 ±0.03", "accuracy 0.900", 0, false),
    ("loss 2.5e-05 ±1e-5", "loss 3.4e-05", 0, true),
    ("loss 2.5e-05 ±1e-5", "loss 3.6e-05", 0, false),
    ("norm 0.5 ±1.5E+1", "norm 15.5", 0, true),
    ("range ±2 0.5", "range ±3 0.5", 1, false),
    ("loss 1e-3", "loss 1.0e-3", 0, false),
    ("loss 1e-3", "loss 1.0e-3", 0.001, true),
    ("40 of 280", "41 of 280", 0.5, false),
    ("22,713,986 parameters", "22,713,987 parameters", 1, false),
    ("(0.65 %)", "(0.66 %)", 0.1, true),
    ("a   b", "a b", 0, true),
    ("a b", "a c", 1, false),
    ("-0.5", "0.5", 0.1, false),
    ("2", "2.0", 1, false),
    ("0.0", "-0.0", 0.001, true),
    ("x1.5", "x1.6", 0.2, false),
    ("±0.5", "±0.5", 0, true),
    ("v1.0.3 0.25", "v1.0.3 0.2501", 0.001, true),
  ])
  func linesAgree(_ expected: String, _ actual: String, _ tolerance: Double, _ agree: Bool) {
    let comparison = OutputComparison(tolerance: tolerance)
    #expect(comparison.agree(expected: expected, actual: actual) == agree)
  }

  @Test func missingAndAdditionalLinesDiffer() {
    let comparison = OutputComparison()
    #expect(comparison.differences(expected: ["a"], actual: []) == [.init(expected: "a", actual: nil)])
    #expect(comparison.differences(expected: [], actual: ["b"]) == [.init(expected: nil, actual: "b")])
    #expect(comparison.differences(expected: ["a", "b"], actual: ["a", "b"]).isEmpty)
  }
}
