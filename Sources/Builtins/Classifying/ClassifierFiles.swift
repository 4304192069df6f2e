import Checkpoints
import Files
import Language
import TensorCore
import Training
import Transformers

/// How the features of a stored classifier were made, without the model that made them.
final class StoredRecipe: TextFeatures {
  let recipe: FeatureRecipe
  init(_ recipe: FeatureRecipe) { self.recipe = recipe }

  var line: String { recipe.text }

  func isSame(as other: any TensorRecipe) -> Bool {
    (other as? FeatureRecipeNote)?.recipe == recipe || (other as? StoredRecipe)?.recipe == recipe
  }

  func features(of texts: [String], pairs: [String]?, in call: Call) throws -> Tensor {
    throw call.error(
      "this classifier was loaded without the model that reads texts for it",
      help: "give features: features(load(\"\(recipe.model)\"), texts, pooling: \"\(recipe.pooling.rawValue)\")")
  }
}

extension ClassifierValue {
  private static let mark: String = "logistic regression"

  /// Writes coefficients (as floats for others, and bit by bit for ourselves), labels, settings and recipe.
  func write(_ path: String, access: FileAccess) throws {
    let outputs: Int = regression.coefficients.count
    let flat: [Double] = regression.coefficients.flatMap { $0 }
    func bits(_ values: [Double]) -> [Int] { values.map { Int(bitPattern: UInt($0.bitPattern)) } }
    let tensors: [(name: String, value: StorableTensor)] = [
      ("coef", .floats(try Tensor(flat.map { Float($0) }, shape: [outputs, regression.columnCount]))),
      ("intercept", .floats(try Tensor(regression.intercepts.map { Float($0) }))),
      ("coef.bits", .indices(try IndexTensor(bits(flat), shape: [outputs, regression.columnCount]))),
      ("intercept.bits", .indices(IndexTensor(bits(regression.intercepts)))),
      ("counts", .indices(IndexTensor(counts + [trainCorrect, regression.convergence.iterations]))),
    ]
    var details: [(String, JSON)] = [
      ("labels", .array(labelSet.names.map { .string($0) })), ("integers", .bool(labelSet.integers != nil)),
      ("C", .real(regression.settings.c.isInfinite ? 0 : regression.settings.c)),
      ("penalty", .string(regression.settings.penalty.rawValue)),
      ("converged", .bool(regression.convergence.converged)),
    ]
    if let recipe = (recipe as? FeatureRecipeNote)?.recipe ?? (recipe as? StoredRecipe)?.recipe {
      details.append(
        (
          "recipe",
          .object([
            ("model", .string(recipe.model)), ("weights", .string(recipe.weights)),
            ("pooling", .string(recipe.pooling.rawValue)),
            ("layer", .integer(recipe.layer)), ("normalize", .bool(recipe.normalize)),
            ("max_length", recipe.maxLength.map { .integer($0) } ?? .null),
          ])
        ))
    }
    try SafetensorsFile.write(
      tensors, metadata: [("luthier", ClassifierValue.mark), ("classifier", JSON.object(details).text())], to: path,
      access: access)
  }

  /// Whether a file holds a classifier.
  static func isIn(_ file: MappedFile) -> Bool {
    guard SafetensorsFile.looksLikeOne(file), let content = try? SafetensorsFile(file) else { return false }
    return content.metadata["luthier"] == mark
  }

