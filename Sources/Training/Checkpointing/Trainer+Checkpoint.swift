import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Transformers

/// Checkpoints: a folder with the model as it was at the start (`model/`), the examples (`data.safetensors`) and, written
/// anew each time as a whole, what changes (`state.safetensors`). Killed at any moment, what stands there is complete,
/// and going on from it gives the bits of a run that was never stopped.
extension Trainer {
  /// Writes what doesn't change: model, examples, settings. Called once, before the first step.
  package func beginCheckpoints(_ folder: String, access: FileAccess) throws {
    try access.createFolder(folder)
    try model.saveWithMethods(PathText.join(folder, "model"), access: access)
    var tensors = try data.tensors("train.")
    if let validation { tensors += try validation.tensors("valid.") }
    try SafetensorsFile.write(
      tensors, metadata: [("luthier", "data"), ("settings", settings.json.text())],
      to: PathText.join(folder, "data.safetensors"), access: access)
    try writeCheckpoint(folder, access: access)
    hasBegunCheckpoints = true
  }

  /// Writes the state after the last step.
  package func writeCheckpoint(_ folder: String, access: FileAccess) throws {
    var tensors: [(name: String, value: StorableTensor)] = []
    for parameter in model.parameters {
      let state: Optimizer.State? = optimizer.states[parameter.name]
      guard parameter.isTrainable || state != nil else { continue }
      tensors.append(("parameter/" + parameter.name, .floats(parameter.value)))
      for (name, tensor) in zip(optimizer.kind.stateNames, state?.tensors ?? []) {
        tensors.append((name + "/" + parameter.name, .floats(tensor)))
      }
      tensors.append(("steps/" + parameter.name, .indices(IndexTensor([state?.steps ?? 0]))))
    }
    for (parameter, value) in best?.values ?? [] { tensors.append(("best/" + parameter.name, .floats(value))) }
    tensors.append(("losses", .indices(IndexTensor(history.losses.map { Int(bitPattern: UInt($0.bitPattern)) }))))
    let trainable: [JSON] = model.parameters.filter(\.isTrainable).map { .string($0.name) }
    var state: [(String, JSON)] = [
      ("step", .integer(step)), ("lr", .bits(learningRate)), ("seconds", .bits(seconds)),
      ("pending", .array([.bits(pending.sum), .integer(pending.count)])),
      ("since_best", .integer(evaluationsSinceBest)), ("every", .integer(checkpoints?.every ?? stepsPerEpoch)),
      ("trainable", .array(trainable)), ("lines", .array(history.lines.map(\.json))),
    ]
    if let best { state.append(("best", .array([.bits(best.loss), .integer(best.step)]))) }
    let metadata: [(String, String)] = [
      ("luthier", "training state"), ("settings", settings.json.text()), ("data", try dataFingerprint()),
      ("state", JSON.object(state).text()),
    ]
    try SafetensorsFile.write(
      tensors, metadata: metadata, to: PathText.join(folder, "state.safetensors"), access: access)
  }

  private func dataFingerprint() throws -> String {
    if let known = knownFingerprint { return known }
    let own: String = try data.fingerprint() + (validation.map { try $0.fingerprint() } ?? "")
    knownFingerprint = own
    return own
  }

  /// A trainer as it was when the checkpoint was written, ready to go on and to write further ones there.
  ///
  /// - Parameter model: the model, where it isn't the folder's own (with methods attached).
  package static func resume(
    _ folder: String, access: FileAccess, model given: PretrainedModel? = nil
  ) throws -> Trainer {
    let path: String = PathText.join(folder, "data.safetensors")
    let file = try SafetensorsFile(access.map(path))
    guard file.metadata["luthier"] == "data", let text = file.metadata["settings"] else {
      throw TrainingError.checkpointMismatch(path: path, reason: "it holds no examples of a fit")
    }
    let settings = try TrainingSettings(json: JSON(parsing: Array(text.utf8)), path: path)
    guard let data = try TrainingData("train.", in: file) else {
      throw TrainingError.checkpointMismatch(path: path, reason: "it holds no examples of a fit")
    }
    let model: PretrainedModel
    if let given {
      model = given
    } else {
      model = try PretrainedModel.load(PathText.join(folder, "model"), access: access)
      try model.readMethods(PathText.join(folder, "model"), access: access)
    }
    let valid: TrainingData? = try TrainingData("valid.", in: file)
    let trainer = try Trainer(model, data, validation: valid, settings: settings)
    let every: Int? = try trainer.restore(folder, access: access)
    trainer.checkpoints = CheckpointPlace(folder: folder, every: every ?? trainer.stepsPerEpoch)
    trainer.hasBegunCheckpoints = true
    return trainer
  }

