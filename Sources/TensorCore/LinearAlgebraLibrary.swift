import COpenBLAS

/// OpenBLAS, as it was loaded.
package enum LinearAlgebraLibrary {
  /// Its version, and the kind of processor it works for.
  package static var version: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    let number = words.first { $0.first?.isNumber == true } ?? "of an unknown version"
    return "\(number) (\(String(cString: openblas_get_corename())))"
  }
}
