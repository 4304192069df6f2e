import Tokenizers
import Transformers

/// A question and its context as windows of tokens.
///
/// Source: upstream's example for extractive question answering: only the context is cut, neighbouring windows share
/// `stride` tokens, and the place that stands for "no answer" is the classification token's. Where the tokenizer pads
/// on the left (XLNet), the context comes first.
package struct QuestionEncoder: Sendable {
  package struct Window: Sendable, Equatable {
    package let ids: [Int]
    package let typeIDs: [Int]
    /// Of each token of the context its place there, in Unicode scalars; nil for all others.
    package let offsets: [Range<Int>?]
    /// The token that stands for "no answer".
    package let noAnswer: Int

    /// First and last token of a stretch of the context; the "no answer" token where the window lacks part of it.
    package func span(_ answer: Range<Int>?) -> (start: Int, end: Int) {
      let places: [Int] = offsets.indices.filter { offsets[$0] != nil }
      guard let answer, let first = places.first, let last = places.last, let low = offsets[first]?.lowerBound,
        let high = offsets[last]?.upperBound, low <= answer.lowerBound, high >= answer.upperBound
      else { return (noAnswer, noAnswer) }
      let start: Int = places.last { (offsets[$0]?.lowerBound ?? 0) <= answer.lowerBound } ?? first
      let end: Int = places.first { (offsets[$0]?.upperBound ?? 0) >= answer.upperBound } ?? last
      return (start, end)
    }
  }

  package let tokenizer: Tokenizer
  package let maxLength: Int
  package let stride: Int?
  package let contextFirst: Bool

  static let usualLength: Int = 384
  static let usualStride: Int = 128

  /// - Parameters:
  ///   - maxLength: tokens of a window, special ones included.
  ///   - stride: tokens that neighbouring windows share; nil for 128, or half the room.
  package init(_ tokenizer: Tokenizer, maxLength: Int, stride: Int? = nil) {
    self.tokenizer = tokenizer
    self.maxLength = maxLength
    self.stride = stride
    contextFirst = tokenizer.paddingSide == .left
  }

  /// - Returns: the windows, and whether the question itself had to be cut because it left the context no room.
  /// - Throws: ``TokenizerError``; ``TrainingError/empty`` where the context has no tokens.
  package func windows(question: String, context: String) throws -> (windows: [Window], isQuestionCut: Bool) {
    let trimmed = String(question.unicodeScalars.drop { $0.properties.isWhitespace })
    let added: Int = tokenizer.addedTokenCount(pair: true)
    guard (stride ?? 0) < maxLength - added - 1 else {
      throw TrainingError.invalidSetting(
        operation: "question answering", setting: "stride",
        expected: "less than the \(max(0, maxLength - added - 1)) tokens that a window has for a context",
        got: "\(stride ?? 0)")
    }
    // The context keeps a quarter of the room at least, and more than neighbouring windows share.
    let least: Int = max((maxLength - added) / 4, (stride ?? 0) + 1)
    let (kept, isCut) = try cut(trimmed, to: max(1, maxLength - added - least))
    let questionCount: Int = try tokenizer.encode(kept, addSpecialTokens: false).count
    let room: Int = max(0, maxLength - added - questionCount)
    let shared: Int = WindowStride.resolved(stride, usual: QuestionEncoder.usualStride, room: room)
    let truncation = Truncation(
      maxLength: maxLength, strategy: contextFirst ? .onlyFirst : .onlySecond, stride: shared, keepsOverflow: true)
    let encoding: Encoding = try tokenizer.encode(
      contextFirst ? context : kept, pair: contextFirst ? kept : context, truncation: truncation)
    let windows: [Window] = ([encoding] + encoding.overflowing).map(window)
    guard windows.contains(where: { $0.offsets.contains { $0 != nil } }) else {
      throw TrainingError.empty(operation: "question answering", what: "tokens in the context")
    }
    return (windows, isCut)
  }

  private func window(_ encoding: Encoding) -> Window {
    let side: Int = contextFirst ? 0 : 1
    let offsets: [Range<Int>?] = encoding.ids.indices.map { token in
      encoding.sequenceIDs[token] == side ? encoding.offsets[token] : nil
    }
    let standIn: Int? = tokenizer.specialTokens.cls?.id ?? tokenizer.specialTokens.bos?.id
    let place: Int = standIn.flatMap { id in encoding.ids.firstIndex(of: id) } ?? 0
    return Window(ids: encoding.ids, typeIDs: encoding.typeIDs, offsets: offsets, noAnswer: place)
  }

  /// The question's first tokens as text, where it has more than `limit`.
  private func cut(_ question: String, to limit: Int) throws -> (String, Bool) {
    let encoding: Encoding = try tokenizer.encode(question, addSpecialTokens: false)
    guard encoding.count > limit, let end = encoding.offsets[..<limit].map(\.upperBound).max() else {
      return (question, false)
    }
    return (String(String.UnicodeScalarView(question.unicodeScalars.prefix(end))), true)
  }
}
