import Tokenizers
import Transformers

/// A prompt made ready for a model: rows become tokens, tokens scores.
///
/// Causal models are scored as lm-evaluation-harness does it: context and continuation are encoded together and split
/// where the context encoded by itself ends, white space at the end of the context having moved to the continuation; no
/// special tokens are added. A context without tokens becomes the token that begins (or ends) texts.
/// Masked models get as many masks as a word has tokens, all of them masked at once; their texts are encoded with
/// special tokens.
package struct PromptScorer {
  package let model: PretrainedModel
  package let tokenizer: Tokenizer
  package let prompt: Prompt
  package let separator: String
  /// How displays and errors call the prompt.
  package let name: String
  /// Wraps a context as a message to a chat model; nil for none.
  package let wrap: ((String) throws -> String)?
  private let prefixToken: Int?

  /// - Throws: ``PromptingError`` for a model or labels that don't fit.
  package init(
    _ model: PretrainedModel, _ prompt: Prompt, name: String? = nil, separator: String = "\n\n",
    wrap: ((String) throws -> String)? = nil
  ) throws {
    guard let tokenizer = model.tokenizer else {
      throw PromptingError.model("\(model.name) came without a tokenizer", help: "load one that has tokenizer.json")
    }
    switch model.headKind {
    case .causalLM? where model.architecture.isDecoder:
      if prompt.template.isMasked {
        throw PromptingError.model(
          "the template has {mask}, but \(model.name) writes on from left to right and fills no masks",
          help: "end the template in {label}, or take a model with a masked language model's head (for_masked_lm)")
      }
    case .maskedLM?:
      guard prompt.template.isMasked else {
        throw PromptingError.model(
          "the template has {label}, but \(model.name) fills masks", help: "write {mask} where the answer stands")
      }
      guard wrap == nil else {
        throw PromptingError.model("chat: \(model.name) fills masks, it was not taught to talk", help: "leave chat out")
      }
      guard tokenizer.specialTokens.mask != nil else {
        throw PromptingError.model("\(model.name)'s tokenizer has no mask token", help: "take a model trained with one")
      }
    default:
      throw PromptingError.model(
        "\(model.name) has no head that gives words probabilities",
        help: "load a causal language model, or make a head: model.for_masked_lm() or model.for_causal_lm()")
    }
    if prompt.labels.isEmpty {
      throw PromptingError.labels(
        "the prompt has no labels", help: "give their words: labels: {negative: \"bad\", positive: \"good\"}")
    }
    self.model = model
    self.tokenizer = tokenizer
    self.prompt = prompt
    self.name = name ?? prompt.name ?? "prompt"
    self.separator = separator
    self.wrap = wrap
    prefixToken = tokenizer.specialTokens.bos?.id ?? tokenizer.specialTokens.eos?.id
  }

  package var isMasked: Bool { prompt.template.isMasked }

  // MARK: Encoding

  /// Context and continuation as tokens.
  package func encode(context: String, continuation: String) throws -> ScoredSequence {
    let (context, moved) = Self.strippingEnd(context)
    let continuation = moved + continuation
    if context.isEmpty {
      guard let prefixToken else {
        throw PromptingError.model(
          "nothing stands before the label, and \(model.name) has no token that begins texts",
          help: "put words before {label}")
      }
      let ids = try tokenizer.encode(continuation, addSpecialTokens: false).ids
      return ScoredSequence(ids: [prefixToken] + ids, start: 1)
    }
    let start = try tokenizer.encode(context, addSpecialTokens: false).ids.count
    let whole = try tokenizer.encode(context + continuation, addSpecialTokens: false).ids
    if start == 0, let prefixToken { return ScoredSequence(ids: [prefixToken] + whole, start: 1) }
    return ScoredSequence(ids: whole, start: start)
  }

  /// As Python's rstrip: the text without the white space at its end, and that.
  static func strippingEnd(_ text: String) -> (text: String, moved: String) {
    let scalars = text.unicodeScalars
    var end = scalars.endIndex
    while end > scalars.startIndex {
      let before = scalars.index(before: end)
      let scalar = scalars[before]
      guard scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value) else { break }
      end = before
    }
    return (String(scalars[..<end]), String(scalars[end...]))
  }

  /// A row as tokens with each label's words.
  package func encode(_ row: PromptRow, shots: [PromptRow]) throws -> EncodedRow {
    let filled = try prompt.filled(row)
    let opening = try prompt.opening(shots, separator: separator)
    let encoded = try isMasked ? masked(opening, filled) : causal(opening, filled)
    try checkWords(encoded)
    return encoded
  }

  private func causal(_ opening: String, _ filled: Prompt.Filled) throws -> EncodedRow {
    var row = EncodedRow()
    var (context, gap) = (opening + filled.before, filled.gap)
    if let wrap {
      context = try wrap(context)
      gap = ""
    }
    for label in prompt.labels {
      row.places.append(
        try label.words.map { word in
          let sequence = try encode(context: context, continuation: gap + word)
          row.causal.append(sequence)
          row.tokens = max(row.tokens, sequence.start)
          return .init(
            sequence: row.causal.count - 1, word: 0, tokens: max(sequence.ids.count - sequence.start, 0),
            bytes: word.utf8.count)
        })
    }
    return row
  }

  private func masked(_ opening: String, _ filled: Prompt.Filled) throws -> EncodedRow {
    var row = EncodedRow()
    guard let mask = tokenizer.specialTokens.mask else { return row }
    var known: [Int: Int] = [:]
    for label in prompt.labels {
      row.places.append(
        try label.words.map { word in
          let tokens = try wordTokens(word, gap: filled.gap)
          let count = tokens.count
          if count > 0, known[count] == nil {
            let masks = String(repeating: mask.text, count: count)
            let encoding = try tokenizer.encode(opening + filled.before + filled.gap + masks + filled.after)
            let found = encoding.ids.indices.filter { encoding.ids[$0] == mask.id }
            let shown = found.count - count
            // A text may hold masks of its own: ours stand after those before it.
            let before = try tokenizer.encode(opening + filled.before, addSpecialTokens: false).ids
              .count { $0 == mask.id }
            guard shown >= 0, before + count <= found.count else {
              throw PromptingError.model(
                "\(name): the mask token is not in the encoded text", help: "write a space before {mask}")
            }
            known[count] = row.masked.count
            row.masked.append(
              MaskedSequence(
                ids: encoding.ids, typeIDs: encoding.typeIDs, masks: Array(found[before..<(before + count)]),
                words: []))
            row.tokens = max(row.tokens, encoding.count)
          }
          guard let sequence = known[count] else { return .init(sequence: 0, word: 0, tokens: 0, bytes: 0) }
          row.masked[sequence].words.append(tokens)
          return .init(
            sequence: sequence, word: row.masked[sequence].words.count - 1, tokens: count, bytes: word.utf8.count)
        })
    }
    return row
  }

  /// A word's tokens as they stand after a space, where there is one.
  private func wordTokens(_ word: String, gap: String) throws -> [Int] {
    try tokenizer.encode(gap + word, addSpecialTokens: false).ids
  }

  /// Words that come to nothing, or to the beginning of another label's.
  private func checkWords(_ row: EncodedRow) throws {
    var all: [(label: Prompt.Label, word: String, tokens: ArraySlice<Int>)] = []
    for (label, places) in zip(prompt.labels, row.places) {
      for (word, place) in zip(label.words, places) {
        guard place.tokens > 0 else {
          throw PromptingError.labels(
            "the word \"\(word)\" of label \"\(label.name)\" comes to no tokens", help: "choose another word")
        }
        all.append((label, word, row.tokens(of: place)))
      }
    }
    for one in all {
      for other in all where one.label != other.label {
        guard other.tokens.starts(with: one.tokens) else { continue }
        if other.tokens.count == one.tokens.count {
          throw PromptingError.labels(
            "\"\(one.word)\" of \"\(one.label.name)\" and \"\(other.word)\" of \"\(other.label.name)\" are the same "
              + "tokens to \(model.name)", help: "choose other words")
        }
        if isMasked { continue }
        throw PromptingError.labels(
          "the tokens of \"\(one.word)\" (\(one.label.name)) are the beginning of those of \"\(other.word)\" "
            + "(\(other.label.name)), so it could never be less likely",
          help: "choose words of which none begins another")
      }
    }
  }

  // MARK: Scoring

  /// The words' scores of each row.
  package func scores(
    _ rows: [EncodedRow], prefix: SharedPrefix? = nil, checkInterruption: (() throws -> Void)? = nil
  ) throws -> [RowScores] {
    let values: [[[Float]]]
    if isMasked {
      values = try model.maskedLogProbabilities(rows.flatMap(\.masked), checkInterruption: checkInterruption)
    } else {
      values = try model.logProbabilities(
        rows.map(\.causal), prefix: prefix, checkInterruption: checkInterruption)
    }
    var first = 0
    return rows.enumerated().map { number, row in
      defer { first += row.masked.count }
      return row.places.map { words in
        words.map { place in
          let tokens = isMasked ? values[first + place.sequence][place.word] : values[number][place.sequence]
          return WordScore(sum: tokens.reduce(0) { $0 + Double($1) }, tokens: place.tokens, bytes: place.bytes)
        }
      }
    }
  }

  /// The words' scores without any prompt: after the token that begins texts.
  package func unconditional() throws -> RowScores {
    guard !isMasked else {
      throw PromptingError.model(
        "scoring \"unconditional\" asks how likely a word is without a prompt, which masked models don't say",
        help: "take \"sum\", or calibrate: true")
    }
    let gap = try prompt.filled(PromptRow(everywhere: "x")).gap
    var row = EncodedRow()
    for label in prompt.labels {
      row.places.append(
        try label.words.map { word in
          let sequence = try encode(context: "", continuation: (wrap == nil ? gap : "") + word)
          row.causal.append(sequence)
          return .init(
            sequence: row.causal.count - 1, word: 0, tokens: sequence.ids.count - 1, bytes: word.utf8.count)
        })
    }
    try checkWords(row)
    return try scores([row])[0]
  }
}

/// A row as tokens.
package struct EncodedRow: Equatable, Sendable {
  /// Where a word's tokens stand.
  package struct Place: Equatable, Sendable {
    package var sequence: Int
    package var word: Int
    package var tokens: Int
    package var bytes: Int
  }

  /// For a causal model a sequence for each word.
  package var causal: [ScoredSequence] = []
  /// For a masked model a sequence for each number of masks.
  package var masked: [MaskedSequence] = []
  /// By label, by word.
  package var places: [[Place]] = []
  /// Tokens of the filled prompt.
  package var tokens = 0

  /// The most tokens that the model reads at once for it.
  package var longest: Int {
    max(causal.map { $0.ids.count - 1 }.max() ?? 0, masked.map(\.ids.count).max() ?? 0)
  }

  func tokens(of place: Place) -> ArraySlice<Int> {
    if masked.isEmpty {
      let sequence = causal[place.sequence]
      return sequence.ids[min(sequence.start, sequence.ids.count)...]
    }
    return masked[place.sequence].words[place.word][...]
  }
}
