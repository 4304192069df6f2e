import Language
import TensorCore
import Transformers

/// What calling a model gives.
package final class OutputValue: LanguageObject {
  package let output: ModelOutput
  private let fields: [(name: String, value: Value)]

  package init(_ output: ModelOutput) throws {
    self.output = output
    let offsets = output.layout.offsets
    func ragged(_ rows: Tensor) -> Value { .object(TensorValue(RaggedTensor(rows, offsets: offsets))) }
    var fields: [(name: String, value: Value)] = [("last_hidden_state", ragged(output.lastHiddenState))]
    if let pooled = output.pooled { fields.append(("pooler_output", .object(TensorValue(pooled)))) }
    if let logits = output.logits {
      let perToken = logits.shape[0] == output.layout.rowCount && logits.shape[0] != output.layout.sequenceCount
      fields.append(("logits", perToken ? ragged(logits) : .object(TensorValue(logits))))
    }
    if let loss = output.loss { fields.append(("loss", try TensorValue.value(loss))) }
    if !output.hiddenStates.isEmpty {
      fields.append(("hidden_states", try .list(output.hiddenStates.map(ragged))))
    }
    if !output.attentions.isEmpty {
      let layers = try output.attentions.map { layer in
        try Value.list(layer.map { Value.object(TensorValue($0)) })
      }
      fields.append(("attentions", try .list(layers)))
    }
    self.fields = fields
  }

  package var kind: Kind { .output }
  package var summary: String { "a model's output with \(fieldNames.joined(separator: ", "))" }
  package func nextSteps(name: String) -> [String] {
    ["\(name).last_hidden_state[:, 0]", "\(name).last_hidden_state.mean(axis: 1)"]
      + (output.logits == nil ? [] : ["\(name).logits.softmax(axis: -1)"])
  }

  package var fieldNames: [String] { fields.map(\.name) }

  package func field(_ name: String) throws -> Value? {
    if let found = fields.first(where: { $0.name == name }) { return found.value }
    switch name {
    case "hidden_states", "attentions":
      throw LanguageError.message("\(name) weren't kept", help: "ask for them: model(texts, \(name): true)")
    case "logits", "loss":
      throw LanguageError.message(
        name == "loss" ? "there is no loss without labels" : "a model without a head has no logits",
        help: name == "loss"
          ? "give them in the batch: model({input_ids: [[...]], labels: [...]})"
          : "make a head, for example model.for_sequence_classification(labels: 2)")
    default: return nil
    }
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let sequences = output.layout.sequenceCount
    let heading =
      StyledText("output", .heading)
      + StyledText(
        " of \(sequences) \(sequences == 1 ? "text" : "texts"), \(Numbers.grouped(output.layout.rowCount)) tokens")
    if size != .full { return [heading.cut(to: frame.width)] }
    let width = fieldNames.map { TextWidth.of($0) }.max() ?? 0
    return [heading]
      + fields.map { field in
        let shown: String
        switch field.value {
        case .object(let tensor as TensorValue) where tensor.extents.isEmpty:
          shown = (try? tensor.floats().item()).map { Numbers.fixed(Double($0), 4) } ?? ""
        case .object(let tensor as TensorValue):
          shown = "[" + tensor.extents.map { $0.map(String.init) ?? "*" }.joined(separator: ", ") + "]"
        case .list(let list): shown = "\(list.count) layers"
        case .float(let number): shown = Numbers.fixed(number, 4)
        default: shown = ""
        }
        return
          (StyledText("  ") + StyledText(field.name, .name).padded(to: width) + StyledText("  ")
          + StyledText(shown, .number)).cut(to: frame.width)
      }
  }
}
