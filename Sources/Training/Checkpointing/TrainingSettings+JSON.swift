import Files
import TensorCore

/// Settings as they stand in a checkpoint. Numbers that must come back bit by bit are kept as their bits.
extension TrainingSettings {
  package var json: JSON {
    var members: [(String, JSON)] = [
      ("epochs", .integer(epochs)), ("batch", .integer(batchSize)), ("lr", .bits(learningRate)),
      ("optimizer", optimizer.json), ("weight_decay", .bits(weightDecay)),
      ("decays_everything", .bool(decaysEverything)),
      ("schedule", .string(schedule.rawValue)), ("warmup", .bits(warmup)), ("frozen_dropout", .bool(frozenDropout)),
      ("label_smoothing", .bits(Double(labelSmoothing))), ("accumulate", .integer(accumulate)),
      ("keep", .string(keep.rawValue)), ("seed", .integer(Int(bitPattern: UInt(seed)))), ("shuffles", .bool(shuffles)),
      ("buckets", .bool(bucketsByLength)), ("caches", .bool(cachesPrefix)),
    ]
    if let steps { members.append(("steps", .integer(steps))) }
    if let clip { members.append(("clip", .bits(clip))) }
    if let precision { members.append(("precision", .string(precision.rawValue))) }
    if let dropout { members.append(("dropout", .bits(dropout))) }
    if let layerDecay { members.append(("layer_decay", .bits(layerDecay))) }
    if let earlyStopping { members.append(("early_stopping", .integer(earlyStopping))) }
    if let weights = classWeights { members.append(("class_weights", .array(weights.map { .bits(Double($0)) }))) }
    if case .steps(let steps) = evaluation { members.append(("eval_every", .integer(steps))) }
    return .object(members)
  }

  /// - Throws: ``TrainingError/checkpointMismatch`` where a field is missing or of another kind.
  package init(json: JSON, path: String) throws {
    self.init()
    func wanted<T>(_ name: String, _ value: T?) throws -> T {
      guard let value else { throw TrainingError.checkpointMismatch(path: path, reason: "its settings lack \(name)") }
      return value
    }
    epochs = try wanted("epochs", json["epochs"]?.int)
    batchSize = try wanted("batch", json["batch"]?.int)
    learningRate = try wanted("lr", json["lr"]?.fromBits)
    optimizer = try wanted("optimizer", json["optimizer"].flatMap { OptimizerKind(json: $0) })
    weightDecay = try wanted("weight_decay", json["weight_decay"]?.fromBits)
    decaysEverything = try wanted("decays_everything", json["decays_everything"]?.bool)
    schedule = try wanted("schedule", json["schedule"]?.string.flatMap { Schedule(rawValue: $0) })
    warmup = try wanted("warmup", json["warmup"]?.fromBits)
    frozenDropout = try wanted("frozen_dropout", json["frozen_dropout"]?.bool)
    labelSmoothing = Float(try wanted("label_smoothing", json["label_smoothing"]?.fromBits))
    accumulate = try wanted("accumulate", json["accumulate"]?.int)
    keep = try wanted("keep", json["keep"]?.string.flatMap { Keep(rawValue: $0) })
    seed = UInt64(UInt(bitPattern: try wanted("seed", json["seed"]?.int)))
    shuffles = try wanted("shuffles", json["shuffles"]?.bool)
    bucketsByLength = try wanted("buckets", json["buckets"]?.bool)
    cachesPrefix = try wanted("caches", json["caches"]?.bool)
    steps = json["steps"]?.int
    clip = json["clip"]?.fromBits
    dropout = json["dropout"]?.fromBits
    precision = json["precision"]?.string.flatMap { Precision(rawValue: $0) }
    layerDecay = json["layer_decay"]?.fromBits
    earlyStopping = json["early_stopping"]?.int
    classWeights = json["class_weights"]?.array.map { $0.map { Float($0.fromBits ?? 1) } }
    evaluation = json["eval_every"]?.int.map { .steps($0) } ?? .epoch
    try checked()
  }
}

extension OptimizerKind {
  fileprivate var json: JSON {
    switch self {
    case .adamW(let a, let b, let e), .adam(let a, let b, let e):
      return .array([.string(name), .bits(a), .bits(b), .bits(e)])
    case .sgd(let momentum): return .array([.string(name), .bits(momentum)])
    }
  }

  fileprivate init?(json: JSON) {
    guard let list = json.array, let name = list.first?.string else { return nil }
    let numbers: [Double] = list.dropFirst().compactMap(\.fromBits)
    switch (name, numbers.count) {
    case ("adamw", 3): self = .adamW(beta1: numbers[0], beta2: numbers[1], epsilon: numbers[2])
    case ("adam", 3): self = .adam(beta1: numbers[0], beta2: numbers[1], epsilon: numbers[2])
    case ("sgd", 1): self = .sgd(momentum: numbers[0])
    default: return nil
    }
  }
}

extension JSON {
  /// A number as its bits, so that it comes back the same.
  static func bits(_ value: Double) -> JSON { .integer(Int(bitPattern: UInt(value.bitPattern))) }
  var fromBits: Double? { int.map { Double(bitPattern: UInt64(UInt(bitPattern: $0))) } }
}
