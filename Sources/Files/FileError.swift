import Foundation

/// What can go wrong between a path and its bytes. Every case names the path as it was given.
package enum FileError: Error, Equatable, CustomStringConvertible {
  /// Nothing stands at the path.
  case notFound(path: String)
  /// Something stands there that isn't an ordinary file (or, where a folder was wanted, not a folder).
  case notRegular(operation: String, path: String, got: String)
  /// The policy in force doesn't allow it; `reason` completes "because".
  case refused(operation: String, path: String, reason: String)
  /// The operating system said no.
  case system(operation: String, path: String, code: Int32)
  /// More bytes than may be taken into memory.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// Bytes that are not UTF-8. Lines and bytes count from 1; the byte is its place in its line.
  case notText(path: String, line: Int, byte: Int)
  /// Text or bytes that don't follow their format.
  case malformed(path: String, format: String, line: Int?, byte: Int?, reason: String)

  package var description: String {
    switch self {
    case .notFound(let path):
      return "there is no file or folder \(quoted(path))"
    case .notRegular(let operation, let path, let got):
      return "cannot \(operation) \(quoted(path)): it is \(got), not an ordinary file"
    case .refused(let operation, let path, let reason):
      return "may not \(operation) \(quoted(path)): \(reason)"
    case .system(let operation, let path, let code):
      return "cannot \(operation) \(quoted(path)): \(systemMessage(code))"
    case .tooLarge(let path, let bytes, let limit):
      return "\(quoted(path)) has \(byteCount(bytes)), more than the \(byteCount(limit)) that may be read into memory"
    case .notText(let path, let line, let byte):
      return "\(quoted(path)) is not UTF-8 text: line \(line), byte \(byte)"
    case .malformed(let path, let format, let line, let byte, let reason):
      var place: String = ""
      if let line { place += ", line \(line)" }
      if let byte { place += ", byte \(byte)" }
      return "\(quoted(path)) is not valid \(format)\(place): \(reason)"
    }
  }

  /// The same error under another path: parsers know no path, their callers do.
  package func at(path: String) -> FileError {
    switch self {
    case .notFound: return .notFound(path: path)
    case .notRegular(let operation, _, let got): return .notRegular(operation: operation, path: path, got: got)
    case .refused(let operation, _, let reason): return .refused(operation: operation, path: path, reason: reason)
    case .system(let operation, _, let code): return .system(operation: operation, path: path, code: code)
    case .tooLarge(_, let bytes, let limit): return .tooLarge(path: path, bytes: bytes, limit: limit)
    case .notText(_, let line, let byte): return .notText(path: path, line: line, byte: byte)
    case .malformed(_, let format, let line, let byte, let reason):
      return .malformed(path: path, format: format, line: line, byte: byte, reason: reason)
    }
  }
}

/// A path in quotes, its control characters shown as dots and its middle cut when very long.
package func quoted(_ path: String) -> String {
  var scalars: String.UnicodeScalarView = String.UnicodeScalarView()
  for scalar in path.unicodeScalars {
    scalars.append(scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) ? "·" : scalar)
  }
  let clean: String = String(scalars)
  guard clean.count > 160 else { return "\"\(clean)\"" }
  return "\"\(clean.prefix(70))…\(clean.suffix(80))\""
}

/// Bytes for people: `812 bytes`, `90.9 MB` (powers of ten, as file managers count).
package func byteCount(_ bytes: Int) -> String {
  let units: [String] = ["kB", "MB", "GB", "TB", "PB", "EB"]
  guard abs(Double(bytes)) >= 1000 else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
  var value: Double = Double(bytes) / 1000
  var unit: Int = 0
  while abs(value) >= 999.95, unit + 1 < units.count {
    value /= 1000
    unit += 1
  }
  let tenths: Int = Int((value * 10).rounded())
  return "\(tenths / 10).\(abs(tenths % 10)) \(units[unit])"
}

/// The system's words for an error number.
package func systemMessage(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
