import Tokenizers
import Transformers

/// The prompt that a question and the pieces found make.
package struct AnswerPrompt {
  package let text: String
  package let tokens: [Int]
  /// The pieces that stand in it, in their order, and how they stand there.
  package let used: [SearchHit]
  package let passages: [String]
  /// Whether the only piece is cut at its end, as it alone was too long.
  package let isCut: Bool
  /// The pieces there was no room for.
  package let leftOut: [SearchHit]
}

/// Makes prompts of pieces and a question.
package struct AnswerPrompter {
  /// The text, with `{context}` and `{question}`.
  package let template: String
  /// What the model is given for a filled template: itself, or a conversation by the model's own rules.
  private let format: (String) throws -> (text: String, tokens: [Int])
  private let tokenizer: Tokenizer
  /// Tokens a prompt may have.
  private let room: Int

  package static let defaultTemplate = """
    {context}

    Question: {question}
    Answer the question in one short sentence, using the text above.
    """
  /// Where no passage is given.
  private static let bare = "Question: {question}\nAnswer the question in one short sentence."

  /// - Parameters:
  ///   - room: tokens a prompt may have.
  ///   - format: nil gives the model the text itself, and the word `Answer:` to go on from.
  /// - Throws: ``RetrievalError/badInput(field:expected:got:)`` for a template without its places.
  package init(
    template: String?, tokenizer: Tokenizer, room: Int, format: ((String) throws -> (text: String, tokens: [Int]))?
  ) throws {
    let template = template ?? AnswerPrompter.defaultTemplate
    for place in ["{context}", "{question}"] where !template.contains(place) {
      throw RetrievalError.badInput(field: "prompt", expected: "a text with \(place)", got: "one without")
    }
    self.template = template
    self.tokenizer = tokenizer
    self.room = room
    self.format =
      format ?? { text in
        let whole = text + "\nAnswer:"
        return (whole, try tokenizer.encode(whole).ids)
      }
  }

  /// As many pieces, best first, as fit; the first one cut where it alone is too long.
  /// - Throws: ``TransformerError/tooLong(tokens:limit:)`` where the question alone does not fit.
  package func fill(_ question: String, _ hits: [SearchHit]) throws -> AnswerPrompt {
    var count = hits.count
    while count > 0 {
      let passages = hits.prefix(count).map(AnswerPrompter.passage)
      let filled = try make(question, passages)
      if filled.tokens.count <= room {
        return AnswerPrompt(
          text: filled.text, tokens: filled.tokens, used: Array(hits.prefix(count)), passages: passages,
          isCut: false, leftOut: Array(hits.dropFirst(count)))
      }
      if count == 1 { break }
      count -= 1
    }
    let empty = try make(question, [])
    guard empty.tokens.count <= room else {
      throw TransformerError.tooLong(tokens: empty.tokens.count, limit: room)
    }
    guard let first = hits.first, let cut = try fillCutting(question, first) else {
      return AnswerPrompt(text: empty.text, tokens: empty.tokens, used: [], passages: [], isCut: false, leftOut: hits)
    }
    return AnswerPrompt(
      text: cut.text, tokens: cut.tokens, used: [first], passages: [cut.passage], isCut: true,
      leftOut: Array(hits.dropFirst()))
  }

  /// The same question with these pieces only, in this order.
  package func make(_ question: String, _ passages: [String]) throws -> (text: String, tokens: [Int]) {
    guard !passages.isEmpty else {
      // Without passages the words about them would mislead.
      let isOwn = template != AnswerPrompter.defaultTemplate
      return try format(fill("", question, in: isOwn ? template : AnswerPrompter.bare))
    }
    let numbered = passages.enumerated().map { "[\($0 + 1)] \($1)" }.joined(separator: "\n\n")
    return try format(fill(numbered, question, in: template))
  }

  /// Places are filled once: what the texts hold is never taken for a place.
  private func fill(_ context: String, _ question: String, in template: String) -> String {
    template.split(separator: "{context}", omittingEmptySubsequences: false).map { part in
      part.split(separator: "{question}", omittingEmptySubsequences: false).joined(separator: question)
    }.joined(separator: context)
  }

  /// The longest beginning of a piece that fits; nil where not even a few words do.
  private func fillCutting(_ question: String, _ hit: SearchHit) throws
    -> (text: String, tokens: [Int], passage: String)?
  {
    let words = AnswerPrompter.passage(hit).split(separator: " ", omittingEmptySubsequences: false)
    var (low, high) = (0, words.count)
    var best: (text: String, tokens: [Int], passage: String)?
    while low < high {
      let middle = (low + high + 1) / 2
      let passage = words.prefix(middle).joined(separator: " ") + " …"
      let made = try make(question, [passage])
      if made.tokens.count <= room {
        best = (made.text, made.tokens, passage)
        low = middle
      } else {
        high = middle - 1
      }
    }
    return low > 3 ? best : nil
  }

  /// A piece as the prompt has it: its headings, then its text.
  package static func passage(_ hit: SearchHit) -> String {
    let text = hit.text.drop(while: \.isWhitespace)
    let trimmed = String(text.reversed().drop(while: \.isWhitespace).reversed())
    let heading = hit.heading.isEmpty ? hit.title : hit.heading
    // A chunk that begins with its heading says it already.
    if heading.isEmpty || trimmed.hasPrefix("#") { return trimmed }
    return heading + "\n" + trimmed
  }
}
