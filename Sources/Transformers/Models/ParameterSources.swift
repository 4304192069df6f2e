import Checkpoints
import NeuralNetworks
import TensorCore

/// Parameters from a checkpoint's tensors, found by upstream's names with and without the backbone's prefix.
final class CheckpointSource: ParameterSource {
  private let tensors: [StoredTensor]
  private let places: [String: Int]
  private let architecture: Architecture
  /// The names under which files hold the one tensor of tied embeddings and decoder.
  private let tied: [String]
  private var used: Set<Int> = []
  /// Names of parameters that had to be initialised.
  private(set) var newNames: [String] = []

  /// - Parameter isTied: whether the decoder is the word embeddings, so that either stands for both.
  init(_ checkpoint: Checkpoint, _ architecture: Architecture, isTied: Bool) {
    tensors = checkpoint.tensors
    self.architecture = architecture
    tied = isTied ? [architecture.embeddingName] + architecture.decoderNames : []
    var places: [String: Int] = [:]
    for (index, tensor) in checkpoint.tensors.enumerated() {
      places[architecture.bare(ParameterNames.modern(tensor.name))] = index
    }
    self.places = places
  }

  func value(named name: String, shape: [Int]) throws -> Tensor? {
    let bare = architecture.bare(name)
    var candidates = [bare]
    if tied.contains(bare) { candidates += tied }
    if architecture.decoderBiasNames.contains(bare) { candidates = architecture.decoderBiasNames }
    guard let index = candidates.lazy.compactMap({ self.places[$0] }).first else { return nil }
    for candidate in candidates {
      if let index = places[candidate] { used.insert(index) }
    }
    let stored = tensors[index]
    guard stored.shape == shape else {
      throw NeuralNetworkError.parameterShape(name: name, expected: shape, got: stored.shape)
    }
    return try stored.tensor()
  }

  func made(_ parameter: Parameter) {
    if parameter.isNew { newNames.append(parameter.name) }
  }

  /// Whether the file holds any parameter of the backbone at all.
  var foundAny: Bool { !used.isEmpty }

  /// Tensors of the file that no parameter took; tables that are computed don't count.
  var unusedNames: [String] {
    tensors.indices.filter { !used.contains($0) && !ParameterNames.isBuffer(tensors[$0].name) }.map {
      tensors[$0].name
    }
  }
}

extension Checkpoint {
  /// The name of a decoder that is held beside the word embeddings and differs from them. Tying the two would lose it,
  /// so upstream leaves them apart, whatever config.json says.
  func decoderApart(_ architecture: Architecture) throws -> String? {
    func stored(_ name: String) -> StoredTensor? {
      tensors.last { architecture.bare(ParameterNames.modern($0.name)) == name }
    }
    guard let words = stored(architecture.embeddingName),
      let decoder = architecture.decoderNames.compactMap(stored).first, try !decoder.equals(words)
    else { return nil }
    return decoder.name
  }
}

/// Parameters from another model, whose buffers are shared until one of the two trains.
final class ModelSource: ParameterSource {
  private var values: [String: Parameter.Content] = [:]
  private(set) var newNames: [String] = []
  private let architecture: Architecture

  /// - Parameter includesHead: whether the head's parameters are taken too.
  init(_ model: PretrainedModel, includesHead: Bool) {
    architecture = model.architecture
    let source: any Module = includesHead ? model.root : model.backbone
    for (name, parameter) in source.namedParameters() { values[architecture.bare(name)] = parameter.content }
    if includesHead || model.headKind == nil { return }
    // What the head is tied to or reads first belongs to the backbone in files, too.
    for parameter in source.parameters() { values[architecture.bare(parameter.name)] = parameter.content }
  }

  func content(named name: String, shape: [Int]) throws -> Parameter.Content? {
    guard let content = values[architecture.bare(name)], content.shape == shape else { return nil }
    return content
  }

  func made(_ parameter: Parameter) {
    if parameter.isNew { newNames.append(parameter.name) }
  }
}

/// No parameters at all: a model of random weights.
package final class EmptySource: ParameterSource {
  package init() {}
  package func value(named name: String, shape: [Int]) throws -> Tensor? { nil }
  package func made(_ parameter: Parameter) {}
}
