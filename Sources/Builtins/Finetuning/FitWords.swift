import Files
import Language
import Plots
import Tables
import TensorCore
import Training
import Transformers

extension Builtin {
  /// Words that finetune.
  static let fitWords: [Builtin] = [fit, resumeRun, resumeFolder, sweep, plotRun]

  /// Rows to learn from, for examples.
  static let tinyRows: String =
    #"table({text: ["a b", "c d", "a", "c"], label: ["bad", "good", "bad", "good"]})"#
  static let tinyHead: String = #"m = tiny.for_sequence_classification(labels: ["bad", "good"])"#

  private static let fit = Builtin(
    "fit", area: .training, on: [.model], returns: .run,
    summary: "Finetune what isn't frozen on labelled texts; the model itself changes.",
    details: [
      "Ctrl-C stops after the step and keeps what was reached; resume(run) goes on, :undo takes it back.",
      "What stands before the first trainable part is computed once for each text and kept.",
      ":plan model.fit(...) says beforehand what it will take.",
    ],
    parameters: FitArguments.parameters,
    keywords: [
      "train", "finetuning", "fine-tuning", "fine-tune", "Trainer", "training_args", "overfitting", "batch size",
      "class imbalance", "mixed precision",
    ],
    python: "Trainer(model, args, train_dataset=train).train()",
    examples: [
      Example("\(tinyHead); m.fit(\(tinyRows), epochs: 2, batch: 2).steps", gives: 4),
      Example("\(tinyPrompt); tiny.for_masked_lm().fit(\(tinyRows), prompt: p, epochs: 2, batch: 2).steps", gives: 4),
      Example("\(tinyHead); m.freeze(); m.fit(\(tinyRows))", fails: "frozen"),
    ], seeAlso: ["freeze", "unfreeze", "trainer", "evaluate", "resume", "reset"],
    plan: { try FitArguments.plan($0) }
  ) { given in
    let call: Call = SweepOverrides.filled(given)
    let (trainer, model, stop) = try FitArguments.trainer(call)
    call.willChange(model)
    let count: Int = FitCounts.next(model.model)
    if count > 1 { call.note("\(call.receiverName ?? model.model.name) was fitted before: this goes on from there") }
    if let length = try FitData(model.model, call).maxLength {
      model.model.trainedMaxLength = length
    }
    return .object(try run(trainer, model, call, number: count, until: stop))
  }

  /// Runs a trainer to its end, or to where the person stops it, with checkpoints where it writes them.
  static func run(
    _ trainer: Trainer, _ model: ModelValue, _ call: Call, number: Int, until: Int? = nil
  ) throws -> RunValue {
    let trains: String = FitArguments.trainable(model.model)
    let start: Int = trainer.step
    var tokens: Int = 0
    let writer = try CheckpointWriter(trainer, call)
    let end: Int = min(until ?? trainer.totalSteps, trainer.totalSteps)
    let reason: StopReason = try trainer.run(
      until: until,
      onStep: { report in
        tokens += report.tokens
        do {
          let rate: String = "loss \(Figures.three(report.loss))"
          try call.progress("fit", report.step, end, rate: rate)
          return true
        } catch LanguageError.interrupted {
          return false
        }
      },
      checkpointEvery: writer?.every,
      checkpoint: { try writer?.write($0) })
    Storage.trim()  // what the steps needed, the rest of the session may not
    if reason == .interrupted { call.stoppedEarly(replayWith: "steps", .int(trainer.step - start)) }
    return RunValue(trainer, model, number: number, reason: reason, trains: trains, tokens: tokens)
  }

  /// So many steps and no further, for words that go on with a trainer: what a stop by Ctrl-C is saved as.
  static let someSteps: Language.Parameter = .named("steps", .int, shown: "all", "stop after so many further steps")

  /// The step at which such a word stops; nil for the end.
  static func stop(_ call: Call, _ trainer: Trainer) throws -> Int? {
    guard let steps = try call.intIfAny("steps") else { return nil }
    guard steps >= 1 else { throw call.error("steps: expected at least 1, got \(steps)", at: "steps") }
    return trainer.step + min(steps, trainer.totalSteps)
  }

  private static let resumeRun = Builtin(
    "resume", area: .training, on: [.run], returns: .run, summary: "Go on with a fit that was stopped.",
    parameters: [someSteps],
    keywords: ["continue", "restart"], python: "trainer.train(resume_from_checkpoint=True)",
    examples: [
      Example("\(tinyHead); r = m.fit(\(tinyRows), epochs: 2, batch: 2, steps: 1); resume(r).steps", gives: 4)
    ],
    seeAlso: ["fit", "trainer"]
  ) { call in
    let old: RunValue = try call.receiver(as: RunValue.self)
    guard !old.trainer.isFinished, old.trainer.step == old.step else {
      throw call.error(
        old.trainer.isFinished ? "this run is at its end" : "this run was gone on with already",
        help: "fit the model again: it goes on from where it is")
    }
    call.willChange(old.model)
    call.willChange(TrainerState(old.trainer))
    return .object(try run(old.trainer, old.model, call, number: old.number, until: stop(call, old.trainer)))
  }

  private static let resumeFolder = Builtin(
    "resume", area: .training, on: [.string], subject: "path", returns: .run,
    summary: "Go on with a fit from its checkpoint; run.model is the model.",
    parameters: [someSteps],
    keywords: ["checkpoint", "continue", "killed"], python: #"trainer.train(resume_from_checkpoint="dir")"#,
    examples: [Example(#"resume("no such folder")"#, fails: "no such folder")], seeAlso: ["fit"]
  ) { call in
    let path: String = try call.string("path")
    let trainer: Trainer = try Trainer.resume(path, access: try call.service())
    return .object(
      try run(trainer, ModelValue(trainer.model), call, number: 1, until: stop(call, trainer)))
  }

  private static let plotRun = Builtin(
    "plot", area: .looking, on: [.run], returns: .plot, summary: "Draw the losses of a run.",
    keywords: ["loss curve", "history"], python: "plt.plot(losses)",
    examples: [Example("\(tinyHead); plot(m.fit(\(tinyRows), epochs: 2, batch: 2))", kind: .plot)], seeAlso: ["fit"]
  ) { call in .object(PlotValue(try call.receiver(as: RunValue.self).chart, "losses of a run")) }
}

/// How often each model was fitted.
enum FitCounts {
  /// The number of the fit that begins now.
  static func next(_ model: PretrainedModel) -> Int {
    model.fitCount += 1
    return model.fitCount
  }
}

/// A trainer as a thing whose state can be taken back.
final class TrainerState: LanguageObject {
  private let trainer: Trainer
  init(_ trainer: Trainer) { self.trainer = trainer }
  var kind: Kind { .trainer }
  var hasIdentity: Bool { true }
  func isEqual(to other: any LanguageObject) -> Bool { (other as? TrainerState)?.trainer === trainer }
  func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] { [StyledText("trainer")] }
  func snapshot() -> (any ObjectSnapshot)? { Snapshot(trainer) }

  final class Snapshot: ObjectSnapshot {
    private let trainer: Trainer
    private let state: Trainer.State
    init(_ trainer: Trainer) {
      self.trainer = trainer
      state = trainer.state()
    }
    var heldBytes: Int { state.byteCount }
    func restore() { trainer.restore(state) }
  }
}
