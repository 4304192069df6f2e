import Language
import Plots
import Tables
import Training
import Transformers

/// A fit that was made: its history and settings.
package final class RunValue: LanguageObject {
  let trainer: Trainer
  let model: ModelValue
  let number: Int
  let reason: StopReason
  let trains: String
  let history: TrainingHistory
  let step: Int
  let seconds: Double
  let tokens: Int

  init(_ trainer: Trainer, _ model: ModelValue, number: Int, reason: StopReason, trains: String, tokens: Int) {
    self.trainer = trainer
    self.model = model
    self.number = number
    self.reason = reason
    self.trains = trains
    self.tokens = tokens
    history = trainer.historySoFar
    step = trainer.step
    seconds = trainer.seconds
  }

  package var kind: Kind { .run }
  package var summary: String { "run \(number) of \(model.model.name): \(step) steps, \(trains)" }
  package var fieldNames: [String] { ["history", "settings", "losses", "steps", "model", "seconds", "stopped"] }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "history": return .table(try history.table())
    case "settings": return try settings()
    case "losses": return .floats(history.losses)
    case "steps": return .int(step)
    case "model": return .object(model)
    case "seconds": return .float(seconds)
    case "stopped":
      switch reason {
      case .finished: return .string("finished")
      case .interrupted: return .string("interrupted")
      case .earlyStopping: return .string("early stopping")
      case .diverged(let text): return .string(text)
      }
    default: return nil
    }
  }

  /// As it was written: a float in double would show digits that nobody gave.
  private var smoothing: Double { Double(String(trainer.settings.labelSmoothing)) ?? 0 }

  private func settings() throws -> Value {
    let s: TrainingSettings = trainer.settings
    func optional(_ number: Double?) -> Value { number.map { .float($0) } ?? .nothing }
    func optional(_ number: Int?) -> Value { number.map { .int($0) } ?? .nothing }
    let weights: Value = s.classWeights.map { .floats($0.map { Double($0) }) } ?? .nothing
    let precision: String = (s.precision ?? .float32).rawValue
    let fields: [(String, Value)] = [
      ("trains", .string(trains)), ("epochs", .int(s.epochs)), ("steps", .int(trainer.totalSteps)),
      ("batch", .int(s.batchSize)), ("lr", .float(s.learningRate)), ("optimizer", .string(s.optimizer.name)),
      ("weight_decay", .float(s.weightDecay)), ("schedule", .string(s.schedule.rawValue)),
      ("warmup", .int(trainer.warmupSteps)), ("clip", optional(s.clip)), ("dropout", optional(s.dropout)),
      ("frozen_dropout", .bool(s.frozenDropout)), ("label_smoothing", .float(smoothing)), ("class_weight", weights),
      ("layer_decay", optional(s.layerDecay)), ("accumulate", .int(s.accumulate)), ("precision", .string(precision)),
      ("early_stopping", optional(s.earlyStopping)), ("keep", .string(s.keep.rawValue)),
      ("seed", .int(Int(Int64(bitPattern: s.seed)))),
    ]
    return try .record(fields)
  }

  package func nextSteps(name: String) -> [String] {
    ["\(name).history", "plot(\(name))"] + (reason == .interrupted ? ["resume(\(name))"] : [])
  }

  package func remark(name: String) -> String? {
    switch reason {
    case .interrupted: "stopped at step \(step) of \(trainer.totalSteps); resume(\(name)) goes on"
    case .diverged(let text): text
    case .finished, .earlyStopping: nil
    }
  }

  package func svg() -> String? { chart.svg() }

  /// Losses by step, and validation losses where they were measured.
  var chart: LineChart {
    var series: [Series] = [Series("loss", history.losses, from: 1)]
    let points: [Point] = history.lines.compactMap { line in line.validationLoss.map { Point(Double(line.step), $0) } }
    if !points.isEmpty { series.append(Series("valid loss", points)) }
    return LineChart(xLabel: "step", series: series)
  }

  // MARK: Looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let epochs: Double = Double(step) / Double(trainer.stepsPerEpoch)
    let epochText: String =
      epochs == epochs.rounded() ? String(Int(epochs)) : Numbers.fixed(epochs, epochs < 1 ? 2 : 1)
    var head = StyledText("run \(number)", .heading)
    head.append(
      "   \(Numbers.grouped(step)) step\(step == 1 ? "" : "s"), \(epochText) epoch\(epochs == 1 ? "" : "s"), \(trains)")
    if size == .inline { return [StyledText("run \(number)")] }
    if size == .line { return [head.cut(to: frame.width)] }
    var lines: [StyledText] = [head]
    lines += table(frame)
    if reason == .interrupted, let remark = remark(name: "run") { lines.append(StyledText(remark, .warning)) }
    if reason == .earlyStopping {
      lines.append(StyledText("stopped early: the validation loss fell no further", .warning))
    }
    if case .diverged(let text) = reason {
      let words: [String] = text.split(separator: " ").map(String.init)
      lines += Self.lines(of: words, separator: " ", width: frame.width).map { StyledText($0, .error) }
    }
    lines += settingsLines(width: frame.width)
    if let cache = trainer.cacheBytes {
      lines.append(StyledText("the frozen part was computed once and kept: \(Figures.bytes(cache))", .faint).varying())
    }
    if seconds > 0 {
      let rate: Int = Int(min(1e12, Double(tokens) / seconds))
      lines.append(StyledText("\(Numbers.fixed(seconds, 1)) s, \(Numbers.grouped(rate)) tokens/s", .faint).varying())
    }
    return lines.prefix(frame.height).map { $0.cut(to: frame.width) }
  }

  private func table(_ frame: DisplayFrame) -> [StyledText] {
    let hasValid: Bool = history.lines.contains { $0.validationLoss != nil }
    let metric: String? = history.lines.compactMap(\.metric).first
    let metricHead: String = metric.map { "valid \($0)" } ?? ""
    var head = StyledText("        loss")
    if hasValid { head.append("   valid loss") }
    if metric != nil { head.append("  " + metricHead) }
    let losses: String = Sparkline.text(history.losses, width: 12, unicode: frame.unicode)
    head.append("        loss \(losses)", .faint)
    var lines: [StyledText] = [head.varying()]
    let shown: [TrainingHistory.Line] = history.lines.count <= 12 ? history.lines : Array(history.lines.suffix(11))
    if shown.count < history.lines.count {
      lines.append(StyledText("… \(history.lines.count - shown.count) before", .faint))
    }
    let valid: [Double] = history.lines.compactMap(\.validationLoss)
    for (place, line) in shown.enumerated() {
      let isWhole: Bool = line.epoch == line.epoch.rounded()
      var text: StyledText = StyledText(isWhole ? String(Int(line.epoch)) : Numbers.fixed(line.epoch, 2)).padded(to: 6)
      text += StyledText(Figures.three(line.loss), .number).padded(to: 6, alignRight: true)
      if hasValid {
        text += StyledText(line.validationLoss.map(Figures.three) ?? "", .number).padded(to: 13, alignRight: true)
      }
      if metric != nil {
        text += StyledText(line.metricValue.map(Figures.three) ?? "", .number)
          .padded(to: metricHead.count + 2, alignRight: true)
      }
      if line.isBest, line.step == bestStep { text.append("  best", .accent) }
      if place == 0, valid.count > 1 {
        text = text.padded(to: head.width - losses.count - 6)
        text.append(" valid \(Sparkline.text(valid, width: 12, unicode: frame.unicode))", .faint)
        text = text.varying()
      }
      lines.append(text)
    }
    return lines
  }

  private var bestStep: Int? { history.lines.last { $0.isBest }?.step }

  /// Every setting in effect, on as many lines as they need.
  private func settingsLines(width: Int) -> [StyledText] {
    let s: TrainingSettings = trainer.settings
    var parts: [String] = ["lr \(Figures.rate(s.learningRate)) (\(trains))", "batch \(s.batchSize)"]
    if s.accumulate > 1 { parts.append("accumulate \(s.accumulate)") }
    parts.append("\(s.optimizer.name) \(Numbers.text(s.weightDecay))")
    if let precision = s.precision, precision != .float32 { parts.append(precision.rawValue) }
    parts.append("\(s.schedule.rawValue), warm-up \(trainer.warmupSteps)")
    if let clip = s.clip {
      parts.append("clip \(clip == clip.rounded() ? String(Int(min(clip, 1e9))) : Numbers.text(clip))")
    }
    if let dropout = s.dropout { parts.append("dropout \(Numbers.text(dropout))") }
    if s.frozenDropout { parts.append("frozen dropout") }
    if smoothing > 0 { parts.append("label smoothing \(Numbers.text(smoothing))") }
    if let weights = s.classWeights { parts.append(Self.weights(weights, model.model.labels)) }
    if let decay = s.layerDecay { parts.append("layer decay \(Numbers.text(decay))") }
    if let patience = s.earlyStopping { parts.append("early stopping \(patience)") }
    if s.keep == .best { parts.append("keeps the best") }
    parts.append("seed \(Int64(bitPattern: s.seed))")
    return Self.lines(of: parts, separator: "  ", width: width).map { StyledText($0, .faint) }
  }

  /// What each label counts, as many as fit a few words.
  private static func weights(_ weights: [Float], _ labels: [String]) -> String {
    let shown: [String] = zip(labels, weights).prefix(4).map { label, weight in
      "\(label) \(Numbers.fixed(Double(weight), 2))"
    }
    return "weights " + shown.joined(separator: ", ") + (weights.count > 4 ? ", …" : "")
  }

  /// Parts one after the other, on as many lines as a width asks for.
  private static func lines(of parts: [String], separator: String, width: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, TextWidth.of(last) + separator.count + TextWidth.of(part) <= width {
        lines[lines.count - 1] = last + separator + part
      } else {
        lines.append(part)
      }
    }
    return lines
  }
}
