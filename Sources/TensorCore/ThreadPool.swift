import CKernels
import COpenBLAS
import Glibc

/// The threads that numeric work runs on. What they compute depends on the shapes of the work only, never on how many
/// there are.
package enum ThreadPool {
  /// How many threads there are: LUTHIER_THREADS, else the processors this process may use.
  package static var threadCount: Int {
    get {
      _ = configured
      return Int(ck_pool_threads())
    }
    set {
      _ = configured
      ck_pool_set_threads(Int32(clamping: newValue))
    }
  }

  /// Chooses the number of threads, where nothing ran before: for kernels that share their work out themselves.
  static func configure() { _ = configured }

  private static let configured: Void = {
    ck_blas_choose()
    openblas_set_num_threads(1)
    ck_blas_end_threads()
    let given = getenv("LUTHIER_THREADS").flatMap { Int32(String(cString: $0)) }
    ck_pool_set_threads(given.flatMap { (1...256).contains($0) ? $0 : nil } ?? ck_pool_processors())
  }()

  /// Calls `body` for each index in `0 ..< count`, on all threads, and returns when all are done. `body` must write
  /// only to places that belong to its index. Runs inside a run stay on their thread.
  package static func run(_ count: Int, _ body: (Int) -> Void) {
    _ = configured
    if count <= 1 {
      if count == 1 { body(0) }
      return
    }
    withoutActuallyEscaping(body) { escapable in
      var work = escapable
      withUnsafeMutablePointer(to: &work) { pointer in
        ck_pool_run(count, pointer) { context, index in
          guard let context else { return }
          context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
        }
      }
    }
  }

  /// Cuts `0 ..< total` into pieces of `size` (the last may be shorter) and calls `body` for each, on all threads.
  package static func runPieces(of total: Int, size: Int, _ body: (Range<Int>) -> Void) {
    if total <= 0 { return }
    let size = max(size, 1)
    if total <= size {
      _ = configured
      return body(0..<total)
    }
    let pieces = (total - 1) / size + 1
    run(pieces) { piece in
      let start = piece * size
      body(start..<min(start + size, total))
    }
  }
}
