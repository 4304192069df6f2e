/// How a sequence or pair that is too long is cut.
package struct Truncation: Sendable, Equatable {
  /// Which sequence of a pair loses tokens.
  package enum Strategy: String, Sendable, CaseIterable {
    case longestFirst = "longest_first"
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
  }

  /// The end at which tokens are cut.
  package enum Side: String, Sendable, CaseIterable {
    case left, right
  }

  /// The most tokens an encoding may have, special tokens included.
  package var maxLength: Int
  package var strategy: Strategy
  /// How many tokens of one window are repeated at the start of the next (in ``Encoding/overflowing``).
  package var stride: Int
  package var side: Side
  /// Whether the windows after the first are made: for long contexts, not for training on the first tokens.
  package var keepsOverflow: Bool

  package init(
    maxLength: Int, strategy: Strategy = .longestFirst, stride: Int = 0, side: Side = .right,
    keepsOverflow: Bool = false
  ) {
    self.maxLength = maxLength
    self.strategy = strategy
    self.stride = stride
    self.side = side
    self.keepsOverflow = keepsOverflow
  }
}
