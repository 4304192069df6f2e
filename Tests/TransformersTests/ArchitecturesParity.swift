import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// Every architecture and head of fixtures `arch/` against transformers: hidden states, logits, losses, gradients.
@Suite struct ArchitecturesParity {
  private static let kinds: [String: HeadKind] = [
    "seqcls": .sequenceClassification, "seqcls_regression": .sequenceClassification,
    "seqcls_multi_label_classification": .sequenceClassification, "tokcls": .tokenClassification,
    "qa": .questionAnswering, "mlm": .maskedLM, "lm": .causalLM,
  ]

  @Test func everyCase() throws {
    var report = ParityReport("arch")
    for family in Fixtures.folders(in: "arch") {
      for head in Fixtures.folders(in: "arch/\(family)") {
        let folder = "arch/\(family)/\(head)"
        let sides = Fixtures.files(in: "arch/\(family)", withExtension: "safetensors")
          .filter { $0.hasPrefix("inputs_") }.map { $0.dropFirst("inputs_".count).dropLast(".safetensors".count) }
          .filter { Fixtures.exists("\(folder)/expected_\($0).safetensors") }
        #expect(!sides.isEmpty, "\(folder): nothing is expected of it")
        for side in sides.map(String.init) {
          let inputs = "arch/\(family)/inputs_\(side).safetensors"
          if head == "base" {
            try compareBase(family, folder, side, inputs)
          } else if Self.kinds[head] != nil {
            try compareHead(family, folder, head, side, inputs)
          } else {
            report.notYet("arch/\(head)")
            continue
          }
          report.compared("\(family)/\(head)/\(side)")
        }
      }
    }
    report.finish()
  }

  /// Within 1e-5 of the tensor's peak.
  private func expectAgree(
    _ actual: [Float], _ expected: [Float], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectClose(actual, expected, ofPeak: 1e-5, what, sourceLocation: sourceLocation)
  }

  private func load(_ folder: String) throws -> PretrainedModel {
    let model = try PretrainedModel.load(Fixtures.url(folder).path, access: Fixtures.access)
    #expect(model.notes.isEmpty, "\(folder): \(model.notes)")
    return model
  }

  /// RoBERTa counts its own positions; XLNet has none.
  private func givesPositions(_ family: String) -> Bool { family != "roberta" && family != "xlnet" }

  private func compareBase(_ family: String, _ folder: String, _ side: String, _ inputs: String) throws {
    let model = try load(folder)
    let expected = try NamedTensors("\(folder)/expected_\(side).safetensors")
    let padded = try PaddedBatch(NamedTensors(inputs), keepsPadding: false, positions: givesPositions(family))
    let pass = ForwardContext()
    pass.keepsHiddenStates = true
    let output = try model(padded.batch, pass)
    expectAgree(
      output.lastHiddenState.elements, padded.rows(try expected.tensor("last_hidden_state")),
      "\(folder) \(side) last_hidden_state")
    if expected.has("pooler_output"), side == "right" {
      let pooled = try #require(output.pooled)
      expectAgree(
        pooled.elements, try expected.tensor("pooler_output").elements, "\(folder) pooler_output")
    }
    for (index, hidden) in output.hiddenStates.enumerated() {
      expectAgree(
        hidden.elements, padded.rows(try expected.tensor("hidden_states.\(index)")),
        "\(folder) \(side) hidden_states.\(index)")
    }
    #expect(!expected.has("hidden_states.\(output.hiddenStates.count)"))
    if expected.has("pooler_output"), side == "left" { try compareLeftPooler(model, expected, inputs, folder) }
    if expected.has("last_hidden_state_with_position_ids") {
      var batch = padded.batch
      batch.positionIDs = padded.rows(try expected.indices("position_ids"))
      expectAgree(
        try model(batch).lastHiddenState.elements,
        padded.rows(try expected.tensor("last_hidden_state_with_position_ids")),
        "\(folder) \(side) with position_ids")
      batch.positionIDs = nil
      expectAgree(
        try model(batch).lastHiddenState.elements,
        padded.rows(try expected.tensor("last_hidden_state_with_position_ids")),
        "\(folder) \(side) ragged, own positions")
    }
    if expected.has("single_row1_no_mask_last_hidden_state") {
      let range = padded.batch.sequenceOffsets[1]..<padded.batch.sequenceOffsets[2]
      let one = Batch(
        [Array(padded.batch.tokenIDs[range])], tokenTypeIDs: padded.batch.tokenTypeIDs.map { [Array($0[range])] })
      expectAgree(
        try model(one).lastHiddenState.elements,
        try expected.tensor("single_row1_no_mask_last_hidden_state").elements,
        "\(folder) \(side) row 1 alone")
    }
  }

