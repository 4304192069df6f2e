import NeuralNetworks
import TensorCore

/// What a forward pass gives.
package struct ModelOutput {
  /// `[T, C]`: rows of the last block (after the final norm), sequence after sequence.
  package let lastHiddenState: Tensor
  package let layout: RowLayout
  /// `[B, C]`, of families with a pooler.
  package let pooled: Tensor?
  /// Embeddings' output, then each block's.
  package let hiddenStates: [Tensor]
  /// Block by block, sequence by sequence, `[H, T, keys]`.
  package let attentions: [[Tensor]]
  /// `[B, L]`, or `[T, L]` for heads that answer for each token.
  package let logits: Tensor?
  package let loss: Tensor?
}

extension PretrainedModel {
  /// The stage of the head: one after the last block.
  package var headStage: Int { blockCount + 1 }

  /// Modules of a stage: 0 the embeddings, 1 to n the blocks, n + 1 the head with what stands before it.
  package func modules(ofStage stage: Int) -> [any Module] {
    if stage <= 0 { return [backbone.embeddingModule] }
    if stage <= blockCount { return [backbone.blocks[stage - 1]] }
    var modules: [any Module] = head?.modules ?? []
    if head == nil, let pooler = backbone.pooler { modules.append(pooler) }
    if let norm = backbone.finalNorm { modules.append(norm) }
    return modules
  }

  /// The first stage that uses a trainable parameter; nil where nothing trains. What comes before is constant.
  package var firstTrainableStage: Int? {
    (0...headStage).first { stage in modules(ofStage: stage).contains(where: \.holdsTrainable) }
  }

  /// Everything the model has to say of a batch.
  package func callAsFunction(
    _ batch: Batch, labels: Labels? = nil, options: LossOptions = LossOptions(),
    _ pass: ForwardContext = ForwardContext()
  ) throws -> ModelOutput {
    var stream = try backbone.embed(batch, pass)
    for index in 0..<blockCount { stream = try backbone.run(block: index, stream, pass) }
    try pass.enter(modules(ofStage: headStage))
    pass.places = stream.layout.places
    stream = try backbone.finish(stream, pass)
    if pass.keepsHiddenStates, backbone.finalNorm != nil, !pass.hiddenStates.isEmpty {
      pass.hiddenStates[pass.hiddenStates.count - 1] = stream.hidden
    }
    var pooled: Tensor?
    if head == nil, let pooler = backbone.pooler {
      pooled = try pooler(stream.hidden.gatheredRows(RowSelection.first(stream.layout).rows), pass)
    }
    var logits: Tensor?
    var loss: Tensor?
    if head != nil {
      let result = try headLogits(stream, pass)
      logits = result
      if let labels { loss = try self.loss(result, labels, stream.layout, options) }
    }
    return ModelOutput(
      lastHiddenState: stream.hidden, layout: stream.layout, pooled: pooled, hiddenStates: pass.hiddenStates,
      attentions: pass.attentions, logits: logits, loss: loss)
  }

  // MARK: In stages

  /// The stream before `stage` (by default before the head), from the ids on. Where the head reads one row of each
  /// sequence and `stage` is the head's, the last block is computed for those rows only.
  package func stream(
    _ batch: Batch, upTo stage: Int? = nil, _ pass: ForwardContext, trims: Bool = true
  ) throws -> Stream {
    try advance(backbone.embed(batch, pass), from: 1, upTo: stage ?? headStage, pass, trims: trims)
  }

  /// Runs the blocks from stage `start` up to, not including, stage `end`.
  package func advance(
    _ stream: Stream, from start: Int, upTo end: Int, _ pass: ForwardContext, trims: Bool = true
  ) throws -> Stream {
    var stream = stream
    guard start < end, start <= blockCount else { return stream }
    for stage in start..<min(end, headStage) {
      let isLast = stage == blockCount
      let selection = isLast && trims ? head?.selection(stream.layout) : nil
      stream = try backbone.run(block: stage - 1, stream, pass, selection: selection)
    }
    return stream
  }

  /// A stream whose rows were computed before: `hidden` as it was before `stage`, for a batch of the same sequences.
  package func resumed(_ hidden: Tensor, at stage: Int, _ batch: Batch, _ pass: ForwardContext) throws -> Stream {
    var stream = Stream(hidden: hidden, layout: try backbone.layout(batch, pass))
    try backbone.prepare(&stream, batch, pass)
    if stage == headStage, let selection = head?.selection(stream.layout), hidden.shape[0] == selection.rows.count,
      hidden.shape[0] != stream.layout.rowCount || batch.sequenceCount == stream.layout.rowCount
    {
      stream.layout = stream.layout.selecting(selection)
    }
    return stream
  }

  /// All rows `[T, C]` as the head gets them: after the last block and what stands behind it.
  package func finalRows(_ batch: Batch, _ pass: ForwardContext = ForwardContext()) throws -> Tensor {
    try backbone.finish(stream(batch, pass, trims: false), pass).hidden
  }

  /// As ``finalRows(_:_:)``, a row for each of the batch's own tokens: none for those of a soft prompt.
  package func tokenRows(_ batch: Batch, _ pass: ForwardContext = ForwardContext()) throws -> Tensor {
    try withoutPromptRows(finalRows(batch, pass), of: batch)
  }

