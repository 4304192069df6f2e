import Files
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

extension Method {
  /// Trained keys and values before those of every sequence, in every block.
  static let prefix = Method(PrefixSettings.self, learningRate: 5e-3)
}

/// Prefix tuning: `length` keys and values in every block, trained directly or as the output of a small network.
///
/// Source: Li and Liang 2021 (arXiv:2101.00190). Rows are laid out as in peft, `[length, blocks · 2 · Hk · D]`, block by
/// block, keys before values; position ids begin after the prefix.
package struct PrefixSettings: MethodSettings, Equatable {
  package static let kind = "prefix"

  package var length = 20
  /// Whether the rows come from an embedding through a network of two layers.
  package var projects = false
  /// The inner size of that network; where nil as many as a block has keys, as in peft.
  package var innerSize: Int?
  package var full: [String]?

  package init() {}

  package func attach(_ site: MethodSite) throws -> MethodParts {
    let model: PretrainedModel = site.model
    try checkVirtualLength(length, model)
    let configuration = model.configuration
    let width: Int = configuration.keyValueHeadCount * configuration.headSize
    let blocks: Int = model.blockCount
    let inner: Int = innerSize ?? width
    guard inner >= 1, inner <= 1_000_000 else {
      throw TrainingError.method("the prefix network's inner size must be from 1 to 1,000,000, got \(inner)")
    }
    let encoder = try PromptEncoder(
      site, length: length, size: blocks * 2 * width, network: projects ? (width, inner) : nil
    ) { name, shape in
      try Initializer.normal(standardDeviation: 1).makeValue(shape: shape, name: name, seed: site.seed)
    }
    for point in model.backbone.hooks.attentions {
      point.attach(PrefixRows(encoder, layer: point.layer, width: width, site.control), name: site.name)
    }
    return MethodParts(
      title: "prefix", summary: "\(length) keys and values a block" + (projects ? ", through a network" : ""),
      parameters: encoder.parameters)
  }

  package var json: JSON {
    var members: [(String, JSON)] = [("length", .integer(length)), ("projection", .bool(projects))]
    if let innerSize { members.append(("inner", .integer(innerSize))) }
    if let full { members.append(("full", .array(full.map { .string($0) }))) }
    return .object(members)
  }

  package init(json: JSON) throws {
    guard let length = json["length"]?.int, let projects = json["projection"]?.bool else {
      throw TrainingError.method("the settings of a prefix lack length or projection")
    }
    self.length = length
    self.projects = projects
    innerSize = json["inner"]?.int
    full = json["full"]?.strings
  }
}

/// Positions that virtual tokens may take: the model must keep one for a word and those of the special tokens around it.
func checkVirtualLength(_ length: Int, _ model: PretrainedModel) throws {
  guard length >= 1, length <= 100_000 else {
    throw TrainingError.method("length must be from 1 to 100,000, got \(length)")
  }
  let special: Int = try model.tokenizer?.encode("", addSpecialTokens: true).ids.count ?? 0
  if let limit = model.positionLimit, length >= limit - special {
    throw TrainingError.method("length \(length) leaves no room for a text: \(model.name) has \(limit) positions")
  }
}

/// The keys and values of one block.
final class PrefixRows: KeyValueMethod {
  let tree: ModuleTree
  private let encoder: PromptEncoder
  private let layer: Int
  private let width: Int
  private let control: MethodSwitch

  var kind: String { "Prefix" }
  var isActive: Bool { control.isActive }
  var length: Int { encoder.length }

  init(_ encoder: PromptEncoder, layer: Int, width: Int, _ control: MethodSwitch) {
    self.encoder = encoder
    self.layer = layer
    self.width = width
    self.control = control
    tree = ModuleTree("")
    hold("prompt_encoder", encoder)
  }

  func keysAndValues(layer: Int, _ context: ForwardContext) throws -> (keys: Tensor, values: Tensor) {
    let rows: Tensor = try encoder.rows(context)
    let first: Int = 2 * layer * width
    return (
      try rows.sliced(axis: 1, first..<(first + width)), try rows.sliced(axis: 1, (first + width)..<(first + 2 * width))
    )
  }
}
