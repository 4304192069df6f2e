/// Where a cursor stands, read from the tokens before it; nothing is run.
struct CompletionContext {
  enum Place {
    /// After `receiver.`.
    case member(of: Guess)
    /// In a string that is an argument of a call.
    case argumentString(CallPlace)
    /// In a string that indexes something: `t["`.
    case subscriptString(of: Guess)
    /// In any other string.
    case otherString
    /// Where an argument begins.
    case argument(CallPlace)
    /// Where an expression or statement begins.
    case start
    /// Where nothing can be offered, as in a comment or a number.
    case nowhere
  }

  /// What is known of an expression without running it.
  enum Guess {
    case value(Value)
    case kind(Kind)
    case unknown
  }

  /// A call that the cursor stands in.
  struct CallPlace {
    var word: String
    /// What stands before the dot, for `x.f(`.
    var receiver: Guess?
    /// Arguments before the cursor that have no label, the receiver not counted.
    var positionalCount: Int
    /// Labels used already.
    var labels: [String]
    /// The label of the argument at the cursor.
    var label: String?
    /// The first argument, where there is one before the cursor.
    var first: Guess?
  }

  let place: Place
  /// The part of a word, or of a string's text, before the cursor.
  let prefix: String

  private let tokens: [Token]
  private let source: SourceText
  private let lookUp: (String) -> Value?
  private let returnKind: (String) -> Kind?

  /// - Parameters:
  ///   - text: everything before the cursor.
  ///   - lookUp: the value of a name.
  ///   - returnKind: what a word gives.
  init(_ text: String, lookUp: @escaping (String) -> Value?, returnKind: @escaping (String) -> Kind?) {
    let source = SourceText(text)
    let (scanned, comments) = Scanner.scan(source)
    var tokens = scanned.filter { $0.kind != .end }
    self.source = source
    self.lookUp = lookUp
    self.returnKind = returnKind
    self.tokens = tokens
    if let last = comments.last, last.range.end == source.bytes.count {
      (place, prefix) = (.nowhere, "")
      return
    }
    if let last = tokens.last, let start = Self.openString(last, source) {
      tokens.removeLast()
      prefix = source.text(SourceRange(start, source.bytes.count))
      let reader = TokenReader(tokens: tokens, lookUp: lookUp, returnKind: returnKind)
      place = reader.stringPlace()
      return
    }
    var word = ""
    if let last = tokens.last, last.range.end == source.bytes.count {
      switch last.kind {
      case .name, .keyword:
        word = source.text(last.range)
        tokens.removeLast()
      case .int, .float, .string, .invalid:
        (place, prefix) = (.nowhere, "")
        return
      default: break
      }
    }
    prefix = word
    place = TokenReader(tokens: tokens, lookUp: lookUp, returnKind: returnKind).wordPlace()
  }

  /// Where the text of a string begins that is open at the end.
  private static func openString(_ token: Token, _ source: SourceText) -> Int? {
    guard token.kind == .invalid, token.range.start < source.bytes.count else { return nil }
    let quote = source.bytes[token.range.start]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
    if token.text == "open" { return token.range.end }
    return token.range.end == source.bytes.count ? token.range.start + 1 : nil
  }
}
