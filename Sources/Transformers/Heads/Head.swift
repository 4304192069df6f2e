import NeuralNetworks
import TensorCore

/// What turns a backbone's rows into logits for a task.
package final class Head {
  /// Which rows of each sequence it reads.
  package enum Reads: Sendable {
    case all
    case first
    /// The last row, whatever token it holds.
    case last
    /// The last row that holds no padding token.
    case lastToken
  }

  package let kind: HeadKind
  /// Its parts in order, each held by the model's root (or, a pooler, by the backbone).
  package let modules: [any Module]
  package let reads: Reads
  private let body: (_ rows: Tensor, _ pass: ForwardContext) throws -> Tensor

  init(
    _ kind: HeadKind, modules: [any Module], reads: Reads = .all,
    body: @escaping (Tensor, ForwardContext) throws -> Tensor
  ) {
    self.kind = kind
    self.modules = modules
    self.reads = reads
    self.body = body
  }

  /// The rows of a stream that the head reads; nil for all.
  package func selection(_ layout: RowLayout) -> RowSelection? {
    switch reads {
    case .all: nil
    case .first: .first(layout)
    case .last: .last(layout)
    case .lastToken: RowSelection(rows: layout.lastTokens)
    }
  }

  /// Rows that the head reads → logits, a row each.
  package func callAsFunction(_ rows: Tensor, _ pass: ForwardContext) throws -> Tensor { try body(rows, pass) }
}

/// BERT's pooler: a projection and tanh of the first row.
package final class Pooler: Module {
  package let tree: ModuleTree
  package let dense: Linear

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration) throws {
    let size = configuration.hiddenSize
    dense = try Linear(
      scope.at("dense"), input: size, output: size,
      initializer: .normal(standardDeviation: configuration.initializerRange))
    tree = ModuleTree(scope.path)
    hold("dense", dense)
  }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    try dense(rows, context).map(.tanh)
  }
}
