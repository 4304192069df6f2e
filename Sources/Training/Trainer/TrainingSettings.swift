import TensorCore

/// How a model is finetuned.
package struct TrainingSettings: Sendable, Equatable {
  /// When the model is measured on the validation rows.
  package enum Evaluation: Sendable, Equatable {
    case epoch
    case steps(Int)
  }

  /// Which weights stand at the end.
  package enum Keep: String, Sendable {
    case last
    /// Those with the lowest validation loss.
    case best
  }

  package var epochs: Int = 3
  /// Stops after so many steps; the schedule ends there too.
  package var steps: Int?
  /// Examples a batch.
  package var batchSize: Int = 16
  /// Per step, at its highest.
  package var learningRate: Double = 5e-5
  package var optimizer: OptimizerKind = .adamW()
  package var weightDecay: Double = 0.01
  /// Whether biases and norms shrink too; by default they don't.
  package var decaysEverything: Bool = false
  package var schedule: Schedule = .linear
  /// Steps over which the learning rate rises; below 1 a share of all.
  package var warmup: Double = 0.1
  /// The largest norm of all gradients together; nil for no clipping.
  package var clip: Double? = 1
  /// Replaces the configuration's dropout.
  package var dropout: Double?
  /// Dropout in frozen blocks too, as Hugging Face's trainer does.
  package var frozenDropout: Bool = false
  package var labelSmoothing: Float = 0
  package var classWeights: [Float]?
  /// The learning rate of each block is that of the one above times this.
  package var layerDecay: Double?
  /// Batches a step.
  package var accumulate: Int = 1
  /// Stops after so many evaluations without a lower validation loss.
  package var earlyStopping: Int?
  package var evaluation: Evaluation = .epoch
  package var keep: Keep = .last
  package var seed: UInt64 = 0
  /// Whether each epoch draws its own order.
  package var shuffles: Bool = true
  /// Whether batches are made of texts of similar length.
  package var bucketsByLength: Bool = false
  /// Of the products; weights, sums, norms, softmax and the optimizer are float32. nil: the model's own.
  package var precision: Precision?
  /// Whether what is constant is computed once; see ``PrefixCache``.
  package var cachesPrefix: Bool = true

  package init() {}

  /// - Throws: ``TrainingError/invalidSetting`` for the first setting out of its range.
  package func checked() throws {
    func check(_ holds: Bool, _ setting: String, _ expected: String, _ got: Any) throws {
      if !holds {
        throw TrainingError.invalidSetting(operation: "fit", setting: setting, expected: expected, got: "\(got)")
      }
    }
    try check(epochs >= 1 && epochs <= 1_000_000, "epochs", "from 1 to 1,000,000", epochs)
    try check(steps.map { $0 >= 1 } ?? true, "steps", "at least 1", steps ?? 0)
    try check(batchSize >= 1, "batch", "at least 1", batchSize)
    try check(learningRate >= 0 && learningRate.isFinite, "lr", "0 or more", learningRate)
    try check(weightDecay >= 0 && weightDecay.isFinite, "weight_decay", "0 or more", weightDecay)
    try check(warmup >= 0 && warmup.isFinite, "warmup", "0 or more", warmup)
    try check(clip.map { $0 > 0 && $0.isFinite } ?? true, "clip", "above 0, or none", clip ?? 0)
    try check(dropout.map { $0 >= 0 && $0 < 1 } ?? true, "dropout", "from 0 to below 1", dropout ?? 0)
    try check(labelSmoothing >= 0 && labelSmoothing < 1, "label_smoothing", "from 0 to below 1", labelSmoothing)
    try check(layerDecay.map { $0 > 0 && $0 <= 1 } ?? true, "layer_decay", "above 0 and up to 1", layerDecay ?? 1)
    try check(accumulate >= 1 && accumulate <= 1_000_000, "accumulate", "from 1 to 1,000,000", accumulate)
    try check(earlyStopping.map { $0 >= 1 } ?? true, "early_stopping", "at least 1", earlyStopping ?? 0)
    if case .steps(let steps) = evaluation { try check(steps >= 1, "eval_every", "at least 1", steps) }
    if let weights = classWeights {
      try check(weights.allSatisfy { $0 >= 0 && $0.isFinite }, "class_weight", "numbers from 0 up", weights)
    }
  }
}
