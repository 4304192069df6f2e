import Files
import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// What comes before the first trainable stage, computed once for each example and kept.
///
/// Rows are filled in the table's order in groups of fixed size, so that a run that was killed and taken up again finds
/// the same bits. Where the head reads one row of each text, only that row is kept.
package final class PrefixCache {
  /// The first stage that is not in the cache.
  package let stage: Int
  /// Examples computed together.
  static let groupSize: Int = 16

  /// What the frozen parameters' values were counted at when the cache was filled.
  private let version: Int
  private let width: Int
  /// First row of each example in the store and, last, how many rows there are.
  private let offsets: [Int]
  private let store: ScratchMemory

  /// Bytes kept.
  package var byteCount: Int { store.byteCount }
  /// Whether they stand in a file rather than in memory.
  package var isOnDisk: Bool { store.isOnDisk }

  /// The stage up to which a cache holds for this model; nil where there isn't a block before it.
  package static func stage(of model: PretrainedModel) -> Int? {
    guard let first = model.firstTrainableStage, first >= 2 else { return nil }
    return first
  }

  /// Computes the rows of every example.
  ///
  /// - Parameters:
  ///   - precision: of the products; nil for the model's.
  ///   - limit: bytes that may be held in memory; more go to an unlinked file.
  ///   - progress: examples done; throwing from it stops.
  package init(
    _ model: PretrainedModel, _ data: TrainingData, stage: Int, precision: Precision? = nil,
    limit: Int = PrefixCache.memoryLimit,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    self.stage = stage
    version = PrefixCache.version(model, stage)
    width = model.hiddenSize
    let oneRow: Bool = PrefixCache.keepsOneRow(model, stage: stage)
    let virtual: Int = model.backbone.hooks.promptLength
    var offsets: [Int] = [0]
    offsets.reserveCapacity(data.count + 1)
    for sequence in data.sequences { offsets.append((offsets.last ?? 0) + (oneRow ? 1 : sequence.count + virtual)) }
    self.offsets = offsets
    let (bytes, overflow) = (offsets.last ?? 0).multipliedReportingOverflow(by: width * 4)
    guard !overflow else {
      throw TrainingError.invalidSetting(
        operation: "fit", setting: "the data", expected: "small enough to keep", got: "\(data.count) examples")
    }
    store = try ScratchMemory(byteCount: bytes, inMemory: bytes <= limit)
    var start: Int = 0
    while start < data.count {
      let rows: [Int] = Array(start..<min(start + PrefixCache.groupSize, data.count))
      let context = ForwardContext(precision: precision)
      let stream: Transformers.Stream = try model.stream(data.batch(rows), upTo: stage, context)
      let first: Int = offsets[start]
      let end: Int = offsets[rows.count + start]
      guard stream.hidden.count == (end - first) * width else {
        throw TrainingError.shapeMismatch(
          operation: "prefix cache", expected: "\(end - first) rows", got: "\(stream.hidden.shape)")
      }
      stream.hidden.withUnsafeBuffer { rows in
        _ = store.floats(at: first * width, count: rows.count).update(fromContentsOf: rows)
      }
      start += rows.count
      try progress(start, data.count)
    }
  }

  /// The rows of some examples, one after the other.
  package func hidden(_ rows: [Int]) throws -> Tensor {
    let count: Int = rows.reduce(0) { $0 + offsets[$1 + 1] - offsets[$1] }
    var result = try Tensor(uninitialized: [count, width])
    try result.withUnsafeMutableBuffer { target in
      var place: Int = 0
      for row in rows {
        let own: Int = (offsets[row + 1] - offsets[row]) * width
        let source = store.floats(at: offsets[row] * width, count: own)
        _ = UnsafeMutableBufferPointer(rebasing: target[place..<place + own]).update(fromContentsOf: source)
        place += own
      }
    }
    return result
  }

  /// Whether what it holds is still what the model would compute.
  func isCurrent(for model: PretrainedModel, stage: Int) -> Bool {
    self.stage == stage && version == PrefixCache.version(model, stage)
  }

  /// Bytes that a cache of these examples takes.
  static func byteCount(_ model: PretrainedModel, _ data: TrainingData, stage: Int) throws -> Int {
    let rows: Int =
      keepsOneRow(model, stage: stage)
      ? data.count : data.tokenCount + data.count * model.backbone.hooks.promptLength
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: model.hiddenSize * 4)
    guard !overflow else {
      throw TrainingError.invalidSetting(
        operation: "fit", setting: "the data", expected: "small enough to keep", got: "\(data.count) examples")
    }
    return bytes
  }

  /// Changes whenever a parameter before the stage does, or which methods are in use.
  private static func version(_ model: PretrainedModel, _ stage: Int) -> Int {
    var sum: Int = model.methodsVersion
    for before in 0..<stage {
      for module in model.modules(ofStage: before) {
        for parameter in module.parameters() { sum &+= parameter.version }
      }
    }
    return sum
  }

  static func keepsOneRow(_ model: PretrainedModel, stage: Int) -> Bool {
    guard stage == model.headStage, let head = model.head else { return false }
    if case .all = head.reads { return false }
    return true
  }

  /// Bytes that may be held in memory: `LUTHIER_CACHE`, else a quarter of what is free.
  package static var memoryLimit: Int {
    ByteCount.parse(ProcessInfo.processInfo.environment["LUTHIER_CACHE"]) ?? Storage.availableMemory() / 4
  }
}
