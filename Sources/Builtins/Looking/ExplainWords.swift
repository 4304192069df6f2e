import Foundation
import Language
import Plots
import Tables
import TensorCore
import Tokenizers
import Training
import Transformers

extension Builtin {
  /// Words that look into a trained model.
  static let explainWords: [Builtin] = [explain, drift]

  private static let explain = Builtin(
    "explain", area: .looking, on: [.model], returns: .report,
    summary: "Each word's share in a classifier's decision.",
    details: [
      "share: integrated gradients from a text without words to this one; + speaks for the label, - against it.",
      "left out: how the label's probability changes when the word is left out, as a check.",
    ],
    parameters: [
      .positional("text", .string, "a text"),
      .named("label", .string, shown: "the most probable", "the label to explain"),
    ],
    keywords: ["attribution", "integrated gradients", "saliency", "captum", "interpret", "why"],
    python: "captum.attr.LayerIntegratedGradients(f, model.get_input_embeddings()).attribute(ids, baseline)",
    examples: [Example("\(tinyHead); m.explain(\"a b\", label: \"good\").label", gives: "good")],
    seeAlso: ["predict", "attention", "errors"]
  ) { call in .object(try explanation(call)) }

  private struct Word {
    let text: String
    var share: Double
    let tokens: [Int]
    var leftOut: Double = 0
  }

  private static func explanation(_ call: Call) throws -> ReportValue {
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    guard model.headKind == .sequenceClassification, model.configuration.effectiveProblem == .singleLabel else {
      throw call.error("explain is for models that choose a label for a text")
    }
    let encoder = try TextEncoder(model, call, maxLength: nil)
    let text: String = try call.string("text")
    let encoding: Encoding = try encoder.tokenizer.encode(
      text, truncation: encoder.maxLength.map { Truncation(maxLength: $0) })
    guard encoding.wordIDs.contains(where: { $0 != nil }) else { throw call.error("the text has no words", at: "text") }
    let label: Int? = try call.stringIfAny("label").map {
      try call.place(of: $0, among: model.labels, at: "label")
    }
    let neutral: Int = model.configuration.paddingTokenID ?? encoding.ids[0]
    let baseline: [Int] = zip(encoding.ids, encoding.wordIDs).map { $1 == nil ? $0 : neutral }
    let found = try Attribution(model, ids: encoding.ids, types: encoding.typeIDs, baseline: baseline, label: label)
    var words: [Word] = words(encoding, found.shares, text)
    try leaveOut(&words, model, encoding, found, call)
    let name: String = model.labels[found.label]
    let table = try Table([
      ("word", .strings(words.map(\.text))), ("share", .reals(words.map(\.share))),
      ("left_out", .reals(words.map(\.leftOut))),
    ])
    return ReportValue(
      "why \(name): shares of \(words.count) words",
      fields: [
        ("label", .string(name)), ("probability", .float(found.probabilities[found.label])), ("words", .table(table)),
        ("logit", .float(found.logit)), ("baseline_logit", .float(found.baselineLogit)),
      ], lines: lines(words, name, found.probabilities[found.label]),
      picture: WordShares(
        title: "\(name) \(Figures.two(found.probabilities[found.label]))",
        words: words.map { WordShares.Word($0.text, $0.share) }))
  }

  private static func words(_ encoding: Encoding, _ shares: [Double], _ text: String) -> [Word] {
    let scalars: [Unicode.Scalar] = Array(text.unicodeScalars)
    var words: [Word] = []
    var last: Int?
    for (token, word) in encoding.wordIDs.enumerated() {
      guard let word else { continue }
      if word == last, let own = words.last {
        words[words.count - 1] = Word(
          text: own.text + piece(encoding.offsets[token], scalars), share: own.share + shares[token],
          tokens: own.tokens + [token])
      } else {
        words.append(Word(text: piece(encoding.offsets[token], scalars), share: shares[token], tokens: [token]))
      }
      last = word
    }
    return words
  }

