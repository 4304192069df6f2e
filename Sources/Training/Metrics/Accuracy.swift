extension ConfusionMatrix {
  /// The share of rows that were taken for what they are.
  package var accuracy: Double { Double(correct) / Double(total) }

  /// The mean recall of the classes that occur (Brodersen et al. 2010).
  package var balancedAccuracy: Double {
    let totals: [Int] = truthTotals
    let recalls: [Double] = (0..<classCount).filter { totals[$0] > 0 }
      .map { Double(counts[$0][$0]) / Double(totals[$0]) }
    return recalls.reduce(0, +) / Double(recalls.count)
  }
}

extension Metric {
  static let accuracyFamily: [Metric] = [
    .ofClasses("accuracy", "Share of rows predicted right.") { $0.accuracy },
    .ofClasses("balanced_accuracy", "Mean recall of the classes: each counts the same.") { $0.balancedAccuracy },
  ]
}