  static func read(_ file: MappedFile) throws -> ClassifierValue {
    let content = try SafetensorsFile(file)
    func fail(_ reason: String) -> LanguageError { .message("\(file.path) is no classifier: \(reason)") }
    func numbers(_ name: String) throws -> [Int] {
      guard let stored = content.tensors.first(where: { $0.name == name }) else { throw fail("it lacks \(name)") }
      return try stored.indices().elements
    }
    func doubles(_ name: String) throws -> [Double] {
      try numbers(name).map { Double(bitPattern: UInt64(UInt(bitPattern: $0))) }
    }
    let json = try JSON(parsing: Array((content.metadata["classifier"] ?? "").utf8))
    guard let names = json["labels"]?.strings, names.count >= 2 else { throw fail("it lacks labels") }
    let intercepts: [Double] = try doubles("intercept.bits")
    let flat: [Double] = try doubles("coef.bits")
    guard !intercepts.isEmpty, flat.count % intercepts.count == 0 else { throw fail("its coefficients don't fit") }
    let width: Int = flat.count / intercepts.count
    let counts: [Int] = try numbers("counts")
    guard width > 0, counts.count == names.count + 2, counts.allSatisfy({ (0...1 << 40).contains($0) }) else {
      throw fail("its counts don't fit")
    }
    var settings = LogisticSettings()
    settings.penalty = json["penalty"]?.string.flatMap { LogisticSettings.Penalty(rawValue: $0) } ?? .l2
    let c: Double = json["C"]?.double ?? 1
    settings.c = c > 0 ? c : .infinity
    let convergence = LogisticConvergence(
      iterations: counts[names.count + 1], maximumIterations: settings.maximumIterations,
      converged: json["converged"]?.bool ?? true, gradientPeak: 0, tolerance: settings.tolerance, objective: .nan,
      solver: .automatic, hasPenalty: settings.penalty != .none, meanLoss: 1)
    let regression = try LogisticRegression(
      coefficients: stride(from: 0, to: flat.count, by: width).map { Array(flat[$0..<$0 + width]) },
      intercepts: intercepts,
      classCount: names.count, settings: settings, convergence: convergence)
    let integers: [Int] = names.compactMap { Int($0) }
    let isWhole: Bool = json["integers"]?.bool == true && integers.count == names.count
    return ClassifierValue(
      regression, labels: LabelSet(names: names, integers: isWhole ? integers : nil), recipe: recipe(json["recipe"]),
      search: nil, counts: Array(counts.prefix(names.count)), trainCorrect: counts[names.count])
  }

  private static func recipe(_ json: JSON?) -> StoredRecipe? {
    guard let json, let model = json["model"]?.string, let weights = json["weights"]?.string,
      let pooling = json["pooling"]?.string.flatMap({ Pooling(rawValue: $0) }), let layer = json["layer"]?.int,
      let normalize = json["normalize"]?.bool
    else { return nil }
    return StoredRecipe(
      FeatureRecipe(
        model: model, weights: weights, pooling: pooling, layer: layer, normalize: normalize,
        maxLength: json["max_length"]?.int))
  }
}

extension Loader {
  /// A classifier that was saved.
  static let classifier = Loader("a saved classifier") { located in
    located.file.map { ClassifierValue.isIn($0) } ?? false
  } load: { located, call in
    guard let file = located.file else { return .nothing }
    return .object(try ClassifierValue.read(file))
  }
}

extension Builtin {
  /// The word that stores classifiers.
  static let classifierFileWords: [Builtin] = [saveClassifier]

  private static let saveClassifier = Builtin(
    "save", area: .storing, on: [.classifier], returns: .nothing, summary: "Write a classifier to a .safetensors file.",
    parameters: [.positional("path", .path, "a name that ends in .safetensors")],
    keywords: ["store", "pickle", "joblib"], python: #"joblib.dump(model, "model.joblib")"#,
    examples: [Example("save(\(tinyClassifier), \"x.png\")", fails: ".safetensors")], seeAlso: ["load"]
  ) { call in
    let access: FileAccess = try call.service()
    let path: String = try call.string("path")
    guard PathText.fileExtension(of: path) == "safetensors" else {
      throw call.error("a classifier is saved as .safetensors", at: "path")
    }
    try call.receiver(as: ClassifierValue.self).write(path, access: access)
    call.note("wrote a classifier to \(path)")
    return .nothing
  }
}
