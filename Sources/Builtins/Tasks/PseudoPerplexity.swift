import Foundation
import Language
import Training
import Transformers

extension Builtin {
  static func pseudoPerplexity(_ model: PretrainedModel, _ call: Call) throws -> Double {
    let texts: [String] = try call.texts("texts")
    let scores = try PseudoLikelihood(model)
    var (sum, count) = (0.0, 0)
    for (index, text) in texts.enumerated() {
      let losses: [Double] = try scores.losses(of: text) {
        try call.progress("perplexity", index, texts.count)
      }
      sum += losses.reduce(0, +)
      count += losses.count
    }
    guard count > 0 else { throw call.error("the texts have no words to guess", at: "texts") }
    return exp(sum / Double(count))
  }
}