  private static func piece(_ range: Range<Int>, _ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[range.clamped(to: 0..<scalars.count)])
    return String(view)
  }

  /// How the label's probability changes without each word, up to 64 of them.
  private static func leaveOut(
    _ words: inout [Word], _ model: PretrainedModel, _ encoding: Encoding, _ found: Attribution, _ call: Call
  ) throws {
    for start in stride(from: 0, to: min(words.count, 64), by: 16) {
      try call.progress("leaving out", start, words.count)
      let range: Range<Int> = start..<min(start + 16, words.count, 64)
      let kept: [[Int]] = range.map { place in
        encoding.ids.indices.filter { !words[place].tokens.contains($0) }
      }
      let batch = Batch(
        kept.map { $0.map { encoding.ids[$0] } }, tokenTypeIDs: kept.map { $0.map { encoding.typeIDs[$0] } })
      let probabilities: Tensor = try model.logits(batch).softmax(axis: 1)
      let width: Int = probabilities.shape[1]
      let flat: [Float] = probabilities.elements
      for (row, place) in range.enumerated() {
        words[place].leftOut = Double(flat[row * width + found.label]) - found.probabilities[found.label]
      }
    }
  }

  private static func lines(_ words: [Word], _ label: String, _ probability: Double) -> [StyledText] {
    var lines: [StyledText] = [StyledText("\(label) \(Figures.two(probability))", .heading)]
    let width: Int = max(4, min(20, words.map { TextWidth.of($0.text) }.max() ?? 0))
    let peak: Double = max(1e-12, words.map { abs($0.share) }.max() ?? 0)
    // The text with its marks below, as far as there is room beside the figures.
    let drawn: [String] = WordShares(title: "", words: words.map { WordShares.Word($0.text, $0.share) })
      .text(TextStyle(width: 77))
    for (place, line) in drawn.prefix(6).enumerated() {
      lines.append(StyledText(line, place % 2 == 0 ? .plain : .good))
    }
    if drawn.count > 6 { lines.append(StyledText("… \((drawn.count - 6) / 2) more lines", .faint)) }
    lines.append(StyledText(String(repeating: " ", count: width) + "   share  left out", .faint))
    let room: Int = 19 - lines.count
    let shown: [Word] =
      words.count <= room
      ? words
      : words.enumerated().sorted { abs($0.element.share) > abs($1.element.share) }
        .prefix(room - 1).sorted { $0.offset < $1.offset }.map(\.element)
    for word in shown {
      var line: StyledText = StyledText(word.text, .name).cut(to: width).padded(to: width)
      line += StyledText(signed(word.share), .number).padded(to: 8, alignRight: true)
      line += StyledText(signed(word.leftOut), .number).padded(to: 10, alignRight: true)
      let cells: Int = Int((abs(word.share) / peak * 24).rounded())
      if cells > 0 {
        line.append(
          "  " + String(repeating: word.share < 0 ? "-" : "+", count: cells), word.share < 0 ? .warning : .good)
      }
      lines.append(line)
    }
    if shown.count < words.count {
      lines.append(StyledText("… \(words.count - shown.count) words with smaller shares", .faint))
    }
    return lines
  }

  private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + Figures.three(value) }

  private static let drift = Builtin(
    "drift", area: .looking, on: [.model], subject: "before", returns: .plot,
    summary: "How far each layer's representations of texts moved between two models.",
    details: ["1 - cosine of the mean-pooled rows: 0 is unmoved, 1 unrelated."],
    parameters: [
      .positional("after", .kind(.model), "the model after training"),
      .positional("texts", .either([.kind(.table), .kind(.column), .list, .string]), "texts for both"),
      .named("text", .string, default: "text", "the column that holds the text"),
      .named("pair", .string, default: "pair", "the column of a second text"),
    ],
    keywords: ["catastrophic forgetting", "representation", "cka", "distance", "change"],
    python: "1 - F.cosine_similarity(before, after)",
    examples: [Example("drift(tiny, tiny, [\"a b\"]).cosine_distance[0].round(4)", gives: 0.0)],
    seeAlso: ["fit", "features"]
  ) { call in
    let before: PretrainedModel = try call.receiver(as: ModelValue.self).model
    let after: PretrainedModel = try call.object("after", as: ModelValue.self).model
    let (texts, pairs) = try call.textsAndPairs(call.value("texts"), "texts")
    guard !texts.isEmpty else { throw call.error("there are no texts", at: "texts") }
    let encoded = try TextEncoder(before, call, maxLength: nil).encode(texts, pairs: pairs)
    let batches: [Batch] = stride(from: 0, to: texts.count, by: 16).map { start in
      let range: Range<Int> = start..<min(start + 16, texts.count)
      return Batch(range.map { encoded.ids[$0] }, tokenTypeIDs: range.map { encoded.types[$0] })
    }
    let found = try Drift(before, after, batches) { done, total in try call.progress("drift", done, total) }
    let bars: [BarChart.Bar] = found.layers.map {
      BarChart.Bar(
        $0.layer == 0 ? "embeddings" : "block \($0.layer - 1)", $0.cosineDistance,
        label: Figures.three($0.cosineDistance))
    }
    return .object(
      PlotValue(
        BarChart(title: "moved, 1 - cosine", bars: bars, barWidth: 40),
        "drift of \(found.layers.count) layers over \(texts.count) texts",
        fields: [
          ("cosine_distance", .floats(found.layers.map(\.cosineDistance))),
          ("relative_change", .floats(found.layers.map(\.relativeChange))),
        ]))
  }
}
