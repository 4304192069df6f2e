/// How text is generated.
package struct GenerationSettings: Sendable {
  package var maxTokens = 100
  /// 0 for the most likely token at every step.
  package var temperature = 0.0
  package var topK: Int?
  package var topP: Double?
  package var minP: Double?
  package var beams = 1
  /// Exponent of the length that divides a beam's score.
  package var lengthPenalty = 1.0
  /// Whether beams end as soon as enough of them are complete.
  package var stopsEarly = false
  package var repetitionPenalty = 1.0
  /// Runs of this many tokens don't come twice; 0 for no such rule.
  package var noRepeatNgram = 0
  package var minTokens = 0
  /// How many tokens to guess at most where one text is written alone; they are checked, so the text stays the same.
  package var lookup = 7
  /// Tokens that end a text.
  package var endTokens: Set<Int> = []
  /// How many texts for each prompt.
  package var count = 1
  package var seed: UInt64 = 0

  package init() {}

  /// - Throws: ``TransformerError/badInput(field:expected:got:)``.
  package func check() throws {
    func require(_ holds: Bool, _ field: String, _ expected: String, _ got: String) throws {
      if !holds { throw TransformerError.badInput(field: field, expected: expected, got: got) }
    }
    try require(maxTokens >= 0, "max_tokens", "0 or more", "\(maxTokens)")
    try require((0...16).contains(lookup), "lookup", "0 to 16", "\(lookup)")
    try require(temperature >= 0 && temperature.isFinite, "temperature", "0 or more", "\(temperature)")
    try require((topK ?? 1) >= 1, "top_k", "at least 1", "\(topK ?? 0)")
    try require((topP ?? 1) > 0 && (topP ?? 1) <= 1, "top_p", "above 0, at most 1", "\(topP ?? 0)")
    try require((minP ?? 0) >= 0 && (minP ?? 0) <= 1, "min_p", "0 to 1", "\(minP ?? 0)")
    try require(repetitionPenalty > 0, "repetition_penalty", "above 0", "\(repetitionPenalty)")
    try require((1...1000).contains(beams), "beams", "1 to 1,000", "\(beams)")
    try require((1...1000).contains(count), "n", "1 to 1,000", "\(count)")
    try require(beams == 1 || count <= beams, "n", "at most the number of beams, \(beams)", "\(count)")
    try require(beams == 1 || temperature == 0, "beams", "1 where temperature is not 0", "\(beams)")
  }
}
