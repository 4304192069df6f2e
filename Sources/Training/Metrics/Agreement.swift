extension ConfusionMatrix {
  /// Matthews' correlation for any number of classes (Gorodkin 2004); 0 where it is undefined, as scikit-learn has it.
  package var matthewsCorrelation: Double {
    let truth: [Double] = truthTotals.map(Double.init)
    let predicted: [Double] = predictedTotals.map(Double.init)
    let total: Double = Double(self.total)
    let products: Double = zip(truth, predicted).reduce(0) { $0 + $1.0 * $1.1 }
    let covariance: Double = Double(correct) * total - products
    let truthVariance: Double = total * total - truth.reduce(0) { $0 + $1 * $1 }
    let predictedVariance: Double = total * total - predicted.reduce(0) { $0 + $1 * $1 }
    guard truthVariance > 0, predictedVariance > 0 else { return 0 }
    return covariance / (truthVariance * predictedVariance).squareRoot()
  }

  /// Cohen's kappa: agreement beyond chance (Cohen 1960). Nil if chance alone would always agree.
  package var cohenKappa: Double? {
    let total: Double = Double(self.total)
    let chance: Double =
      zip(truthTotals, predictedTotals).reduce(0) { $0 + Double($1.0) * Double($1.1) } / total
    guard total > chance else { return nil }
    return (Double(correct) - chance) / (total - chance)
  }
}

extension Metric {
  static let agreementFamily: [Metric] = [
    .ofClasses("mcc", "Matthews' correlation between labels and predictions, from -1 to 1.") {
      $0.matthewsCorrelation
    },
    .ofClasses("kappa", "Cohen's kappa: agreement beyond chance.") { matrix in
      guard let kappa: Double = matrix.cohenKappa else {
        throw TrainingError.undefined(operation: "kappa", reason: "labels and predictions are all of one class")
      }
      return kappa
    },
  ]
}
