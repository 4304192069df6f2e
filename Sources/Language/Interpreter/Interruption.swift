import Synchronization

/// A flag that a signal handler sets and that loops and long builtins look at.
package final class Interruption: Sendable {
  private let flag = Atomic<Bool>(false)

  package init() {}

  package var isRequested: Bool { flag.load(ordering: .relaxed) }
  package func request() { flag.store(true, ordering: .relaxed) }
  package func clear() { flag.store(false, ordering: .relaxed) }

  /// - Throws: ``LanguageError/interrupted``, and takes the request as answered.
  package func check() throws {
    if isRequested {
      clear()
      throw LanguageError.interrupted
    }
  }
}
