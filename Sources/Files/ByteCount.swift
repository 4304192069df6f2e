import Foundation

/// A number of bytes as a person writes it into a variable of the environment.
package enum ByteCount {
  /// Bytes (`500000000`), or with `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB` (`500 MB`); beyond 10^15 they are 10^15.
  ///
  /// - Returns: nil where the text is missing or says no number of bytes.
  package static func parse(_ text: String?) -> Int? {
    guard let text = text?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let scales = [
      "": 1.0, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9,
      "KIB": 0x1p10, "MIB": 0x1p20, "GIB": 0x1p30,
    ]
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).uppercased()
    guard let number = Double(digits), let scale = scales[unit] else { return nil }
    return Int(min(number * scale, 1e15))
  }
}
