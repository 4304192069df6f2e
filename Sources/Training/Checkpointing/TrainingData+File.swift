import Checkpoints
import Files
import TensorCore
import Transformers

/// Tokenized examples as tensors of a checkpoint.
extension TrainingData {
  /// Tensors that hold these examples, under names that begin with `prefix`.
  func tensors(_ prefix: String) throws -> [(name: String, value: StorableTensor)] {
    func indices(_ name: String, _ values: [Int]) -> (name: String, value: StorableTensor) {
      (prefix + name, .indices(IndexTensor(values)))
    }
    var tensors: [(name: String, value: StorableTensor)] = [
      indices("ids", sequences.flatMap { $0 }), indices("lengths", sequences.map(\.count)),
    ]
    if let types = tokenTypeIDs { tensors.append(indices("types", types.flatMap { $0 })) }
    if let masking {
      let millionths = Int((masking.rate * 1e6).rounded())
      tensors.append(
        indices("masking", [masking.maskID, masking.vocabularySize, millionths] + masking.spared.sorted()))
    }
    switch targets {
    case .classes(let labels): tensors.append(indices("classes", labels))
    case .tokens(let labels): tensors.append(indices("tokens", labels.flatMap { $0 }))
    case .spans(let spans): tensors.append(indices("spans", spans.flatMap { [$0.start, $0.end] }))
    case .multiLabel(let rows), .values(let rows):
      let name: String = if case .multiLabel = targets { "labels" } else { "values" }
      let tensor = try Tensor(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
      tensors.append((prefix + name, .floats(tensor)))
    }
    return tensors
  }

  /// Examples from tensors under names that begin with `prefix`; nil where there are none.
  init?(_ prefix: String, in file: SafetensorsFile) throws {
    func find(_ name: String) -> StoredTensor? { file.tensors.first { $0.name == prefix + name } }
    func indices(_ name: String) throws -> [Int]? { try find(name)?.indices().elements }
    guard let ids = try indices("ids"), let lengths = try indices("lengths") else { return nil }
    func cut(_ flat: [Int]) throws -> [[Int]] {
      var (rows, place): ([[Int]], Int) = ([], 0)
      for length in lengths {
        guard length >= 0, length <= flat.count - place else {
          throw TrainingError.checkpointMismatch(path: file.path, reason: "lengths and ids differ")
        }
        rows.append(Array(flat[place..<place + length]))
        place += length
      }
      return rows
    }
    func rows(_ tensor: Tensor) -> [[Float]] {
      let width: Int = tensor.shape.last ?? 1
      let flat: [Float] = tensor.elements
      return stride(from: 0, to: flat.count, by: max(1, width)).map { Array(flat[$0..<min($0 + width, flat.count)]) }
    }
    let targets: Targets
    if let classes = try indices("classes") {
      targets = .classes(classes)
    } else if let tokens = try indices("tokens") {
      targets = .tokens(try cut(tokens))
    } else if let spans = try indices("spans") {
      targets = .spans(stride(from: 0, to: spans.count - 1, by: 2).map { (spans[$0], spans[$0 + 1]) })
    } else if let labels = try find("labels")?.tensor() {
      targets = .multiLabel(rows(labels))
    } else if let values = try find("values")?.tensor() {
      targets = .values(rows(values))
    } else {
      throw TrainingError.checkpointMismatch(path: file.path, reason: "it holds no labels")
    }
    var masking: Masking?
    if let stored = try indices("masking") {
      guard stored.count >= 3, stored[0] >= 0, stored[1] >= 1, (1...1_000_000).contains(stored[2]) else {
        throw TrainingError.checkpointMismatch(path: file.path, reason: "its masking isn't one")
      }
      masking = Masking(
        maskID: stored[0], vocabularySize: stored[1], spared: Set(stored.dropFirst(3)), rate: Double(stored[2]) / 1e6)
    }
    try self.init(
      sequences: cut(ids), tokenTypeIDs: indices("types").map { try cut($0) }, targets: targets, masking: masking)
  }

  /// A digest of ids and labels.
  func fingerprint() throws -> String {
    var hash = SHA256()
    for (name, value) in try tensors("") {
      Array(name.utf8).withUnsafeBytes { hash.update($0) }
      switch value {
      case .indices(let tensor): tensor.elements.withUnsafeBytes { hash.update($0) }
      case .floats(let tensor): tensor.withUnsafeBuffer { hash.update(UnsafeRawBufferPointer($0)) }
      }
    }
    return hash.finish()
  }
}
