import Language
import Tables
import TensorCore
import Training

/// A trainer in the language: a fit that goes step by step.
package final class TrainerValue: LanguageObject {
  let trainer: Trainer
  let model: ModelValue
  let number: Int
  /// The step to stop at, where the call said one.
  private let stop: Int?

  init(_ trainer: Trainer, _ model: ModelValue, number: Int, stop: Int? = nil) {
    self.trainer = trainer
    self.model = model
    self.number = number
    self.stop = stop
  }

  /// The step after which there is no further one.
  var end: Int { min(stop ?? trainer.totalSteps, trainer.totalSteps) }
  var isAtEnd: Bool { trainer.step >= end }

  package var kind: Kind { .trainer }
  package var hasIdentity: Bool { true }
  package var summary: String { "a trainer of \(model.model.name) at step \(trainer.step) of \(end)" }
  package var fieldNames: [String] { ["lr", "current_lr", "at", "total", "model", "history", "losses"] }
  package var settableFields: [String] { ["lr"] }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "lr": return .float(trainer.learningRate)
    case "current_lr": return .float(trainer.currentLearningRate)
    case "at": return .int(trainer.step)
    case "total": return .int(end)
    case "model": return .object(model)
    case "history": return .table(try trainer.history.table())
    case "losses": return .floats(trainer.history.losses)
    default: return nil
    }
  }

  package func setField(_ name: String, to value: Value) throws {
    let rate: Double
    switch value {
    case .float(let number): rate = number
    case .int(let number): rate = Double(number)
    default: throw LanguageError.message("lr is a number, got \(value.kind.phrase)")
    }
    guard rate >= 0, rate.isFinite else { throw LanguageError.message("lr must be 0 or more, got \(rate)") }
    trainer.learningRate = rate
  }

  package func snapshot() -> (any ObjectSnapshot)? { TrainerState.Snapshot(trainer) }
  package func nextSteps(name: String) -> [String] {
    ["\(name).step()", "\(name).epoch()", "\(name).run()", "\(name).lr = 1e-4"]
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    var line = StyledText("trainer", .heading)
    line.append(
      " of \(model.model.name)   step \(trainer.step) of \(Numbers.grouped(end)), epoch \(trainer.epoch + 1)"
    )
    line.append("   lr \(Figures.rate(trainer.learningRate)), \(FitArguments.trainable(model.model))")
    return [line.cut(to: frame.width)]
  }
}

extension Builtin {
  /// Words that train step by step.
  static let trainerWords: [Builtin] = [makeTrainer, step, epoch, runTrainer]

  private static let makeTrainer = Builtin(
    "trainer", area: .training, on: [.model], returns: .trainer,
    summary: "A fit to go through step by step: step(), epoch(), run(); lr can be set between steps.",
    parameters: FitArguments.parameters, keywords: ["training loop", "optimizer.step", "manual"],
    python: "for batch in loader: model(**batch).loss.backward(); optimizer.step(); optimizer.zero_grad()",
    examples: [Example("\(tinyHead); t = m.trainer(\(tinyRows), batch: 2); t.step(); t.at", gives: 1)],
    seeAlso: ["fit", "step", "epoch", "run"], makesNew: true, plan: { try FitArguments.plan($0) }
  ) { given in
    let call: Call = SweepOverrides.filled(given)
    let (trainer, model, stop) = try FitArguments.trainer(call)
    return .object(TrainerValue(trainer, model, number: model.model.fitCount + 1, stop: stop))
  }

  private static let step = Builtin(
    "step", area: .training, on: [.trainer], returns: .report,
    summary: "One step: its batch, loss, gradients and update, module by module.",
    keywords: ["backward", "optimizer.step", "gradient"], python: "loss.backward(); optimizer.step()",
    examples: [Example("\(tinyHead); m.trainer(\(tinyRows), batch: 2).step()", kind: .report)],
    seeAlso: ["trainer", "epoch", "run"]
  ) { call in
    let value: TrainerValue = try call.receiver(as: TrainerValue.self)
    guard !value.isAtEnd else { throw call.error("the trainer is at its end") }
    call.willChange(value)
    call.willChange(value.model)
    let writer = try CheckpointWriter(value.trainer, call)
    let report: StepReport = try value.trainer.makeStep(detailed: true)
    if let writer, value.trainer.step % writer.every == 0 { try writer.write(value.trainer) }
    return .object(try stepReport(report))
  }

