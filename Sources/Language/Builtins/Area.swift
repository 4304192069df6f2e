/// A group of words, as `help words` and completion show them.
package struct Area: Sendable, Hashable {
  package let name: String
  /// Place among the areas.
  package let order: Int

  private init(_ order: Int, _ name: String) {
    self.name = name
    self.order = order
  }

  package static let storing = Area(0, "opening and storing")
  package static let models = Area(1, "models")
  package static let heads = Area(2, "heads")
  package static let tokens = Area(3, "tokens")
  package static let data = Area(4, "data")
  package static let features = Area(5, "features")
  package static let logisticRegression = Area(6, "logistic regression")
  package static let training = Area(7, "training")
  package static let using = Area(8, "using")
  package static let methods = Area(9, "methods")
  package static let generation = Area(10, "generation")
  package static let prompts = Area(11, "prompts")
  package static let index = Area(12, "index")
  package static let tensors = Area(13, "tensors")
  package static let plain = Area(14, "text, lists, numbers")
  package static let looking = Area(15, "looking")
  package static let session = Area(16, "session")

  package static let all: [Area] = [
    storing, models, heads, tokens, data, features, logisticRegression, training, using, methods, generation, prompts,
    index, tensors, plain, looking, session,
  ]
}
