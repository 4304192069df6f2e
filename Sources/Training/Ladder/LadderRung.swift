import NeuralNetworks
import Transformers

/// One way to fit a model to a task, from cheap to dear: what trains, and at which learning rate to begin.
package struct LadderRung: Sendable {
  package let name: String
  /// The learning rate around which it is tried; nil where nothing is trained by steps.
  package let rate: Double?
  /// Another model, of the one given with a new head, in which what trains is set.
  let prepare: @Sendable (_ model: PretrainedModel, _ seed: UInt64) throws -> PretrainedModel

  /// Every rung, in order.
  package static let all: [LadderRung] = [
    LadderRung(name: "features", rate: nil) { model, _ in model },
    LadderRung(name: "head", rate: 1e-3) { model, _ in try trains(model) { try $0.unfreeze(["head"]) } },
    LadderRung(name: "bitfit", rate: 1e-3) { model, _ in try trains(model) { try $0.unfreeze(["biases", "head"]) } },
    LadderRung(name: "ia3", rate: Method.ia3.learningRate) { model, seed in
      try model.adding(IA3Settings(), name: "ia3", seed: seed)
    },
    LadderRung(name: "prompt", rate: Method.softPrompt.learningRate) { model, seed in
      try model.adding(SoftPromptSettings(), name: "prompt", seed: seed)
    },
    LadderRung(name: "prefix", rate: Method.prefix.learningRate) { model, seed in
      try model.adding(PrefixSettings(), name: "prefix", seed: seed)
    },
    LadderRung(name: "lora", rate: Method.lora.learningRate) { model, seed in
      try model.adding(LoRASettings(), name: "lora", seed: seed)
    },
    LadderRung(name: "adapter", rate: Method.adapter.learningRate) { model, seed in
      try model.adding(AdapterSettings(), name: "adapter", seed: seed)
    },
    LadderRung(name: "last_blocks", rate: 2e-4) { model, _ in
      try trains(model) { try $0.unfreeze(lastBlocks: min(2, $0.blockCount)) }
    },
    LadderRung(name: "all", rate: 5e-5) { model, _ in try trains(model) { try $0.unfreeze() } },
  ]

  private static func trains(
    _ model: PretrainedModel, _ unfreeze: (PretrainedModel) throws -> Void
  ) throws -> PretrainedModel {
    let copy: PretrainedModel = try model.copy()
    try copy.freeze()
    try unfreeze(copy)
    return copy
  }

  /// Learning rates to try: a third of the usual, the usual, and three times it.
  package var usualRates: [Double] { rate.map { [$0 / 3, $0, $0 * 3].map(LadderRung.rounded) } ?? [] }

  private static func rounded(_ rate: Double) -> Double {
    var unit: Double = 1
    while rate < unit { unit /= 10 }
    return (rate / unit).rounded() * unit
  }
}