  /// With padding on the left the reference pools a padding row: it is kept, seen by nobody.
  private func compareLeftPooler(
    _ model: PretrainedModel, _ expected: NamedTensors, _ inputs: String, _ folder: String
  ) throws {
    let positions = model.architecture.modelType != "roberta"
    let padded = try PaddedBatch(NamedTensors(inputs), keepsPadding: true, positions: positions)
    let pooled = try #require(try model(padded.batch).pooled)
    expectAgree(
      pooled.elements, try expected.tensor("pooler_output").elements, "\(folder) left pooler_output")
  }

  private func compareHead(
    _ family: String, _ folder: String, _ head: String, _ side: String, _ inputsPath: String
  ) throws {
    let model = try load(folder)
    #expect(model.headKind == Self.kinds[head])
    let inputs = try NamedTensors(inputsPath)
    let expected = try NamedTensors("\(folder)/expected_\(side).safetensors")
    // Answers' probabilities count padding, a first or last row may be padding: then it stays, seen by nobody.
    let isCausal = model.architecture.isDecoder
    let readsPadding = head == "qa" || (!isCausal && head.hasPrefix("seqcls")) || (family == "xlnet" && head == "lm")
    let padded = try PaddedBatch(inputs, keepsPadding: readsPadding, positions: givesPositions(family))
    if family == "xlnet", head == "lm" { return try compareTargets(model, folder, side, inputs, padded, expected) }
    let labels = try self.labels(head, inputs, expected, padded)
    try compare(
      model, padded, labels, head: head, expected, "\(folder) \(side)", gradients: "\(folder)/grads_\(side).safetensors"
    )
    if head == "qa", Fixtures.exists("\(folder)/expected_\(side)_out_of_range.safetensors") {
      let other = try NamedTensors("\(folder)/expected_\(side)_out_of_range.safetensors")
      let loss = try #require(try model(padded.batch, labels: spans(other, padded)).loss)
      expectClose([try loss.item()], try other.tensor("loss").elements, absolute: 1e-5, "\(folder) out of range")
    }
    if head.hasPrefix("seqcls"), !readsPadding || side == "right" {
      try compareTrimmed(model, padded.batch, expected, folder)
    }
  }

  /// The last block computed for the head's rows only gives the same logits.
  private func compareTrimmed(
    _ model: PretrainedModel, _ batch: Batch, _ expected: NamedTensors, _ folder: String
  ) throws {
    expectAgree(
      try model.logits(batch).elements, try expected.tensor("logits").elements, "\(folder) trimmed")
  }

  private func compare(
    _ model: PretrainedModel, _ padded: PaddedBatch, _ labels: Labels, head: String, _ expected: NamedTensors,
    _ what: String, gradients path: String
  ) throws {
    let output = try model(padded.batch, labels: labels, ForwardContext(isRecording: true))
    let logits = try #require(output.logits)
    if head == "qa" {
      for (column, name) in ["start_logits", "end_logits"].enumerated() {
        let own = try logits.sliced(axis: 1, column..<(column + 1)).elements
        expectAgree(
          padded.real(own), padded.real(padded.rows(try expected.tensor(name))), "\(what) \(name)")
      }
    } else {
      let wanted = try expected.tensor("logits")
      let rows = wanted.shape.count == 3 ? padded.rows(wanted) : wanted.elements
      expectAgree(logits.elements, rows, "\(what) logits")
    }
    let loss = try #require(output.loss)
    expectClose([try loss.item()], try expected.tensor("loss").elements, absolute: 1e-5, "\(what) loss")
    try compareGradients(model, loss, path, what)
    // The way a fit computes the loss: trimmed to the rows that the head reads.
    guard padded.batch.visibility == nil else { return }
    let short = try model.loss(padded.batch, labels, ForwardContext(isRecording: true))
    expectClose([try short.item()], try expected.tensor("loss").elements, absolute: 1e-5, "\(what) trimmed loss")
    try compareGradients(model, short, path, what + " trimmed")
  }

