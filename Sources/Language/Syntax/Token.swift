/// A word or sign of the source text.
struct Token {
  enum Kind: Equatable {
    case name, int, float, string
    case keyword(Keyword)
    case sign(Sign)
    case newline
    case end
    /// Something the scanner refuses; `Scanner.Result.errors` has the message.
    case invalid
  }

  var kind: Kind
  var range: SourceRange
  /// A name's text, a string's decoded characters.
  var text: String = ""
  /// An int's magnitude.
  var magnitude: UInt64 = 0
  var float: Double = 0
  /// Why an `invalid` token is refused; also set on `end` where a triple quote is open.
  var error: Diagnostic?
  /// Whether spaces, comments or a line break stand before it.
  var hasSpaceBefore: Bool = false
}

enum Keyword: String, CaseIterable {
  case none, `true`, `false`, `if`, `else`, `for`, `while`, `in`, fn, `return`, `break`, `continue`, and, or, not,
    assert
}

enum Sign: String, CaseIterable {
  case openParen = "("
  case closeParen = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case dot = "."
  case arrow = "->"
  case assign = "="
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case doubleSlash = "//"
  case percent = "%"
  case at = "@"
  case doubleStar = "**"
  case plusAssign = "+="
  case minusAssign = "-="
  case starAssign = "*="
  case slashAssign = "/="
  case doubleSlashAssign = "//="
  case percentAssign = "%="
  case atAssign = "@="
  case doubleStarAssign = "**="
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="

  /// The operator of `+=` and its like.
  var update: BinaryOperator? {
    switch self {
    case .plusAssign: return .add
    case .minusAssign: return .subtract
    case .starAssign: return .multiply
    case .slashAssign: return .divide
    case .doubleSlashAssign: return .floorDivide
    case .percentAssign: return .remainder
    case .atAssign: return .matrixMultiply
    case .doubleStarAssign: return .power
    default: return nil
    }
  }
}

/// A comment with its place.
struct Comment {
  var range: SourceRange
  var text: String
  /// Whether it has its line to itself.
  var isWholeLine: Bool
}
