extension Truncation {
  /// How many tokens of each sequence remain.
  ///
  /// - Parameter room: the most tokens of both together.
  func lengths(first: Int, second: Int?, room: Int) throws -> (first: Int, second: Int) {
    let total = first + (second ?? 0)
    guard total > room else { return (first, second ?? 0) }
    guard room > 0 else { return (0, 0) }
    switch strategy {
    case .longestFirst:
      guard let second else { return (room, 0) }
      var shorter = min(first, second)
      var longer = shorter > room ? shorter : max(shorter, room - shorter)
      if shorter + longer > room {
        shorter = room / 2
        longer = shorter + room % 2
      }
      return first > second ? (longer, shorter) : (shorter, longer)
    case .onlyFirst:
      guard first > total - room else { throw tooShort("first", room) }
      return (first - (total - room), second ?? 0)
    case .onlySecond:
      guard let second else { throw TokenizerError.cannotEncode(reason: "truncation \"only_second\" needs a pair") }
      guard second > total - room else { throw tooShort("second", room) }
      return (first, second - (total - room))
    }
  }

  private func tooShort(_ which: String, _ room: Int) -> TokenizerError {
    .cannotEncode(
      reason: "max_length \(maxLength) leaves \(room) tokens; cutting only the \(which) sequence is not enough")
  }

  /// The windows of `kept` tokens into which `count` tokens are cut, the one that stays first.
  func windows(of count: Int, kept: Int) throws -> [Range<Int>] {
    guard kept < count else { return [0..<count] }
    guard kept > 0 else { return [0..<0, 0..<count] }
    guard stride < kept else {
      throw TokenizerError.cannotEncode(
        reason: "stride \(stride) must be less than the \(kept) tokens that max_length \(maxLength) leaves")
    }
    let step = kept - stride
    var result: [Range<Int>] = []
    switch side {
    case .right:
      var start: Int = 0
      while true {
        let end = min(start + kept, count)
        result.append(start..<end)
        if end == count { break }
        start += step
      }
    case .left:
      var end: Int = count
      while end > 0 {
        let start = max(0, end - kept)
        result.append(start..<end)
        if start == 0 { break }
        end -= step
      }
    }
    return result
  }
}
