import NeuralNetworks
import TensorCore

/// Trained rows of virtual tokens and, where wanted, the network they go through: peft's `prompt_encoder`.
final class PromptEncoder: Module {
  let tree: ModuleTree
  /// `[length, size]`, or `[length, width]` before the network.
  let embedding: Parameter
  private let network: (w0: Parameter, b0: Parameter, w2: Parameter, b2: Parameter)?
  /// What was computed last: all blocks of one pass share it.
  private var last: (version: Int, rows: Tensor)?
  private weak var lastPass: ForwardContext?

  var kind: String { network == nil ? "PromptEmbedding" : "PrefixEncoder" }
  var length: Int { embedding.shape[0] }
  var parameters: [Parameter] { ownParameters.map(\.parameter) }

  /// - Parameters:
  ///   - size: of the rows given.
  ///   - network: input and inner size of the network, if there is one.
  init(
    _ site: MethodSite, length: Int, size: Int, network sizes: (input: Int, inner: Int)?,
    start: (_ name: String, _ shape: [Int]) throws -> Tensor
  ) throws {
    let root: String = "prompt_encoder.\(site.name)"
    tree = ModuleTree(root)
    let shape: [Int] = [length, sizes?.input ?? size]
    embedding = try site.parameter(root + ".embedding.weight", shape) { try start(root + ".embedding.weight", shape) }
    if let sizes {
      let (first, second) = (root + ".transform.0", root + ".transform.2")
      let bound0: Double = 1 / Double(max(1, sizes.input)).squareRoot()
      let bound2: Double = 1 / Double(max(1, sizes.inner)).squareRoot()
      network = (
        try site.parameter(first + ".weight", [sizes.inner, sizes.input], .uniform(bound: bound0)),
        try site.parameter(first + ".bias", [sizes.inner], .uniform(bound: bound0)),
        try site.parameter(second + ".weight", [size, sizes.inner], .uniform(bound: bound2)),
        try site.parameter(second + ".bias", [size], .uniform(bound: bound2))
      )
    } else {
      network = nil
    }
    hold("embedding.weight", embedding)
    if let network {
      hold("transform.0.weight", network.w0)
      hold("transform.0.bias", network.b0)
      hold("transform.2.weight", network.w2)
      hold("transform.2.bias", network.b2)
    }
  }

  /// `[length, size]`; computed once a pass.
  func rows(_ context: ForwardContext) throws -> Tensor {
    guard let network else { return embedding.read(context) }
    let version: Int = parameters.reduce(0) { $0 &+ $1.version }
    if let last, lastPass === context, last.version == version { return last.rows }
    let inner: Tensor = try embedding.read(context).linear(
      weight: network.w0.read(context), bias: network.b0.read(context)
    ).map(.tanh)
    let rows: Tensor = try inner.linear(weight: network.w2.read(context), bias: network.b2.read(context))
    last = (version, rows)
    lastPass = context
    return rows
  }
}