  /// Takes over the state of a checkpoint. Nothing changes if anything in it doesn't fit.
  ///
  /// - Returns: steps from one checkpoint to the next, where the file says so.
  /// - Throws: ``TrainingError/checkpointMismatch`` for one of another model, other examples or settings.
  @discardableResult
  package func restore(_ folder: String, access: FileAccess) throws -> Int? {
    let path: String = PathText.join(folder, "state.safetensors")
    func mismatch(_ reason: String) -> TrainingError { .checkpointMismatch(path: path, reason: reason) }
    let file = try SafetensorsFile(access.map(path))
    guard file.metadata["luthier"] == "training state", let text = file.metadata["state"] else {
      throw mismatch("it is no state of a fit")
    }
    guard file.metadata["settings"] == settings.json.text() else { throw mismatch("it was made with other settings") }
    guard try file.metadata["data"] == dataFingerprint() else { throw mismatch("it was made with other examples") }
    let state = try JSON(parsing: Array(text.utf8))
    // Counting goes on from what the file says.
    let counts: ClosedRange<Int> = 0...(1 << 48)
    guard let step = state["step"]?.int, let rate = state["lr"]?.fromBits,
      let trainable = state["trainable"]?.strings,
      [step, state["since_best"]?.int ?? 0, state["pending"]?[1]?.int ?? 0].allSatisfy(counts.contains)
    else { throw mismatch("its state is incomplete or damaged") }
    let stored: [String: StoredTensor] = Dictionary(
      file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var changes: [(parameter: Parameter, value: Tensor, state: Optimizer.State?)] = []
    for parameter in model.parameters {
      guard let value = stored["parameter/" + parameter.name] else { continue }
      guard value.shape == parameter.shape else { throw mismatch("\(parameter.name) has shape \(value.shape)") }
      let steps: Int = try stored["steps/" + parameter.name]?.indices().elements.first ?? 0
      let moments: [StoredTensor] = optimizer.kind.stateNames.compactMap { stored[$0 + "/" + parameter.name] }
      guard counts.contains(steps), moments.allSatisfy({ $0.shape == parameter.shape }) else {
        throw mismatch("what the optimizer keeps of \(parameter.name) doesn't fit it")
      }
      let isWhole: Bool = moments.count == optimizer.kind.stateNames.count && steps > 0
      let tensors: [Tensor] = try isWhole ? moments.map { try $0.tensor() } : []
      let own: Optimizer.State? = isWhole ? Optimizer.State(tensors: tensors, steps: steps) : nil
      changes.append((parameter, try value.tensor(), own))
    }
    let names: Set<String> = Set(model.parameters.map(\.name))
    if let missing = file.tensors.map(\.name).first(where: {
      $0.hasPrefix("parameter/") && !names.contains(String($0.dropFirst(10)))
    }) {
      throw mismatch("this model has no parameter \(missing.dropFirst(10))")
    }
    var bestValues: [(Parameter, Tensor)] = []
    for parameter in model.parameters {
      if let value = try stored["best/" + parameter.name]?.tensor(), value.shape == parameter.shape {
        bestValues.append((parameter, value))
      }
    }
    let flags: Set<String> = Set(trainable)
    for change in changes {
      change.parameter.value = change.value
      optimizer.states[change.parameter.name] = change.state
    }
    for parameter in model.parameters { parameter.isTrainable = flags.contains(parameter.name) }
    take(state, step: step, rate: rate, losses: try stored["losses"]?.indices().elements ?? [], best: bestValues)
    return state["every"]?.int
  }

  private func take(_ state: JSON, step: Int, rate: Double, losses: [Int], best values: [(Parameter, Tensor)]) {
    self.step = step
    learningRate = rate
    seconds = state["seconds"]?.fromBits ?? 0
    pending = (state["pending"]?[0]?.fromBits ?? 0, state["pending"]?[1]?.int ?? 0)
    evaluationsSinceBest = state["since_best"]?.int ?? 0
    history.losses = losses.map { Double(bitPattern: UInt64(UInt(bitPattern: $0))) }
    history.lines = (state["lines"]?.array ?? []).compactMap { TrainingHistory.Line(json: $0) }
    best = nil
    if let loss = state["best"]?[0]?.fromBits, let place = state["best"]?[1]?.int { best = (loss, place, values) }
    epochBatches = nil
    caches = nil
  }
}

extension TrainingHistory.Line {
  var json: JSON {
    .array([
      .integer(step), .bits(epoch), .bits(loss), validationLoss.map { .bits($0) } ?? .null,
      metric.map { .string($0) } ?? .null,
      metricValue.map { .bits($0) } ?? .null, .bits(learningRate), .bits(seconds), .bool(isBest),
    ])
  }

  init?(json: JSON) {
    guard let step = json[0]?.int, let epoch = json[1]?.fromBits, let loss = json[2]?.fromBits,
      let rate = json[6]?.fromBits, let seconds = json[7]?.fromBits
    else { return nil }
    self.init(
      step: step, epoch: epoch, loss: loss, validationLoss: json[3]?.fromBits, metric: json[4]?.string,
      metricValue: json[5]?.fromBits, learningRate: rate, seconds: seconds, isBest: json[8]?.bool ?? false)
  }
}
