/// What the scanners ask about a scalar, a bit each.
enum ScalarClass {
  static let letter: UInt8 = 1  // \p{L}
  static let number: UInt8 = 2  // \p{N}
  static let space: UInt8 = 4  // White_Space
  static let punctuation: UInt8 = 8  // \p{P} of Unicode 8
  static let nonspacingMark: UInt8 = 16  // \p{Mn} of Unicode 8
  static let mark: UInt8 = 32  // \p{M} of Unicode 9
  /// Control, format, surrogate, private use of Unicode 8 (not unassigned: the reference leaves those).
  static let other: UInt8 = 64
  static let known: UInt8 = 128

  /// Whether a scalar is part of words (`\w`): letters, marks, decimal digits, connectors, joiners.
  static func isWord(_ value: UInt32) -> Bool {
    if value < 0x80 {
      return value == 0x5F || (value >= 0x30 && value <= 0x39) || (value | 0x20 >= 0x61 && value | 0x20 <= 0x7A)
    }
    if value == 0x200C || value == 0x200D { return true }
    guard let scalar = Unicode.Scalar(value) else { return false }
    switch scalar.properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return scalar.properties.isAlphabetic
    }
  }

  /// Whether a scalar is a decimal digit (`\d`): ``number`` counts `½` and `Ⅳ` in, too.
  static func isDecimal(_ value: UInt32) -> Bool {
    if value < 0x80 { return value >= 0x30 && value <= 0x39 }
    return Unicode.Scalar(value)?.properties.generalCategory == .decimalNumber
  }

  /// The classes of a scalar. Punctuation, marks and controls are those of the reference's tables, which are older than
  /// Swift's: what came later is none of them there.
  static func compute(_ value: UInt32) -> UInt8 {
    guard let scalar = Unicode.Scalar(value) else { return known | other }
    let isOfEight = UnicodeData.isKnown(scalar, since: 8)
    let isOfNine = UnicodeData.isKnown(scalar, since: 9)
    var bits: UInt8 = known
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: bits |= letter
    case .decimalNumber, .letterNumber, .otherNumber: bits |= number
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      if isOfEight { bits |= punctuation }
    case .nonspacingMark: bits |= (isOfEight ? nonspacingMark : 0) | (isOfNine ? mark : 0)
    case .spacingMark, .enclosingMark: if isOfNine { bits |= mark }
    case .control, .format, .surrogate, .privateUse: if isOfEight { bits |= other }
    default: break
    }
    if scalar.properties.isWhitespace { bits |= space }
    return asBefore(bits, value)
  }

  /// The classes of the few scalars whose category has changed since.
  private static func asBefore(_ bits: UInt8, _ value: UInt32) -> UInt8 {
    switch value {
    case 0x166D: return bits | punctuation
    case 0x1734, 0x1171E: return bits | nonspacingMark
    case 0x1885, 0x1886, 0xA9BD: return bits & ~nonspacingMark
    case 0x1CF2, 0x1CF3: return bits | mark
    case 0x111C9: return bits & ~(nonspacingMark | mark) | punctuation
    default: return bits
    }
  }
}

/// Classes of scalars, computed when first asked for and kept by pages of 256. Belongs to one thread.
final class ScalarClasses {
  private let pages: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
  private static let pageCount = 0x1100
  /// Classes of the first 256 scalars.
  let latin: UnsafePointer<UInt8>

  init() {
    pages = .allocate(capacity: Self.pageCount)
    pages.initialize(repeating: nil, count: Self.pageCount)
    let first = Self.makePage(0)
    pages[0] = first
    latin = UnsafePointer(first)
  }

  deinit {
    for i in 0..<Self.pageCount { pages[i]?.deallocate() }
    pages.deallocate()
  }

  private static func makePage(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    let page = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    for i in 0..<256 { page[i] = ScalarClass.compute(UInt32(index << 8 | i)) }
    return page
  }

  @inline(never)
  private func load(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    let page = Self.makePage(index)
    pages[index] = page
    return page
  }

  /// The classes of a scalar below 0x110000.
  @inline(__always)
  subscript(scalar: UInt32) -> UInt8 {
    let index = Int(scalar >> 8)
    if let page = pages[index] { return page[Int(scalar & 0xFF)] }
    return load(index)[Int(scalar & 0xFF)]
  }
}