  private static func stepReport(_ report: StepReport) throws -> ReportValue {
    var head = StyledText("step \(report.step) of \(report.totalSteps)", .heading)
    head.append("   rows \(report.rows.prefix(8).map(String.init).joined(separator: " "))")
    if report.rows.count > 8 { head.append(" … \(report.rows.count - 8) more", .faint) }
    var second = StyledText("loss ")
    second.append(Figures.three(report.loss), .number)
    second.append("   gradient norm ")
    second.append(Figures.three(report.gradientNorm), .number)
    second.append("   lr ")
    second.append(Figures.rate(report.learningRate), .number)
    second.append("   \(report.tokens) tokens")
    var lines: [StyledText] = [head, second]
    if let logits = report.logits { lines.append(logitsLine(logits)) }
    let width: Int = min(44, report.modules.map(\.name.count).max() ?? 0)
    lines.append(StyledText(String(repeating: " ", count: width) + "  gradient    update   of weight", .faint))
    let largest = report.modules.sorted { $0.gradientNorm > $1.gradientNorm }
    for module in largest {
      var line: StyledText = StyledText(module.name, .name).cut(to: width).padded(to: width)
      line += StyledText(brief(module.gradientNorm), .number).padded(to: 10, alignRight: true)
      line += StyledText(brief(module.updateNorm), .number).padded(to: 10, alignRight: true)
      let share: Double = module.weightNorm > 0 ? module.updateNorm / module.weightNorm : 0
      line += StyledText(Numbers.percent(share), .number).padded(to: 12, alignRight: true)
      lines.append(line)
    }
    let logits: Value = report.logits.map { .object(TensorValue($0.detached)) } ?? .nothing
    let modules: Table = try Table([
      ("module", .strings(report.modules.map(\.name))), ("gradient_norm", .reals(report.modules.map(\.gradientNorm))),
      ("update_norm", .reals(report.modules.map(\.updateNorm))),
      ("weight_norm", .reals(report.modules.map(\.weightNorm))),
    ])
    return ReportValue(
      "step \(report.step): loss \(Figures.three(report.loss))",
      fields: [
        ("loss", .float(report.loss)), ("gradient_norm", .float(report.gradientNorm)),
        ("lr", .float(report.learningRate)),
        ("rows", .ints(report.rows)), ("logits", logits), ("modules", .table(modules)), ("step", .int(report.step)),
      ], lines: lines)
  }

  /// The first rows of the logits, each in brackets.
  private static func logitsLine(_ logits: Tensor) -> StyledText {
    var line = StyledText("logits ")
    line.append("\(logits.shape)", .faint)
    let width: Int = max(1, logits.shape.last ?? 1)
    let values: [Float] = Array(logits.elements.prefix(12 * width))
    for start in stride(from: 0, to: values.count, by: width) {
      let row: ArraySlice<Float> = values[start..<min(start + min(width, 4), values.count)]
      let text: String = row.map { Numbers.fixed(Double($0), 2) }.joined(separator: " ")
      let part: String = "  (" + text + (width > 4 ? " …)" : ")")
      if TextWidth.of(line.plain + part) > 74 {
        line.append(" …", .faint)
        break
      }
      line.append(part, .number)
    }
    return line
  }

  private static func brief(_ value: Double) -> String {
    value == 0 ? "0" : value >= 0.001 && value < 10_000 ? Figures.three(value) : Figures.rate(value)
  }

  private static let epoch = Builtin(
    "epoch", area: .training, on: [.trainer], returns: .run, summary: "Step to the end of the epoch.",
    parameters: [someSteps], keywords: ["train", "pass"], python: "for batch in loader: ...",
    examples: [Example("\(tinyHead); m.trainer(\(tinyRows), batch: 2).epoch().steps", gives: 2)],
    seeAlso: ["trainer", "step", "run"]
  ) { call in
    let value: TrainerValue = try call.receiver(as: TrainerValue.self)
    return try runTrainer(value, call, upTo: (value.trainer.epoch + 1) * value.trainer.stepsPerEpoch)
  }

  private static let runTrainer = Builtin(
    "run", area: .training, on: [.trainer], returns: .run, summary: "Step to the end.",
    parameters: [someSteps], keywords: ["train", "fit"], python: "trainer.train()",
    examples: [Example("\(tinyHead); m.trainer(\(tinyRows), batch: 2, epochs: 1).run().steps", gives: 2)],
    seeAlso: ["trainer", "step", "epoch"]
  ) { call in try runTrainer(call.receiver(as: TrainerValue.self), call, upTo: .max) }

  private static func runTrainer(_ value: TrainerValue, _ call: Call, upTo step: Int) throws -> Value {
    guard !value.isAtEnd else { throw call.error("the trainer is at its end") }
    let asked: Int? = try stop(call, value.trainer)
    let end: Int = min(asked ?? .max, step, value.end)
    call.willChange(value)
    call.willChange(value.model)
    value.model.model.fitCount = max(value.model.model.fitCount, value.number)
    return .object(try run(value.trainer, value.model, call, number: value.number, until: end))
  }
}
