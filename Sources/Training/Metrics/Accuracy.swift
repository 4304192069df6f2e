extension ConfusionMatrix {
  /// The share of rows that were taken for what they are.
  package var accuracy: Double { Double(correct) / Double(total) }

  /// The mean recall of the classes that occur (Brodersen et al. 2010).
  package var balancedAccuracy: Double {
    let recalls: [Double] = zip(hits, truthTotals).filter { $0.1 > 0 }.map { Double($0.0) / Double($0.1) }
    return recalls.reduce(0, +) / Double(recalls.count)
  }
}

extension Metric {
  static let accuracyFamily: [Metric] = [
    .ofClasses("accuracy", "Share of rows predicted right.") { $0.accuracy },
    .ofClasses("balanced_accuracy", "Mean recall of the classes: each counts the same.") { $0.balancedAccuracy },
  ]
}
