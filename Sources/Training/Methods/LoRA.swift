import Files
import NeuralNetworks
import TensorCore
import Transformers

extension Method {
  /// Low-rank updates of projections, and their kin: rsLoRA, DoRA, PiSSA.
  static let lora = Method(LoRASettings.self, learningRate: 1e-3)
}

/// `W + α/r · B A` with `A: [r, input]` and `B: [output, r]` trained and W frozen.
///
/// Source: Hu et al. 2021 (arXiv:2106.09685); rank-stabilised, α/√r: Kalajdzievski 2023 (arXiv:2312.03732); DoRA:
/// Liu et al. 2024 (arXiv:2402.09353); PiSSA: Meng et al. 2024 (arXiv:2404.02948). Checked against peft.
package struct LoRASettings: MethodSettings, Equatable {
  package static let kind = "lora"

  package enum Initialization: String, Sendable {
    /// A uniform as PyTorch's Linear, B zero.
    case standard = "default"
    /// A normal with deviation 1/r, B zero.
    case gaussian
    /// A and B from the largest singular values of W, which keeps the rest.
    case pissa
  }

  package enum Bias: String, Sendable {
    case none
    /// Biases of the projections it goes to train too.
    case loraOnly = "lora_only"
    /// All biases of the model train too.
    case all
  }

  package var rank = 8
  /// Twice the rank where nil.
  package var alpha: Double?
  /// Share of the update's input left out while training.
  package var dropout = 0.0
  /// The family's usual projections where nil.
  package var targets: [String]?
  package var initialization = Initialization.standard
  package var isRankStabilized = false
  package var isDoRA = false
  package var bias = Bias.none
  package var full: [String]?
  /// Ranks and alphas of single projections, by path, where they differ.
  package var ranks: [String: Int] = [:]
  package var alphas: [String: Double] = [:]

  package init() {}

  package var effectiveAlpha: Double { alpha ?? 2 * Double(rank) }
  package func rank(of path: String) -> Int { ranks[path] ?? rank }

  /// What the update of a projection is multiplied by.
  package func scaling(of path: String) -> Double {
    let rank: Double = Double(self.rank(of: path))
    return (alphas[path] ?? effectiveAlpha) / (isRankStabilized ? rank.squareRoot() : rank)
  }

  package var title: String {
    if isDoRA { return "DoRA" }
    if initialization == .pissa { return "PiSSA" }
    return isRankStabilized ? "rsLoRA" : "LoRA"
  }

  package func attach(_ site: MethodSite) throws -> MethodParts {
    try checked()
    let chosen = try site.model.projections(matching: targets ?? site.model.architecture.loraTargets)
    let headPaths: Set<String> = Set(try site.model.trainedBeside(full).map(\.name))
    var parts = MethodParts(title: title, summary: "", parameters: [])
    for (path, projection) in chosen {
      if headPaths.contains(projection.weight.name) {
        throw TrainingError.method("targets: \(path) trains in full already; leave it out")
      }
      // Asked for only where needed: a weight of a quantised file would become floats.
      let before: Tensor? = initialization == .pissa ? projection.weight.value : nil
      let update = try LowRankUpdate(self, projection, site)
      // Also where it came changed already: a copy then gets the base's value from what it is a copy of.
      if let before { parts.changed.append((projection.weight, before)) }
      projection.attach(update, name: site.name)
      parts.parameters += update.ownParameters.map(\.parameter)
      if bias == .loraOnly, let own = projection.bias { parts.beside.append(own) }
    }
    if bias == .all { parts.beside = site.model.group("biases") }
    let alphaText: String = LoRASettings.text(effectiveAlpha)
    parts.summary = "rank \(rank), alpha \(alphaText) on " + PretrainedModel.shortTargets(chosen.map(\.path))
    return parts
  }

  private static func text(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
  }

  private func checked() throws {
    func check(_ holds: Bool, _ text: String) throws { if !holds { throw TrainingError.method(text) } }
    for rank in [rank] + ranks.values {
      try check(rank >= 1 && rank <= 65_536, "rank must be from 1 to 65,536, got \(rank)")
    }
    for alpha in [effectiveAlpha] + alphas.values {
      try check(alpha.isFinite && alpha > 0 && alpha < 1e9, "alpha must be above 0, got \(alpha)")
    }
    try check(dropout >= 0 && dropout < 1, "dropout must be from 0 to below 1, got \(dropout)")
    try check(targets.map { !$0.isEmpty } ?? true, "targets is empty: name at least one projection")
  }
}

extension LoRASettings {
  package var json: JSON {
    var members: [(String, JSON)] = [
      ("rank", .integer(rank)), ("alpha", .real(effectiveAlpha)), ("dropout", .real(dropout)),
      ("init", .string(initialization.rawValue)), ("rslora", .bool(isRankStabilized)), ("dora", .bool(isDoRA)),
      ("bias", .string(bias.rawValue)),
    ]
    if let targets { members.append(("targets", .array(targets.map { .string($0) }))) }
    if let full { members.append(("full", .array(full.map { .string($0) }))) }
    members.append(("ranks", .object(ranks.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })))
    members.append(("alphas", .object(alphas.sorted { $0.key < $1.key }.map { ($0.key, .real($0.value)) })))
    return .object(members)
  }

  package init(json: JSON) throws {
    self.init()
    guard let rank = json["rank"]?.int, let alpha = json["alpha"]?.double, let dropout = json["dropout"]?.double else {
      throw TrainingError.method("the settings of a LoRA lack rank, alpha or dropout")
    }
    self.rank = rank
    self.alpha = alpha
    self.dropout = dropout
    initialization = json["init"]?.string.flatMap { Initialization(rawValue: $0) } ?? .standard
    isRankStabilized = json["rslora"]?.bool ?? false
    isDoRA = json["dora"]?.bool ?? false
    bias = json["bias"]?.string.flatMap { Bias(rawValue: $0) } ?? .none
    targets = json["targets"]?.strings
    full = json["full"]?.strings
    for member in json["ranks"]?.object?.members ?? [] { ranks[member.key] = member.value.int }
    for member in json["alphas"]?.object?.members ?? [] { alphas[member.key] = member.value.double }
    try checked()
  }
}
