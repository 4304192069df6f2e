import Language
import TensorCore
import Training
import Transformers

/// Features that can be made again of other texts, in the same way.
package protocol TextFeatures: TensorRecipe {
  /// `[N, D]`, a row for each text (or pair of texts).
  func features(of texts: [String], pairs: [String]?, in call: Call) throws -> Tensor
  /// Whether another recipe gives the same features.
  func isSame(as other: any TensorRecipe) -> Bool
}

extension FeatureRecipeNote: TextFeatures {
  package func features(of texts: [String], pairs: [String]?, in call: Call) throws -> Tensor {
    let options = FeatureOptions(
      pooling: recipe.pooling, layer: recipe.layer, normalize: recipe.normalize, maxLength: recipe.maxLength)
    let made: Features = try model.allFeatures(texts, pairs: pairs, options) { done, total in
      try call.progress("features", done, total)
    }
    guard made.recipe.weights == recipe.weights else {
      throw call.error(
        "the model has changed since the features were made", help: "make them anew: features(model, texts)")
    }
    return made.values
  }

  package func isSame(as other: any TensorRecipe) -> Bool { (other as? FeatureRecipeNote)?.recipe == recipe }
}

extension Call {
  /// Features `[N, D]` as a matrix; one row may be given without its axis.
  func featureMatrix(_ tensor: TensorValue, _ name: String) throws -> FeatureMatrix {
    if case .ragged = tensor.content {
      throw error(
        "\(name): rows of several tokens each", at: name,
        help: "take one row of each text: x[:, 0], or x.mean(axis: 1), or features(model, texts)")
    }
    let floats: Tensor = try tensor.floats()
    switch floats.shape.count {
    case 2: return try FeatureMatrix(floats)
    case 1: return try FeatureMatrix(floats.reshaped([1, floats.count]))
    default:
      throw error("\(name): features have shape [rows, columns], got \(floats.shape)", at: name)
    }
  }
}
