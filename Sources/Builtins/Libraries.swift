import Hub
import Retrieval
import TensorCore

/// The libraries that the words stand on.
package enum Libraries {
  /// Names and versions. Opens what is otherwise opened when first needed.
  package static var versions: [(name: String, version: String)] {
    [("OpenBLAS", LinearAlgebraLibrary.version), ("SQLite", DatabaseLibrary.version), ("libcurl", Transfer.version)]
  }
}
