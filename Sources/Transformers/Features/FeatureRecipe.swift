import TensorCore

/// How features were made: what must be the same for two sets of them to be compared.
package struct FeatureRecipe: Equatable, Sendable {
  /// The model's name.
  package var model: String
  /// Tells apart models of one name but other weights; see ``PretrainedModel/contentHash()``.
  package var weights: String
  package var pooling: Pooling
  /// Counted as hidden states are: 0 the embeddings' output, n the last block's; -1 the last.
  package var layer: Int
  package var normalize: Bool
  /// Tokens a text was cut to; nil for none.
  package var maxLength: Int?
  /// Of the products.
  package var precision: Precision

  package init(
    model: String, weights: String, pooling: Pooling, layer: Int, normalize: Bool, maxLength: Int?,
    precision: Precision = .float32
  ) {
    self.model = model
    self.weights = weights
    self.pooling = pooling
    self.layer = layer
    self.normalize = normalize
    self.maxLength = maxLength
    self.precision = precision
  }

  /// As displays show it: `all-MiniLM-L6-v2, mean, 256 tokens`.
  package var text: String {
    var parts = [model, pooling.rawValue]
    if layer != -1 { parts.append("layer \(layer)") }
    if normalize { parts.append("normalized") }
    if let maxLength { parts.append("\(maxLength) tokens") }
    if precision != .float32 { parts.append(precision.rawValue) }
    return parts.joined(separator: ", ")
  }
}

/// What ``PretrainedModel/features(_:pairs:_:cache:progress:)`` is asked for.
package struct FeatureOptions: Sendable {
  /// nil: what the model's own pooling file says, else cls for encoders, last for decoders.
  package var pooling: Pooling?
  package var layer = -1
  package var normalize = false
  /// nil: the model's default.
  package var maxLength: Int?
  /// Of the products; nil: the model's.
  package var precision: Precision?
  /// Tokens computed at once: bounds the memory.
  package var tokensPerBatch = 2048

  package init(
    pooling: Pooling? = nil, layer: Int = -1, normalize: Bool = false, maxLength: Int? = nil
  ) {
    self.pooling = pooling
    self.layer = layer
    self.normalize = normalize
    self.maxLength = maxLength
  }
}
