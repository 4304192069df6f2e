import Language
import TensorCore
import Training

extension FitArguments {
  /// What the call's fit will take, as a report.
  static func plan(_ call: Call) throws -> Value {
    let (trainer, model, stop) = try trainer(call)
    let plan = try TrainingPlan(trainer, until: stop) { done, total in try call.progress("measuring", done, total) }
    Storage.trim()
    return .object(try report(plan, trainer, model))
  }

  private static func report(_ plan: TrainingPlan, _ trainer: Trainer, _ model: ModelValue) throws -> ReportValue {
    let share: Double = Double(plan.trainableCount) / Double(max(1, plan.parameterCount))
    func line(_ name: String, _ text: String, _ rest: String = "", varies: Bool = false) -> StyledText {
      var line: StyledText = StyledText(name, .name).padded(to: 12)
      line.append(text, .number)
      if !rest.isEmpty { line.append("  " + rest, .faint) }
      return varies ? line.varying() : line
    }
    let epochs: String =
      plan.epochs == plan.epochs.rounded() ? String(Int(plan.epochs)) : Numbers.fixed(plan.epochs, 1)
    var lines: [StyledText] = [
      StyledText("plan", .heading)
        + StyledText(
          " of a fit: \(Numbers.grouped(trainer.data.count)) rows, \(epochs) epoch\(plan.epochs == 1 ? "" : "s"), "
            + "\(Numbers.grouped(plan.steps)) steps; nothing is trained yet"),
      line(
        "trains", "\(Numbers.grouped(plan.trainableCount)) of \(Numbers.grouped(plan.parameterCount))",
        "parameters (\(Numbers.percent(share))), \(trainable(model.model))"),
      line(
        "memory", Figures.bytes(plan.memoryBytes),
        "weights \(Figures.bytes(plan.weightBytes)), gradients \(Figures.bytes(plan.gradientBytes)), "
          + "optimizer \(Figures.bytes(plan.optimizerBytes))", varies: true),
      line("", "", "a step of the longest batch \(Figures.bytes(plan.activationBytes))", varies: true),
    ]
    if let bytes = plan.cacheBytes {
      let place: String = plan.cacheIsOnDisk ? "in a file without a name" : "in memory"
      lines.append(
        line(
          "cache", Figures.bytes(bytes),
          "\(place): the frozen part once, \(plan.cacheKeepsOneRow ? "one row a text" : "every token's row")"))
    } else {
      lines.append(line("cache", "none", why(trainer)))
    }
    var parts: [String] = []
    if plan.cacheBytes != nil { parts.append("frozen part \(Numbers.duration(plan.cacheSeconds))") }
    parts.append("steps \(Numbers.duration(plan.stepSeconds))")
    if plan.evaluations > 0 {
      let times: String = plan.evaluations == 1 ? "1 measurement" : "\(plan.evaluations) measurements"
      parts.append("\(times) \(Numbers.duration(plan.evaluationSeconds))")
    }
    lines.append(line("time", "about " + Numbers.duration(plan.seconds), parts.joined(separator: ", "), varies: true))
    lines.append(
      line(
        "settings", "lr \(Figures.rate(trainer.learningRate))",
        "batch \(trainer.settings.batchSize), \(trainer.settings.optimizer.name)"))
    let forgotten: String =
      plan.measuredSteps == 1 ? "1 step of a copy, which is" : "\(plan.measuredSteps) steps of a copy, which are"
    lines.append(StyledText("measured on \(forgotten) forgotten", .faint).varying())
    return ReportValue(
      "plan of \(Numbers.grouped(plan.steps)) steps", fields: [("steps", .int(plan.steps))], lines: lines)
  }

  /// Why nothing is computed once and kept.
  private static func why(_ trainer: Trainer) -> String {
    if trainer.settings.frozenDropout { return "frozen_dropout draws anew each time" }
    if trainer.totalSteps <= trainer.stepsPerEpoch { return "each text is seen once" }
    return "no whole block stands before what trains"
  }
}
