import TestSupport
import Testing
import Training

@Suite("Metrics") struct MetricsTests {
  @Test("names are unique and each says what it is") func names() {
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
    #expect(Metric.all.allSatisfy { !$0.summary.isEmpty })
  }

  @Test("an unknown name lists the ones there are") func unknown() {
    #expect(throws: TrainingError.self) { try Metric.named("acuracy") }
  }

  @Test("Wilson's interval, against SciPy") func wilson() {
    let half = WilsonInterval(successes: 29, trials: 40)
    expectClose([half.lower, half.upper], [0.5716504, 0.8389198], absolute: 1e-6)
    let none = WilsonInterval(successes: 0, trials: 10)
    expectClose([none.lower, none.upper], [0, 0.2775328], absolute: 1e-6)
    #expect(WilsonInterval(successes: 10, trials: 10).upper == 1)
    #expect(WilsonInterval(successes: 0, trials: 0) == WilsonInterval(successes: 5, trials: -1))
  }

  @Test("McNemar is a two-sided binomial test") func mcNemar() {
    expectClose(McNemar(onlyFirst: 1, onlySecond: 9).pValue, 22.0 / 1024.0, absolute: 1e-14)
    expectClose(McNemar(onlyFirst: 9, onlySecond: 1).pValue, 22.0 / 1024.0, absolute: 1e-14)
    #expect(McNemar(onlyFirst: 0, onlySecond: 0).pValue == 1)
    #expect(McNemar(onlyFirst: 500, onlySecond: 700).pValue < 1e-7)
    #expect(throws: TrainingError.self) { try McNemar(first: [true], second: []) }
  }

  @Test("figures of many classes take no time for their pairs") func manyClasses() throws {
    let matrix = try ConfusionMatrix(truth: [0, 99_999, 7], predicted: [0, 1, 7], classCount: 100_000)
    #expect(matrix.correct == 2 && matrix.total == 3 && matrix.seenClasses == [0, 1, 7, 99_999])
    #expect(matrix.balancedAccuracy == 2.0 / 3)
    #expect(matrix.averaged(.macro).recall == 0.5)
  }

  @Test("what cannot be computed is said") func errors() {
    #expect(throws: TrainingError.self) { try ConfusionMatrix(truth: [0, 1], predicted: [0], classCount: 2) }
    #expect(throws: TrainingError.self) { try ConfusionMatrix(truth: [], predicted: [], classCount: 2) }
    #expect(throws: TrainingError.self) { try ConfusionMatrix(truth: [5], predicted: [0], classCount: 2) }
    #expect(throws: TrainingError.self) { try rocAUC(truth: [true, true], scores: [0.5, 0.1]) }
    #expect(throws: TrainingError.self) { try rocAUC(truth: [true, false], scores: [.nan, 0.1]) }
    #expect(throws: TrainingError.self) { try RegressionMetrics.rSquared(truth: [1, 1], predicted: [1, 2]) }
    #expect(throws: TrainingError.self) {
      try Metric.named("accuracy").compute(.numbers(truth: [1], predicted: [1]))
    }
  }
}
