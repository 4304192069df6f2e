/// SentencePiece's compiled normalization rules: a double-array trie of what is replaced, and the replacements.
///
/// Layout: size of the trie in bytes (little-endian, 32 bits), its units of 32 bits, the replacements, each ended by a zero.
struct PrecompiledCharsmap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// - Throws: ``TokenizerError/malformed(file:at:expected:got:)`` if the parts don't fit.
  init(_ bytes: [UInt8], file: String, at: String) throws {
    func failure(_ expected: String) -> TokenizerError {
      .malformed(file: file, at: at, expected: expected, got: "\(bytes.count) bytes")
    }
    guard bytes.count >= 4 else { throw failure("the size of a trie") }
    func word(_ i: Int) -> UInt32 {
      UInt32(bytes[i]) | UInt32(bytes[i + 1]) << 8 | UInt32(bytes[i + 2]) << 16 | UInt32(bytes[i + 3]) << 24
    }
    let size = Int(word(0))
    guard size % 4 == 0, size >= 4, size <= bytes.count - 4 else { throw failure("a trie of \(size) bytes") }
    units = (0..<(size / 4)).map { word(4 + 4 * $0) }
    replacements = Array(bytes[(4 + size)...])
    var length = 0
    for byte in replacements {
      length = byte == 0 ? 0 : length + 1
      guard length <= Self.longest else { throw failure("replacements of at most \(Self.longest) bytes") }
    }
  }

  /// Unicode's own have 33 bytes at most; without a bound a text could grow by the whole file for each scalar.
  private static let longest = 1024

  /// The replacements of the prefixes of a text, shortest first: bytes matched and where the replacement begins.
  func prefixes(of text: some Collection<UInt8>) -> [(length: Int, value: Int)] {
    var result: [(length: Int, value: Int)] = []
    var place = Self.offset(units[0])
    var length = 0
    for byte in text {
      if byte == 0 { break }
      place ^= Int(byte)
      guard place < units.count else { break }
      let unit = units[place]
      // the label of a unit must be the byte that led to it
      guard unit & 0x8000_00FF == UInt32(byte) else { break }
      place ^= Self.offset(unit)
      length += 1
      if unit >> 8 & 1 == 1 {
        guard place < units.count else { break }
        result.append((length, Int(units[place] & 0x7FFF_FFFF)))
      }
    }
    return result
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
  }

  /// The replacement that begins at a place.
  func replacement(at start: Int) -> [UInt32] {
    guard start < replacements.count else { return [] }
    let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
    return String(decoding: replacements[start..<end], as: UTF8.self).unicodeScalars.map(\.value)
  }
}

/// The charsmap as the Rust library applies it: whole grapheme clusters first, where they are short, then their scalars.
struct PrecompiledNormalizer: Normalizer {
  let charsmap: PrecompiledCharsmap

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    var changes: [NormalizedText.Change] = []
    changes.reserveCapacity(text.scalars.count)
    var view = String.UnicodeScalarView()
    for value in text.scalars { if let scalar = Unicode.Scalar(value) { view.append(scalar) } }
    for cluster in String(view) {
      let scalars = cluster.unicodeScalars
      if cluster.utf8.count < 6, let first = charsmap.prefixes(of: cluster.utf8).first {
        replace(count: scalars.count, by: charsmap.replacement(at: first.value), in: &changes)
        continue
      }
      for scalar in scalars {
        if let first = charsmap.prefixes(of: Array(String(Character(scalar)).utf8)).first {
          replace(count: 1, by: charsmap.replacement(at: first.value), in: &changes)
        } else {
          changes.append(NormalizedText.Change(scalar: scalar.value, change: 0))
        }
      }
    }
    text.transform(changes)
  }

  /// Appends a replacement as the reference counts it: what is too many is inserted, what is missing swallowed.
  private func replace(count: Int, by new: [UInt32], in changes: inout [NormalizedText.Change]) {
    for (number, scalar) in new.enumerated() {
      changes.append(NormalizedText.Change(scalar: scalar, change: number >= count && new.count > count ? 1 : 0))
    }
    if new.count < count && !changes.isEmpty { changes[changes.count - 1].change += new.count - count }
  }
}
