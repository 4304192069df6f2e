import NeuralNetworks
import TensorCore
import Tokenizers

/// Features of texts, in the texts' order.
package struct Features {
  /// `[N, C]`; fewer rows than texts where the work was stopped.
  package let values: Tensor
  package let recipe: FeatureRecipe
  /// How many texts were cut.
  package let truncated: Int
  /// How many tokens were read.
  package let tokens: Int
  /// How many texts there were.
  package let asked: Int

  package var isComplete: Bool { values.shape.first == asked }
}

extension PretrainedModel {
  /// The pooling where none is given.
  package var defaultPooling: Pooling { settings.pooling ?? (architecture.isDecoder ? .last : .cls) }

  /// The recipe that options come to for this model.
  ///
  /// - Throws: ``TransformerError/badInput(field:expected:got:)`` for a layer that isn't there.
  package func recipe(_ options: FeatureOptions) throws -> FeatureRecipe {
    let count = blockCount
    guard (-(count + 1)...count).contains(options.layer) else {
      throw TransformerError.badInput(
        field: "layer", expected: "\(-(count + 1)) to \(count) (0 is the embeddings' output, -1 the last)",
        got: "\(options.layer)")
    }
    if let length = options.maxLength, length < 1 {
      throw TransformerError.badInput(field: "max_length", expected: "at least 1", got: "\(length)")
    }
    let length = [options.maxLength ?? defaultMaxLength, positionLimit].compactMap { $0 }.min()
    return FeatureRecipe(
      model: name, weights: contentHash(), pooling: options.pooling ?? defaultPooling, layer: options.layer,
      normalize: options.normalize, maxLength: length, precision: (options.precision ?? precision).supported)
  }

  /// A vector for each text, computed in ragged batches of bounded size, in the texts' order.
  ///
  /// - Parameters:
  ///   - pairs: second texts, as many as texts.
  ///   - cache: where features made before are kept; nil for none.
  ///   - progress: told how many texts are done; throwing from it ends the work with what is reached, if anything.
  /// - Throws: ``TransformerError``, ``TokenizerError``; what `progress` throws before the first batch is done.
  package func features(
    _ texts: [String], pairs: [String]? = nil, _ options: FeatureOptions = FeatureOptions(),
    cache: FeatureCache? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Features {
    let recipe = try recipe(options)
    guard let tokenizer else {
      throw TransformerError.missingFile(
        folder: name, file: "tokenizer", help: "features of texts need one: tokenizer.json or vocab.txt")
    }
    let key = cache?.key(recipe, texts, pairs)
    if let cache, let key, let found = cache.find(key, rows: texts.count, columns: hiddenSize) {
      return Features(
        values: found.values, recipe: recipe, truncated: found.truncated, tokens: found.tokens, asked: texts.count)
    }
    var values = try Tensor(uninitialized: [texts.count, hiddenSize], operation: "features")
    var (done, tokens, cut) = (0, 0, 0)
    let truncation = recipe.maxLength.map { Truncation(maxLength: $0) }
    do {
      try progress(0, texts.count)
      while done < texts.count {
        let batch = try nextBatch(texts, pairs, from: done, tokenizer, truncation, options.tokensPerBatch)
        let rows = try pooled(batch.batch, recipe)
        try values.withUnsafeMutableBuffer { target in
          rows.withUnsafeBuffer { source in
            let start = done * hiddenSize
            for place in 0..<source.count { target[start + place] = source[place] }
          }
        }
        done += batch.batch.sequenceCount
        tokens += batch.batch.tokenCount
        cut += batch.cut
        try progress(done, texts.count)
      }
    } catch let error where error is TransformerError || error is TensorError || error is TokenizerError {
      throw error
    } catch {
      if done == 0 { throw error }
    }
    if done < texts.count { values = try values.sliced(axis: 0, 0..<done) }
    let result = Features(values: values, recipe: recipe, truncated: cut, tokens: tokens, asked: texts.count)
    if let cache, let key, result.isComplete { cache.keep(key, result) }
    return result
  }

  /// As ``features(_:pairs:_:cache:progress:)``, where a part of them is of no use.
  ///
  /// - Throws: as that does, and what `progress` throws at any time, also after the last text.
  package func allFeatures(
    _ texts: [String], pairs: [String]? = nil, _ options: FeatureOptions = FeatureOptions(),
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> Features {
    var stop: (any Error)?
    let made = try features(texts, pairs: pairs, options) { done, total in
      do { try progress(done, total) } catch {
        stop = error
        throw error
      }
    }
    if let stop { throw stop }
    return made
  }

  /// Texts from `start` on, encoded, as many as make up the batch's tokens.
  private func nextBatch(
    _ texts: [String], _ pairs: [String]?, from start: Int, _ tokenizer: Tokenizer, _ truncation: Truncation?,
    _ limit: Int
  ) throws -> (batch: Batch, cut: Int) {
    var (ids, types, offsets): ([Int], [Int], [Int]) = ([], [], [0])
    var next = start
    var cut = 0
    while next < texts.count, next - start < 512 {
      let encoding = try tokenizer.encode(
        texts[next], pair: pairs?[next], addSpecialTokens: true, truncation: truncation)
      guard !encoding.isEmpty else {
        throw TransformerError.badInput(
          field: "text \(next)", expected: "at least one token", got: "a text that the tokenizer makes none of")
      }
      if next > start, ids.count + encoding.count > limit { break }
      ids += encoding.ids
      types += encoding.typeIDs
      offsets.append(ids.count)
      if encoding.wasTruncated { cut += 1 }
      next += 1
    }
    return (Batch(tokenIDs: ids, sequenceOffsets: offsets, tokenTypeIDs: types, tableRows: Array(start..<next)), cut)
  }

  /// A batch's features: blocks up to the recipe's layer, the last of them for the pooled rows only.
  package func pooled(_ batch: Batch, _ recipe: FeatureRecipe) throws -> Tensor {
    let pass = ForwardContext(precision: recipe.precision)
    let layer = recipe.layer < 0 ? blockCount + 1 + recipe.layer : recipe.layer
    var stream = try backbone.embed(batch, pass)
    let selection = recipe.pooling.selection(stream.layout)
    for index in 0..<layer {
      stream = try backbone.run(
        block: index, stream, pass, selection: index == layer - 1 ? selection : nil)
    }
    if layer == blockCount { stream = try backbone.finish(stream, pass) }
    let rows = try recipe.pooling(stream.hidden, stream.layout)
    return recipe.normalize ? try rows.normalized(axis: 1) : rows
  }
}
