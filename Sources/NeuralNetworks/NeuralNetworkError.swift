/// What can go wrong between a module and what it is given.
package enum NeuralNetworkError: Error, CustomStringConvertible, Equatable {
  /// A parameter's tensor in the checkpoint has another shape than the configuration asks for.
  case parameterShape(name: String, expected: [Int], got: [Int])
  /// A module that is not a function of rows alone was called on rows.
  case notCallable(module: String, kind: String)
  case loss(operation: String, expected: String, got: String)

  package var description: String {
    switch self {
    case .parameterShape(let name, let expected, let got):
      "\(name): the configuration asks for shape \(expected), the checkpoint has \(got)"
    case .notCallable(let module, let kind):
      "\(module) (\(kind)) needs more than rows; call the model, or one of its blocks, projections or norms"
    case .loss(let operation, let expected, let got):
      "\(operation): expected \(expected), got \(got)"
    }
  }
}
