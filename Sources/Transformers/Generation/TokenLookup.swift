/// Guesses what comes next from what came before: where the last tokens stood earlier, what followed them there (prompt
/// lookup decoding: Saxena 2023; the same idea as Yang et al. 2023, arXiv:2304.04487).
///
/// One pass reads a guess and says which of its tokens would have been written anyway: those stay, and a token more.
/// Nothing else depends on it, so a wrong guess costs time only.
package struct TokenLookup {
  /// Tokens that may come next.
  package struct Guess {
    package var tokens: [Int] = []
    /// How many last tokens stood before them earlier too, as far as that was looked at.
    fileprivate var run = 0
  }

  private var tokens: [Int] = []
  /// Where the latest pair of two tokens ended, and of each place where the same pair ended before it.
  private var latest: [Pair: Int] = [:]
  private var earlier: [Int?] = []
  /// By the length of the run, guessed tokens that held and that failed. It begins as if two had been tried: the longer
  /// the run, the likelier they hold.
  private var trials: [(held: Double, failed: Double)]

  private struct Pair: Hashable {
    let first: Int, second: Int
  }

  private static let shortest = 2
  private static let longest = 8
  /// How many earlier places are looked at.
  private static let places = 16
  /// What reading one more row costs, in passes over one: measured with SmolLM2 (0.2 to 0.35).
  private static let costOfRow = 0.3

  package init(_ tokens: [Int]) {
    trials = (0...TokenLookup.longest).map { length in
      let failed = 2 / Double(max(length, 1))
      return (2 - failed, failed)
    }
    for token in tokens { append(token) }
  }

  /// Takes in what was written.
  package mutating func append(_ token: Int) {
    guard let last = tokens.last else {
      tokens.append(token)
      earlier.append(nil)
      return
    }
    let pair = Pair(first: last, second: token)
    tokens.append(token)
    earlier.append(latest[pair])
    latest[pair] = tokens.count - 1
  }

  /// What followed where the longest run of last tokens stood earlier: as many tokens, up to `count`, as are worth
  /// being read on what was learnt.
  package func guess(_ count: Int) -> Guess {
    let (place, run) = longestRun()
    let most = min(count, tokens.count - 1 - place)
    guard run > 0, most > 0 else { return Guess() }
    let (held, failed) = trials[run]
    let chance = held / (held + failed)
    var (best, worth) = (0, 1.0)
    var (expected, all) = (1.0, 1.0)
    for tried in 1...most {
      all *= chance
      expected += all
      let value = expected / (1 + TokenLookup.costOfRow * Double(tried))
      if value > worth { (best, worth) = (tried, value) }
    }
    return Guess(tokens: Array(tokens[(place + 1)...].prefix(best)), run: run)
  }

  /// The end of the longest earlier run of the last tokens, and its length; 0 for none.
  private func longestRun() -> (place: Int, length: Int) {
    guard var place = earlier.last ?? nil else { return (0, 0) }
    var (best, length) = (place, 0)
    for _ in 0..<TokenLookup.places {
      var same = TokenLookup.shortest
      while same < TokenLookup.longest, place >= same, tokens[place - same] == tokens[tokens.count - 1 - same] {
        same += 1
      }
      if same > length { (best, length) = (place, same) }
      guard length < TokenLookup.longest, let next = earlier[place] else { break }
      place = next
    }
    return (best, length)
  }

  /// Learns how many tokens of a guess held.
  package mutating func learn(_ guess: Guess, held: Int) {
    trials[guess.run].held += Double(held)
    if held < guess.tokens.count { trials[guess.run].failed += 1 }
  }
}
