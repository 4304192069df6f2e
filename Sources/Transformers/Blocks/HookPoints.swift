import NeuralNetworks
import TensorCore

/// The places of a model where parameter-efficient methods attach, named once by each family.
package final class HookPoints {
  /// Where a soft prompt's rows go.
  package let embeddings: EmbeddingPoint
  /// Keys and values of each block.
  package internal(set) var attentions: [AttentionPoint] = []
  /// After attention and after feed-forward, block by block.
  package internal(set) var sublayers: [SublayerPoint] = []

  init(embeddings: EmbeddingPoint) { self.embeddings = embeddings }

  /// Rows that prefixes put before every sequence's keys.
  package var prefixLength: Int { attentions.first?.prefixLength ?? 0 }
  /// Rows that soft prompts put before every sequence.
  package var promptLength: Int { embeddings.length }
}

/// The keys and values of one block's attention.
package final class AttentionPoint {
  package let layer: Int
  /// The module of the tree below which a method's parameters hang.
  package let owner: any Module
  package private(set) var methods: [any KeyValueMethod] = []

  init(layer: Int, owner: any Module) {
    self.layer = layer
    self.owner = owner
  }

  package func attach<M: KeyValueMethod>(_ method: M, name: String) {
    methods.append(method)
    owner.hold(name, method)
  }

  package var prefixLength: Int { methods.reduce(0) { $0 + ($1.isActive ? $1.length : 0) } }
}

/// Trained keys and values that stand before those of every sequence (prefix tuning).
package protocol KeyValueMethod: Module {
  var isActive: Bool { get }
  var length: Int { get }
  /// `[length, Hk · D]` each, for the block `layer`.
  func keysAndValues(layer: Int, _ context: ForwardContext) throws -> (keys: Tensor, values: Tensor)
}

/// Where a sub-layer's output joins its residual.
package final class SublayerPoint {
  package enum Place: String { case attention, feedForward }

  package let layer: Int
  package let place: Place
  package let owner: any Module
  /// The norm that follows the sum, where the family has it there.
  package let norm: (any Norm)?
  package private(set) var methods: [any SublayerMethod] = []

  init(layer: Int, place: Place, owner: any Module, norm: (any Norm)?) {
    self.layer = layer
    self.place = place
    self.owner = owner
    self.norm = norm
  }

  package func attach<M: SublayerMethod>(_ method: M, name: String) {
    methods.append(method)
    owner.hold(name, method)
  }

  /// Whether only the residual is added here.
  var isFree: Bool { norm == nil && !methods.contains(where: \.isActive) }

  /// `norm(output + residual)`, or what an attached method makes of it.
  ///
  /// - Parameters:
  ///   - output: what the sub-layer gave.
  ///   - input: what it read.
  func join(_ output: Tensor, input: Tensor, residual: Tensor, _ context: ForwardContext) throws -> Tensor {
    if let method = methods.last(where: \.isActive) {
      return try method.join(output, input: input, residual: residual, at: self, context)
    }
    guard let norm else { return try output + residual }
    return try norm(output, residual: residual, context)
  }
}

/// Something between a sub-layer and its residual: a bottleneck adapter.
package protocol SublayerMethod: Module {
  var isActive: Bool { get }
  func join(
    _ output: Tensor, input: Tensor, residual: Tensor, at point: SublayerPoint, _ context: ForwardContext
  ) throws -> Tensor
}

/// The input embeddings.
package final class EmbeddingPoint {
  package let owner: any Module
  package private(set) var methods: [any SoftPromptMethod] = []

  init(owner: any Module) { self.owner = owner }

  package func attach<M: SoftPromptMethod>(_ method: M, name: String) {
    methods.append(method)
    owner.hold(name, method)
  }

  package var length: Int { methods.reduce(0) { $0 + ($1.isActive ? $1.length : 0) } }
}

/// Trained vectors that stand before the word embeddings of every sequence (prompt tuning).
package protocol SoftPromptMethod: Module {
  var isActive: Bool { get }
  var length: Int { get }
  /// `[length, C]`.
  func rows(_ context: ForwardContext) throws -> Tensor
}
