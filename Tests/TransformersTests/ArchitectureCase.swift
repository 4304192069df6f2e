import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Transformers

/// A padded batch of the reference as our ragged one: the rows kept, and where each stands in the padded batch.
struct PaddedBatch {
  var batch: Batch
  /// Columns of the padded batch, S.
  let width: Int
  /// For each of our rows its sequence and column.
  let columns: [(sequence: Int, column: Int)]
  /// Of each kept row, whether the reference's attention mask is 1 there.
  let isReal: [Bool]

  /// - Parameter keepsPadding: whether padding stays in the batch as rows that nobody sees, for heads that read it.
  init(_ inputs: NamedTensors, keepsPadding: Bool, positions: Bool) throws {
    let ids = try inputs.indices("input_ids")
    let mask = try inputs.indices("attention_mask")
    let types = inputs.has("token_type_ids") ? try inputs.indices("token_type_ids") : nil
    let (count, width) = (ids.shape[0], ids.shape[1])
    var sequences: [[Int]] = []
    var segments: [[Int]] = []
    var places: [Int] = []
    var columns: [(sequence: Int, column: Int)] = []
    var isReal: [Bool] = []
    for row in 0..<count {
      var own: [Int] = []
      var ownTypes: [Int] = []
      for column in 0..<width {
        let at = row * width + column
        let real = mask.elements[at] == 1
        if !real, !keepsPadding { continue }
        own.append(ids.elements[at])
        if let types { ownTypes.append(types.elements[at]) }
        places.append(column)
        columns.append((row, column))
        isReal.append(real)
      }
      sequences.append(own)
      segments.append(ownTypes)
    }
    batch = Batch(sequences, tokenTypeIDs: types == nil ? nil : segments)
    if positions { batch.positionIDs = places }
    if keepsPadding { batch.visibility = Batch.Visibility(hiddenKeys: isReal.map { !$0 }) }
    self.width = width
    self.columns = columns
    self.isReal = isReal
  }

  /// The elements of a padded `[B, S]` or `[B, S, X]` tensor at our rows.
  func rows(_ padded: Tensor) -> [Float] {
    let size = padded.shape.dropFirst(2).reduce(1, *)
    let elements = padded.elements
    var result: [Float] = []
    for (sequence, column) in columns {
      let start = (sequence * width + column) * size
      result += elements[start..<(start + size)]
    }
    return result
  }

  /// Labels `[B, S]` at our rows.
  func rows(_ padded: IndexTensor) -> [Int] {
    columns.map { padded.elements[$0.sequence * width + $0.column] }
  }

  /// The rows of `values`, `size` numbers each, where the mask is 1.
  func real(_ values: [Float]) -> [Float] {
    let size = values.count / max(isReal.count, 1)
    return isReal.indices.filter { isReal[$0] }.flatMap { values[($0 * size)..<(($0 + 1) * size)] }
  }

  /// A column of the padded batch as a place in our sequence; -1 where the row isn't kept, the width or more stays out.
  func place(_ column: Int, in sequence: Int) -> Int {
    if column >= width { return Int.max / 4 }
    let own = columns.filter { $0.sequence == sequence }
    return own.firstIndex { $0.column == column } ?? -1
  }
}

/// The tensors of a safetensors file by name.
struct NamedTensors {
  private let file: SafetensorsFile

  init(_ path: String) throws {
    file = try SafetensorsFile(Fixtures.access.map(Fixtures.url(path).path))
  }

  var names: [String] { file.names }
  func has(_ name: String) -> Bool { file.names.contains(name) }

  func stored(_ name: String) throws -> StoredTensor {
    guard let found = file.tensors.first(where: { $0.name == name }) else { throw MissingTensor(name: name) }
    return found
  }

  func tensor(_ name: String) throws -> Tensor { try stored(name).tensor() }
  func indices(_ name: String) throws -> IndexTensor { try stored(name).indices() }
}

struct MissingTensor: Error { let name: String }
