import Tokenizers

/// Turns tokens into text as they come: gives out what is certain, holds back what the next token may change (a
/// character of several bytes) or what may be the beginning of a text that ends it all.
package struct TextStream {
  private let tokenizer: Tokenizer
  private let stops: [[UInt8]]
  private var ids: [Int] = []
  /// Tokens before `read` are in `bytes`; those from `context` on are decoded again with the new ones, since a token's
  /// text depends on the one before.
  private var context = 0
  private var read = 0
  private var bytes: [UInt8] = []
  private var given = 0
  /// Whether one of the stops was found; ``text`` ends before it.
  package private(set) var isStopped = false

  package init(_ tokenizer: Tokenizer, stops: [String]) {
    self.tokenizer = tokenizer
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// All that was written so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Takes in a token and gives the text that is certain now.
  package mutating func add(_ token: Int) -> String {
    guard !isStopped else { return "" }
    ids.append(token)
    return take(atEnd: false)
  }

  /// What was held back, when no more tokens come.
  package mutating func finish() -> String { isStopped ? "" : take(atEnd: true) }

  private mutating func take(atEnd: Bool) -> String {
    let before = Array(tokenizer.decode(Array(ids[context..<read]), skipSpecialTokens: true).utf8)
    let after = Array(tokenizer.decode(Array(ids[context...]), skipSpecialTokens: true).utf8)
    // U+FFFD at the end: the bytes of a character are not all here yet.
    if !atEnd, after.suffix(3) == [0xEF, 0xBF, 0xBD] { return "" }
    let old = bytes.count
    if after.count > before.count { bytes += after[before.count...] }
    (context, read) = (read, ids.count)
    cut(from: old)
    let end = isStopped || atEnd ? bytes.count : bytes.count - held()
    guard end > given else { return "" }
    defer { given = end }
    return String(decoding: bytes[given..<end], as: UTF8.self)
  }

  /// Ends the text before the first stop that the bytes from `old` on complete.
  private mutating func cut(from old: Int) {
    var first: Int?
    for stop in stops where stop.count <= bytes.count {
      let start = max(0, old - stop.count + 1)
      guard start <= bytes.count - stop.count else { continue }
      for place in start...(bytes.count - stop.count) where bytes[place..<(place + stop.count)].elementsEqual(stop) {
        first = min(first ?? place, place)
        break
      }
    }
    guard let first else { return }
    bytes.removeLast(bytes.count - first)
    isStopped = true
  }

  /// The longest end of the text with which a stop begins.
  private func held() -> Int {
    var most = 0
    for stop in stops where stop.count > 1 {
      for length in stride(from: min(stop.count - 1, bytes.count), to: most, by: -1)
      where bytes.suffix(length).elementsEqual(stop.prefix(length)) {
        most = length
        break
      }
    }
    return most
  }
}