  /// Logits of a head that answers for each token, a row for each of the batch's own.
  package func tokenLogits(_ batch: Batch, _ pass: ForwardContext = ForwardContext()) throws -> Tensor {
    try withoutPromptRows(logits(batch, pass), of: batch)
  }

  /// Of a row for each row of the model those of the batch's own tokens.
  package func withoutPromptRows(_ rows: Tensor, of batch: Batch) throws -> Tensor {
    let virtual = backbone.hooks.promptLength
    if virtual == 0 { return rows }
    let own = (0..<batch.sequenceCount).flatMap { sequence -> Range<Int> in
      let start = batch.sequenceOffsets[sequence] + virtual * (sequence + 1)
      return start..<(start + batch.length(sequence))
    }
    return try rows.gatheredRows(own)
  }

  /// Logits from the stream before the head: a row for each sequence or token.
  package func logits(from stream: Stream, _ pass: ForwardContext) throws -> Tensor {
    try pass.enter(modules(ofStage: headStage))
    pass.places = stream.layout.places
    return try headLogits(backbone.finish(stream, pass), pass)
  }

  /// Logits of a batch: the last block trimmed to what the head reads.
  package func logits(_ batch: Batch, _ pass: ForwardContext = ForwardContext()) throws -> Tensor {
    try logits(from: stream(batch, pass), pass)
  }

  /// The mean loss of a batch, from the ids on. Language models compute logits only where there is a label.
  package func loss(
    _ batch: Batch, _ labels: Labels, _ pass: ForwardContext, options: LossOptions = LossOptions()
  ) throws -> Tensor {
    try loss(from: stream(batch, pass), labels, pass, options: options).loss
  }

  /// The mean loss from the stream before the head, and the logits it was taken from.
  package func loss(
    from stream: Stream, _ labels: Labels, _ pass: ForwardContext, options: LossOptions = LossOptions()
  ) throws -> (loss: Tensor, logits: Tensor) {
    guard let head, head.kind == .causalLM || head.kind == .maskedLM, case .tokens(let tokens) = labels else {
      let logits = try logits(from: stream, pass)
      return (try loss(logits, labels, stream.layout, options), logits)
    }
    try pass.enter(modules(ofStage: headStage))
    pass.places = stream.layout.places
    let finished = try backbone.finish(stream, pass)
    let all = try rowLabels(tokens, finished)
    let rows = all.indices.filter { all[$0] != Labels.ignored }
    let logits = try head(finished.hidden.gatheredRows(rows), pass)
    let loss = try head.loss(
      logits, .tokens(rows.map { all[$0] }), stream.layout, problem: configuration.effectiveProblem, options)
    return (loss, logits)
  }

  /// The mean loss of logits that the head gave for a stream with this layout.
  package func loss(
    _ logits: Tensor, _ labels: Labels, _ layout: RowLayout, _ options: LossOptions = LossOptions()
  ) throws -> Tensor {
    guard let head else { throw noHead("loss") }
    var labels = labels
    if case .tokens(let tokens) = labels { labels = .tokens(try rowLabels(tokens, layout, logits.shape[0])) }
    return try head.loss(logits, labels, layout, problem: configuration.effectiveProblem, options)
  }

  /// Whether the head predicts from each row the label of the token behind it.
  package var shiftsLabels: Bool { head?.kind == .causalLM && architecture.isDecoder }

  /// Whether no row predicts the first token of a sequence; the last row of a soft prompt does.
  package var skipsFirstLabel: Bool { shiftsLabels && backbone.hooks.promptLength == 0 }

  func noHead(_ operation: String) -> TransformerError {
    .noHead(
      operation: operation, model: name,
      help: "make one with for_sequence_classification, for_token_classification, for_question_answering, "
        + "for_masked_lm or for_causal_lm")
  }

  private func headLogits(_ stream: Stream, _ pass: ForwardContext) throws -> Tensor {
    guard let head else { throw noHead("logits") }
    guard stream.layout.selection == nil, let selection = head.selection(stream.layout) else {
      return try head(stream.hidden, pass)
    }
    pass.places = pass.places?.selecting(selection.rows)
    return try head(stream.hidden.gatheredRows(selection.rows), pass)
  }

  private func rowLabels(_ tokens: [Int], _ stream: Stream) throws -> [Int] {
    try rowLabels(tokens, stream.layout, stream.hidden.shape[0])
  }

  /// The label of each row: moved to the row before for a causal model, none for a soft prompt's rows.
  private func rowLabels(_ tokens: [Int], _ layout: RowLayout, _ rows: Int) throws -> [Int] {
    if layout.targets != nil, tokens.count == rows { return tokens }
    let virtual = layout.virtualRows
    guard tokens.count == layout.rowCount - virtual * layout.sequenceCount else {
      throw TransformerError.badInput(
        field: "labels", expected: "one for each of \(layout.rowCount - virtual * layout.sequenceCount) tokens",
        got: "\(tokens.count)")
    }
    var labels: [Int] = []
    labels.reserveCapacity(layout.rowCount)
    let shifts = shiftsLabels
    var next = 0
    for sequence in 0..<layout.sequenceCount {
      let count = layout.range(sequence).count - virtual
      var own = Array(repeating: Labels.ignored, count: virtual)
      own += tokens[next..<(next + count)]
      next += count
      if shifts {
        own.removeFirst()
        own.append(Labels.ignored)
      }
      labels += own
    }
    return labels
  }
}
