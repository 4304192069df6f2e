import Foundation

/// A mapping from one scalar to a few, computed when first asked for and kept by pages. Belongs to one thread.
final class ScalarMap {
  private let compute: (UInt32) -> [UInt32]
  private var pages: [UnsafeMutablePointer<UInt32>?] = Array(repeating: nil, count: 0x1100)
  /// All results, one after the other.
  let pool = Buffer<UInt32>(capacity: 256)

  init(_ compute: @escaping (UInt32) -> [UInt32]) { self.compute = compute }

  deinit {
    for page in pages { page?.deallocate() }
  }

  /// Where in ``pool`` a scalar's result stands.
  @inline(__always)
  func callAsFunction(_ scalar: UInt32) -> (first: Int, count: Int) {
    if let page = pages[Int(scalar >> 8)] {
      let entry = page[Int(scalar & 0xFF)]
      if entry != 0 { return (Int((entry & 0x7FFF_FFFF) >> 6), Int(entry & 63)) }
    }
    return load(scalar)
  }

  @inline(never)
  private func load(_ scalar: UInt32) -> (first: Int, count: Int) {
    let index = Int(scalar >> 8)
    let page: UnsafeMutablePointer<UInt32>
    if let there = pages[index] {
      page = there
    } else {
      page = .allocate(capacity: 256)
      page.initialize(repeating: 0, count: 256)
      pages[index] = page
    }
    let result = compute(scalar).prefix(63)
    let first = pool.count
    for value in result { pool.append(value) }
    page[Int(scalar & 0xFF)] = 0x8000_0000 | UInt32(first << 6) | UInt32(result.count)
    return (first, result.count)
  }
}

/// The mappings that normalizers share.
final class ScalarMaps {
  let canonical = ScalarMap { UnicodeData.decomposition($0, compatibility: false) }
  let compatibility = ScalarMap { UnicodeData.decomposition($0, compatibility: true) }
  let lowercase = ScalarMap { UnicodeData.lowercase($0) }
  /// The BERT normalizers' whole effect on a scalar, by their settings; set by them.
  var bert: [BertNormalizer.Settings: ScalarMap] = [:]
  /// Compositions of pairs, for NFC and NFKC; 0 where there is none.
  var compositions: [UInt64: UInt32] = [:]
}

/// Facts of Unicode that the standard library and Foundation know.
///
/// The reference's normalization forms are those of Unicode 9: what was assigned later has no decomposition, stands in
/// no composition, and its combining class is 0.
enum UnicodeData {
  /// Whether a scalar was assigned in a major version of Unicode, or before.
  static func isKnown(_ scalar: Unicode.Scalar, since version: Int) -> Bool {
    guard let age = scalar.properties.age else { return false }
    return age.major <= version
  }

  static func decomposition(_ value: UInt32, compatibility: Bool) -> [UInt32] {
    guard value >= 0xA0, let scalar = Unicode.Scalar(value), isKnown(scalar, since: 9) else { return [value] }
    let text = String(Character(scalar))
    let result =
      compatibility ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
    return result.unicodeScalars.map(\.value)
  }

  static func lowercase(_ value: UInt32) -> [UInt32] {
    guard let scalar = Unicode.Scalar(value) else { return [value] }
    return scalar.properties.lowercaseMapping.unicodeScalars.map(\.value)
  }

  static func combiningClass(_ value: UInt32) -> UInt8 {
    guard value >= 0x300, let scalar = Unicode.Scalar(value) else { return 0 }
    let order = scalar.properties.canonicalCombiningClass.rawValue
    return order == 0 || isKnown(scalar, since: 9) ? order : 0
  }

  /// The primary composite of two scalars, or 0.
  ///
  /// Hangul is composed by its arithmetic (Unicode Standard, section 3.12): Foundation leaves LV + T apart, and Kannada's
  /// OO, the other one of three that are no marks.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32 {
    if first >= 0x1100 && first < 0x1113 && second >= 0x1161 && second < 0x1176 {
      return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    }
    if first >= 0xAC00 && first < 0xD7A4 && second > 0x11A7 && second < 0x11C3 {
      return (first - 0xAC00) % 28 == 0 ? first + (second - 0x11A7) : 0
    }
    if first == 0x0CCA && second == 0x0CD5 { return 0x0CCB }
    guard let a = Unicode.Scalar(first), let b = Unicode.Scalar(second) else { return 0 }
    var pair = String.UnicodeScalarView()
    pair.append(a)
    pair.append(b)
    let composed = String(pair).precomposedStringWithCanonicalMapping.unicodeScalars
    guard let only = composed.first, composed.count == 1, isKnown(only, since: 9) else { return 0 }
    // Foundation takes U+10041 for U+0041 here: what was composed must come apart into the same
    let parts = decomposition(first, compatibility: false) + decomposition(second, compatibility: false)
    return decomposition(only.value, compatibility: false) == parts ? only.value : 0
  }
}
