import TensorCore

/// How a forward pass is run: recorded for gradients or not, with which dropout, and what it reports on the way.
///
/// Dropout goes by block: while training, a block (the embeddings, each transformer block, the head) applies its
/// dropout exactly if it holds a trainable parameter, so what stands before the first of them is constant.
package final class ForwardContext {
  /// Whether trainable parameters enter a graph from which gradients can be taken.
  package var isRecording: Bool
  /// Set while training; nil in evaluation.
  package var dropout: DropoutSource?
  /// What the inputs of products are rounded to; nil: what the model says.
  package var precision: Precision?
  /// Whether the block being run applies its dropout; see ``enter(_:)``.
  package private(set) var appliesDropout = false
  /// The rows that the modules work on now, for dropout's keys; the model sets it as rows come and go.
  package var places: RowPlaces?
  package var keepsHiddenStates = false
  package var keepsAttentions = false
  /// Embeddings' output, then each block's, if kept.
  package var hiddenStates: [Tensor] = []
  /// For each block, for each sequence, `[H, rows, keys]`, if kept.
  package var attentions: [[Tensor]] = []
  /// Keys and values of what was read before, while generating.
  package var cache: (any KeyValueCache)?
  /// Called between blocks; throwing from it ends the pass.
  package var checkInterruption: (() throws -> Void)?

  package init(isRecording: Bool = false, dropout: DropoutSource? = nil, precision: Precision? = nil) {
    self.isRecording = isRecording
    self.dropout = dropout
    self.precision = precision
  }

  /// A pass that only computes.
  package static var evaluation: ForwardContext { ForwardContext() }

  /// Begins a block: decides whether its dropout applies.
  package func enter(_ block: Module) throws { try enter([block]) }

  /// Begins a block made of several modules, such as a head.
  package func enter(_ modules: [Module]) throws {
    try checkInterruption?()
    guard let dropout else {
      appliesDropout = false
      return
    }
    appliesDropout = dropout.isEverywhere || modules.contains(where: \.holdsTrainable)
  }

  /// What a module's dropout is drawn from here; nil where none applies.
  ///
  /// - Parameters:
  ///   - rate: the configuration's; nil at a place where the family has no dropout, which then never has any.
  ///   - isOwn: whether the rate is the module's own (a method's), which what a fit asks for doesn't replace.
  package func dropout(rate: Double?, module: String, isOwn: Bool = false) -> Dropout? {
    guard let rate, appliesDropout, let dropout, let places else { return nil }
    let effective = isOwn ? rate : dropout.rate ?? rate
    guard effective > 0 else { return nil }
    let random = Philox(seed: dropout.seed, purpose: "dropout/" + module)
    return Dropout(rate: Float(effective), random: random, places: places)
  }

  /// `rows` `[T, C]` with a share of its elements zeroed and the rest scaled up, if the block applies dropout.
  package func dropped(_ rows: Tensor, rate: Double?, module: String) throws -> Tensor {
    guard let dropout = dropout(rate: rate, module: module) else { return rows }
    return try rows.dropout(dropout)
  }
}

/// What dropout's random numbers are keyed by, beside the module's name and the place of a row.
package struct DropoutSource {
  package var seed: UInt64
  package var step: Int
  /// Replaces the configuration's rates where given.
  package var rate: Double?
  /// Hugging Face's behaviour: dropout in frozen blocks too.
  package var isEverywhere: Bool

  package init(seed: UInt64, step: Int, rate: Double? = nil, isEverywhere: Bool = false) {
    self.seed = seed
    self.step = step
    self.rate = rate
    self.isEverywhere = isEverywhere
  }
}
