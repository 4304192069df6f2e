import NeuralNetworks
import TensorCore

/// A model without its head: embeddings, blocks, and what stands after the last block. Each family overrides what
/// differs; the stages can be run one by one, so what is constant before the first trainable one is computed once.
package class Backbone: Module {
  package let tree: ModuleTree
  package let configuration: ModelConfiguration
  package let wordEmbeddings: Embedding
  /// The module whose parameters are the embeddings.
  package let embeddingModule: any Module
  package let blocks: ModuleList<Block>
  package let hooks: HookPoints
  /// The norm after the last block, for families that have one.
  package let finalNorm: (any Norm)?
  /// BERT's pooler, where the model has it.
  package var pooler: Pooler?
  /// Of the products, in passes that don't say one.
  package var precision = Precision.float32

  init(
    path: String, configuration: ModelConfiguration, wordEmbeddings: Embedding, embeddingModule: any Module,
    blocks: ModuleList<Block>, finalNorm: (any Norm)? = nil
  ) {
    self.configuration = configuration
    self.wordEmbeddings = wordEmbeddings
    self.embeddingModule = embeddingModule
    self.blocks = blocks
    self.finalNorm = finalNorm
    hooks = HookPoints(embeddings: EmbeddingPoint(owner: wordEmbeddings))
    tree = ModuleTree(path)
    for block in blocks.elements {
      if let point = block.attentionPoint { hooks.attentions.append(point) }
      hooks.sublayers += block.sublayerPoints
    }
  }

  package var kind: String { "Model" }

  // MARK: What a family says

  /// Position ids of one sequence where none are given; `start` rows stand before it, the first `virtual` of the rows
  /// themselves are a soft prompt's.
  func positions(of tokens: ArraySlice<Int>, start: Int, virtual: Int) -> [Int] {
    Array(start..<(start + virtual + tokens.count))
  }

  /// Segments that the family accepts; nil for any.
  var acceptedTypes: Int? { configuration.typeVocabularySize }

  /// Rows of word embeddings → rows for the first block.
  func combine(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor { words }

  /// What stands between the last block and the head.
  func finish(_ stream: Stream, _ pass: ForwardContext) throws -> Stream {
    guard let finalNorm else { return stream }
    var result = stream
    result.hidden = try finalNorm(stream.hidden, pass)
    return result
  }

  // MARK: Stages

  /// The first stage: ids to rows.
  package func embed(_ batch: Batch, _ pass: ForwardContext) throws -> Stream {
    try batch.check(vocabularySize: wordEmbeddings.count, typeVocabularySize: acceptedTypes)
    try pass.enter(embeddingModule)
    let layout = try self.layout(batch, pass)
    pass.places = layout.places
    var words = try wordEmbeddings(batch.tokenIDs, pass)
    if layout.virtualRows > 0 { words = try withPrompts(words, layout, pass) }
    let hidden = try combine(words, layout, pass)
    var stream = Stream(hidden: hidden, layout: layout)
    try prepare(&stream, batch, pass)
    if pass.keepsHiddenStates { pass.hiddenStates.append(stream.hidden) }
    return stream
  }

  /// Further streams a family needs (XLNet's targets).
  func prepare(_ stream: inout Stream, _ batch: Batch, _ pass: ForwardContext) throws {}

  /// Block `index`. With `selection` it computes keys and values for all rows and everything else for those only.
  package func run(block index: Int, _ stream: Stream, _ pass: ForwardContext, selection: RowSelection? = nil) throws
    -> Stream
  {
    let block = blocks[index]
    try pass.enter(block)
    pass.places = stream.layout.places
    let result = try block(stream, pass, selection: selection)
    if pass.keepsHiddenStates { pass.hiddenStates.append(result.query ?? result.hidden) }
    return result
  }

  // MARK: Layout

  /// What is known of each row before any is computed, rows of soft prompts included.
  package func layout(_ batch: Batch, _ pass: ForwardContext) throws -> RowLayout {
    if pass.precision == nil { pass.precision = precision }
    let past: [Int] = pass.cache?.lengths() ?? []
    let isContinued = past.contains { $0 > 0 }
    let virtual = isContinued ? 0 : hooks.promptLength
    let prefix = hooks.prefixLength
    var offsets: [Int] = [0]
    var positions: [Int] = []
    var lastTokens: [Int] = []
    positions.reserveCapacity(batch.tokenCount)
    for sequence in 0..<batch.sequenceCount {
      let range = batch.sequenceOffsets[sequence]..<batch.sequenceOffsets[sequence + 1]
      let rows = range.count + virtual
      let before = sequence < past.count ? past[sequence] : 0
      if let given = batch.positionIDs {
        positions += 0..<virtual
        positions += given[range]
      } else {
        positions += self.positions(of: batch.tokenIDs[range], start: prefix + before, virtual: virtual)
      }
      let first = (offsets.last ?? 0) + virtual
      let padding = configuration.paddingTokenID
      // Of padding alone upstream takes the first.
      let last = batch.tokenIDs[range].lastIndex { $0 != padding } ?? range.lowerBound
      lastTokens.append(first + last - range.lowerBound)
      offsets.append((offsets.last ?? 0) + rows)
    }
    if let limit = configuration.maximumPositions, let worst = positions.max(), worst >= limit {
      // Positions that are given may be any numbers, however long the text.
      if batch.positionIDs != nil {
        throw TransformerError.idOutOfRange(table: "position_ids", id: worst, count: limit)
      }
      let longest = (0..<batch.sequenceCount).map { batch.length($0) }.max() ?? 0
      throw TransformerError.tooLong(tokens: longest, limit: max(limit - (worst + 1 - longest), 0))
    }
    let places = pass.dropout.map { source in
      RowPlaces(
        step: source.step, offsets: offsets, examples: batch.tableRows ?? Array(0..<batch.sequenceCount))
    }
    var visibility = batch.visibility
    if let hidden = visibility?.hiddenKeys { visibility?.hiddenKeys = with(virtual, false, hidden, batch) }
    return RowLayout(
      offsets: offsets, positions: positions, types: batch.tokenTypeIDs.map { with(virtual, 0, $0, batch) },
      places: places, virtualRows: virtual, visibility: visibility, targets: batch.targets, lastTokens: lastTokens)
  }

  /// `values`, one a token, with `count` times `value` before those of each sequence.
  private func with<Value>(_ count: Int, _ value: Value, _ values: [Value], _ batch: Batch) -> [Value] {
    if count == 0 { return values }
    var result: [Value] = []
    for sequence in 0..<batch.sequenceCount {
      result += repeatElement(value, count: count)
      result += values[batch.sequenceOffsets[sequence]..<batch.sequenceOffsets[sequence + 1]]
    }
    return result
  }

  /// Puts the soft prompts' rows before each sequence's words; `layout` counts them already.
  private func withPrompts(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor {
    var parts: [Tensor] = []
    for method in hooks.embeddings.methods where method.isActive { parts.append(try method.rows(pass)) }
    let virtual = layout.virtualRows
    parts.append(words)
    var order: [Int] = []
    var token = virtual
    for sequence in 0..<layout.sequenceCount {
      let count = layout.range(sequence).count - virtual
      order += 0..<virtual
      order += token..<(token + count)
      token += count
    }
    return try Tensor.concatenated(parts, axis: 0).gatheredRows(order)
  }
}

/// One transformer block.
package class Block: Module {
  package let tree: ModuleTree
  package let layer: Int
  package internal(set) var attentionPoint: AttentionPoint?
  package internal(set) var sublayerPoints: [SublayerPoint] = []
  /// What upstream calls the block's class.
  var kindName = "Block"
  package var kind: String { kindName }

  init(path: String, layer: Int) {
    self.layer = layer
    tree = ModuleTree(path)
  }

  /// - Parameter selection: the rows to follow; keys and values come from all.
  func callAsFunction(_ stream: Stream, _ pass: ForwardContext, selection: RowSelection?) throws -> Stream {
    throw NeuralNetworkError.notCallable(module: path, kind: kind)
  }

  /// Rows `[T, C]` of one sequence.
  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    let stream = Stream(hidden: rows, layout: .single(rows.shape.first ?? 0))
    return try self(stream, context, selection: nil).hidden
  }
}

extension RowLayout {
  /// The layout of one sequence.
  static func single(_ count: Int) -> RowLayout {
    RowLayout(offsets: [0, count], positions: Array(0..<count))
  }
}