  private func compareGradients(_ model: PretrainedModel, _ loss: Tensor, _ path: String, _ what: String) throws {
    let wanted = try NamedTensors(path)
    let gradients = try loss.backward()
    #expect(Set(model.parameters.map(\.name)) == Set(wanted.names), "\(what): parameters")
    for parameter in model.parameters {
      let expected = try wanted.tensor(parameter.name)
      let got = try gradients[parameter.leaf] ?? Tensor(zeros: parameter.shape)
      #expect(got.shape == expected.shape, "\(what) \(parameter.name)")
      let isNoise = parameter.name.hasSuffix("key.bias") || parameter.name.hasSuffix("k_lin.bias")
      if isNoise {
        let peak = got.elements.map(abs).max() ?? 0
        #expect(peak < 1e-6, "\(what) gradient of \(parameter.name), mathematically zero")
      } else {
        expectClose(
          got.elements, expected.elements, absolute: 1e-5, ofPeak: 1e-4, "\(what) gradient of \(parameter.name)")
      }
    }
  }

  private func labels(
    _ head: String, _ inputs: NamedTensors, _ expected: NamedTensors, _ padded: PaddedBatch
  ) throws -> Labels {
    switch head {
    case "seqcls": return .classes(try inputs.indices("labels_seqcls").elements)
    case "seqcls_regression": return .values(try expected.tensor("labels"))
    case "seqcls_multi_label_classification": return .multiLabel(try expected.tensor("labels"))
    case "qa": return try spans(inputs, padded)
    default: return .tokens(padded.rows(try inputs.indices("labels_" + head)))
    }
  }

  private func spans(_ inputs: NamedTensors, _ padded: PaddedBatch) throws -> Labels {
    func places(_ name: String) throws -> [Int] {
      try inputs.indices(name).elements.enumerated().map { padded.place($0.element, in: $0.offset) }
    }
    return .spans(starts: try places("start_positions"), ends: try places("end_positions"))
  }

  /// XLNet's language model: the last place predicted from the others, and the plain pass.
  private func compareTargets(
    _ model: PretrainedModel, _ folder: String, _ side: String, _ inputs: NamedTensors, _ padded: PaddedBatch,
    _ expected: NamedTensors
  ) throws {
    let given = try NamedTensors("\(folder)/perm_\(side).safetensors")
    let blocked = try given.tensor("perm_mask").elements
    let mapping = try given.tensor("target_mapping")
    let width = padded.width
    var batch = padded.batch
    let count = batch.sequenceCount
    batch.visibility?.blocked = (0..<count).map { sequence in
      blocked[(sequence * width * width)..<((sequence + 1) * width * width)].map { $0 > 0 }
    }
    let targets = mapping.shape[1]
    batch.targets = (0..<count).map { sequence in
      (0..<targets).map { target in
        let start = (sequence * targets + target) * width
        return mapping.elements[start..<(start + width)].firstIndex { $0 > 0 }.map { $0 - start } ?? 0
      }
    }
    let labels = Labels.tokens(try given.indices("labels").elements)
    let output = try model(batch, labels: labels, ForwardContext(isRecording: true))
    let (logits, loss) = (try #require(output.logits), try #require(output.loss))
    expectAgree(logits.elements, try expected.tensor("logits").elements, "\(folder) \(side) logits")
    expectClose([try loss.item()], try expected.tensor("loss").elements, absolute: 1e-5, "\(folder) \(side) loss")
    try compareGradients(model, loss, "\(folder)/grads_\(side).safetensors", "\(folder) \(side)")
    let plain = try NamedTensors("\(folder)/expected_\(side)_plain.safetensors")
    let ragged = try PaddedBatch(inputs, keepsPadding: false, positions: false)
    let all = try model(ragged.batch, labels: .tokens(ragged.rows(try inputs.indices("labels_lm"))))
    expectAgree(
      try #require(all.logits).elements, ragged.rows(try plain.tensor("logits")),
      "\(folder) \(side) plain logits")
    expectClose(
      [try #require(all.loss).item()], try plain.tensor("loss").elements, absolute: 1e-5, "\(folder) \(side) plain loss"
    )
  }
}
