import Files
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

extension Method {
  /// Trained vectors before the word embeddings of every sequence.
  static let softPrompt = Method(SoftPromptSettings.self, learningRate: 5e-3)
}

/// Prompt tuning: `length` trained rows that stand before every text's words.
///
/// Source: Lester et al. 2021 (arXiv:2104.08691). The rows take positions 0 to `length - 1` and token type 0, as in peft.
package struct SoftPromptSettings: MethodSettings, Equatable {
  package static let kind = "prompt"

  package enum Initialization: Equatable, Sendable {
    /// Normal numbers, as wide as the word embeddings are.
    case random
    /// The embeddings of words drawn from the vocabulary.
    case vocabulary
    /// The embeddings of a text's tokens, repeated up to the length, or cut.
    case text(String)
  }

  package var length = 20
  package var initialization = Initialization.vocabulary
  package var full: [String]?

  package init() {}

  package func attach(_ site: MethodSite) throws -> MethodParts {
    let model: PretrainedModel = site.model
    try checkVirtualLength(length, model)
    let encoder = try PromptEncoder(
      site, length: length, size: model.backbone.wordEmbeddings.weight.shape[1], network: nil
    ) { name, shape in try start(name, shape, site) }
    model.backbone.hooks.embeddings.attach(SoftPromptRows(encoder, site.control), name: site.name)
    return MethodParts(
      title: "soft prompt", summary: "\(length) rows before the words", parameters: encoder.parameters)
  }

  private func start(_ name: String, _ shape: [Int], _ site: MethodSite) throws -> Tensor {
    let table: Tensor = site.model.backbone.wordEmbeddings.weight.value.detached
    switch initialization {
    case .random:
      let deviation: Double = (table.sumOfSquares() / Double(max(1, table.count))).squareRoot()
      return try Initializer.normal(standardDeviation: deviation).makeValue(shape: shape, name: name, seed: site.seed)
    case .vocabulary:
      let random = Philox(seed: site.seed, purpose: "init/" + name)
      let order: [Int] = random.permutation(table.shape[0], at: 0)
      return try table.gatheredRows((0..<length).map { order[$0 % order.count] })
    case .text(let text):
      guard let tokenizer = site.model.tokenizer else {
        throw TrainingError.method("\(site.model.name) came without a tokenizer, so a text can't begin the prompt")
      }
      let ids: [Int] = try tokenizer.encode(text, addSpecialTokens: true).ids
      guard !ids.isEmpty else { throw TrainingError.method("the text that begins the prompt has no tokens") }
      return try table.gatheredRows((0..<length).map { ids[$0 % ids.count] })
    }
  }

  package var json: JSON {
    var members: [(String, JSON)] = [("length", .integer(length))]
    switch initialization {
    case .random: members.append(("init", .string("random")))
    case .vocabulary: members.append(("init", .string("vocabulary")))
    case .text(let text): members += [("init", .string("text")), ("text", .string(text))]
    }
    if let full { members.append(("full", .array(full.map { .string($0) }))) }
    return .object(members)
  }

  package init(json: JSON) throws {
    guard let length = json["length"]?.int else {
      throw TrainingError.method("the settings of a soft prompt lack length")
    }
    self.length = length
    switch json["init"]?.string {
    case "random": initialization = .random
    case "text": initialization = .text(json["text"]?.string ?? "")
    default: initialization = .vocabulary
    }
    full = json["full"]?.strings
  }
}

/// The rows of a soft prompt.
final class SoftPromptRows: SoftPromptMethod {
  let tree: ModuleTree
  private let encoder: PromptEncoder
  private let control: MethodSwitch

  var kind: String { "SoftPrompt" }
  var isActive: Bool { control.isActive }
  var length: Int { encoder.length }

  init(_ encoder: PromptEncoder, _ control: MethodSwitch) {
    self.encoder = encoder
    self.control = control
    tree = ModuleTree("")
    hold("prompt_encoder", encoder)
  }

  func rows(_ context: ForwardContext) throws -> Tensor { try encoder.rows(context) }
}
