/// Reads tokens backwards from a cursor: what stands before a dot, which call is open.
struct TokenReader {
  typealias Guess = CompletionContext.Guess

  let tokens: [Token]
  let lookUp: (String) -> Value?
  let returnKind: (String) -> Kind?

  private func sign(_ place: Int) -> Sign? {
    guard tokens.indices.contains(place), case .sign(let sign) = tokens[place].kind else { return nil }
    return sign
  }

  /// The place for a string that begins behind the last token.
  func stringPlace() -> CompletionContext.Place {
    if sign(tokens.count - 1) == .openBracket, endsOperand(tokens.count - 2) {
      return .subscriptString(of: operand(endingAt: tokens.count - 2).guess)
    }
    if let call = openCall() { return .argumentString(call) }
    return .otherString
  }

  /// The place for a word that begins behind the last token.
  func wordPlace() -> CompletionContext.Place {
    if sign(tokens.count - 1) == .dot { return .member(of: operand(endingAt: tokens.count - 2).guess) }
    if let last = sign(tokens.count - 1), last == .openParen || last == .comma || last == .colon, let call = openCall()
    {
      return .argument(call)
    }
    return endsOperand(tokens.count - 1) ? .nowhere : .start
  }

  /// Whether an operand can end with this token.
  private func endsOperand(_ place: Int) -> Bool {
    guard tokens.indices.contains(place) else { return false }
    switch tokens[place].kind {
    case .name, .int, .float, .string: return true
    case .keyword(let word): return [.none, .true, .false].contains(word)
    case .sign(let sign): return [.closeParen, .closeBracket, .closeBrace].contains(sign)
    default: return false
    }
  }

  // MARK: operands

  /// The operand that ends with a token: what is known of it, and where it begins.
  private func operand(endingAt end: Int) -> (guess: Guess, start: Int) {
    guard tokens.indices.contains(end) else { return (.unknown, end + 1) }
    switch tokens[end].kind {
    case .name:
      guard sign(end - 1) == .dot else { return (named(tokens[end].text), end) }
      let whole = operand(endingAt: end - 2)
      return (field(tokens[end].text, of: whole.guess), whole.start)
    case .string: return (.value(.string(tokens[end].text)), end)
    case .int: return (.value(.int(0)), end)
    case .float: return (.value(.float(0)), end)
    case .sign(.closeParen): return closedCall(end)
    case .sign(.closeBracket): return closedBracket(end)
    case .sign(.closeBrace): return (.kind(.record), opening(of: end) ?? end)
    default: return (.unknown, end)
    }
  }

  private func named(_ name: String) -> Guess {
    if let value = lookUp(name) { return .value(value) }
    return .unknown
  }

  private func field(_ name: String, of guess: Guess) -> Guess {
    guard case .value(let value) = guess, let found = Members.field(atHand: name, of: value) else { return .unknown }
    return .value(found)
  }

  /// `f(...)` and `x.f(...)` give what the word says it returns.
  private func closedCall(_ end: Int) -> (Guess, Int) {
    guard let open = opening(of: end) else { return (.unknown, end) }
    guard tokens.indices.contains(open - 1), tokens[open - 1].kind == .name else {
      return endsOperand(open - 1) ? (.unknown, operand(endingAt: open - 1).start) : (.unknown, open)
    }
    let guess: Guess = returnKind(tokens[open - 1].text).map { .kind($0) } ?? .unknown
    let start = sign(open - 2) == .dot ? operand(endingAt: open - 3).start : open - 1
    return (guess, start)
  }

  /// A list, or an element of something: only whole numbers and strings in the brackets are looked up.
  private func closedBracket(_ end: Int) -> (Guess, Int) {
    guard let open = opening(of: end) else { return (.unknown, end) }
    guard endsOperand(open - 1) else { return (.kind(.list), open) }
    let whole = operand(endingAt: open - 1)
    guard end - open == 2, case .value(let value) = whole.guess else { return (.unknown, whole.start) }
    let inside = tokens[open + 1]
    let index: Value
    switch inside.kind {
    case .string: index = .string(inside.text)
    case .int where inside.magnitude < 1 << 62: index = .int(Int(inside.magnitude))
    default: return (.unknown, whole.start)
    }
    return (element(of: value, index).map { .value($0) } ?? .unknown, whole.start)
  }

  private func element(of value: Value, _ index: Value) -> Value? {
    switch (value, index) {
    case (.list(let list), .int(let place)): return list.elements.indices.contains(place) ? list.elements[place] : nil
    case (.record(let record), .string(let key)): return record[key]
    case (.object(let object), _): return try? object.element([.value(index)])
    default: return nil
    }
  }

  /// The bracket that a closing one closes.
  private func opening(of end: Int) -> Int? {
    var depth = 0
    for place in stride(from: end, through: 0, by: -1) {
      switch sign(place) {
      case .closeParen, .closeBracket, .closeBrace: depth += 1
      case .openParen, .openBracket, .openBrace:
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
    }
    return nil
  }

  // MARK: calls

  /// The innermost open bracket's call, if the cursor stands directly among its arguments.
  private func openCall() -> CompletionContext.CallPlace? {
    var depth = 0
    var commas: [Int] = []
    for place in stride(from: tokens.count - 1, through: 0, by: -1) {
      switch sign(place) {
      case .closeParen, .closeBracket, .closeBrace: depth += 1
      case .comma where depth == 0: commas.append(place)
      case .openBracket, .openBrace:
        if depth == 0 { return listInCall(openedAt: place) }
        depth -= 1
      case .openParen:
        if depth > 0 {
          depth -= 1
        } else {
          return call(openedAt: place, commas: commas.reversed())
        }
      default: break
      }
    }
    return nil
  }

  /// A string in a list is completed as the argument that the list is.
  private func listInCall(openedAt place: Int) -> CompletionContext.CallPlace? {
    guard sign(place) == .openBracket, !endsOperand(place - 1) else { return nil }
    return TokenReader(tokens: Array(tokens[..<place]), lookUp: lookUp, returnKind: returnKind).openCall()
  }

  private func call(openedAt open: Int, commas: [Int]) -> CompletionContext.CallPlace? {
    guard tokens.indices.contains(open - 1), tokens[open - 1].kind == .name else { return nil }
    var result = CompletionContext.CallPlace(
      word: tokens[open - 1].text, positionalCount: 0, labels: [])
    if sign(open - 2) == .dot { result.receiver = operand(endingAt: open - 3).guess }
    let starts = [open + 1] + commas.map { $0 + 1 }
    for (index, start) in starts.enumerated() {
      let isLast = index == starts.count - 1
      var label: String?
      if sign(start + 1) == .colon, tokens[start].kind == .name { label = tokens[start].text }
      if isLast {
        result.label = label
      } else if let label {
        result.labels.append(label)
      } else {
        result.positionalCount += 1
        if index == 0 { result.first = operand(endingAt: commas[0] - 1).guess }
      }
    }
    return result
  }
}
