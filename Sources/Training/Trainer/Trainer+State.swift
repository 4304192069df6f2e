import NeuralNetworks
import TensorCore

extension Trainer {
  /// Everything that steps change, but the model's own parameters; copy-on-write makes it cheap.
  package struct State {
    fileprivate let step: Int
    fileprivate let learningRate: Double
    fileprivate let seconds: Double
    fileprivate let history: TrainingHistory
    fileprivate let pending: (sum: Double, count: Int)
    fileprivate let best: (loss: Double, step: Int, values: [(Parameter, Tensor)])?
    fileprivate let evaluationsSinceBest: Int
    fileprivate let states: [String: Optimizer.State]

    /// Bytes of the optimizer's tensors, which training replaces.
    package var byteCount: Int { states.values.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.count * 4 } } }
  }

  package func state() -> State {
    State(
      step: step, learningRate: learningRate, seconds: seconds, history: history, pending: pending, best: best,
      evaluationsSinceBest: evaluationsSinceBest, states: optimizer.states)
  }

  package func restore(_ state: State) {
    step = state.step
    learningRate = state.learningRate
    seconds = state.seconds
    history = state.history
    pending = state.pending
    best = state.best
    evaluationsSinceBest = state.evaluationsSinceBest
    optimizer.states = state.states
    epochBatches = nil
  }
}
