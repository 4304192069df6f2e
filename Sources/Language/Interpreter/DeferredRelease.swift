import Foundation

/// Releases chains of environments one after the other where they would nest too deeply.
enum DeferredRelease {
  /// Per thread: how many releases are running inside one another, and what waits.
  private final class State {
    var depth = 0
    var waiting: [[Value?]] = []
  }

  // A thread-specific key, made once; its value is only ever touched by its own thread.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { pointer in
      #if canImport(Darwin)
        Unmanaged<State>.fromOpaque(pointer).release()
      #else
        if let pointer { Unmanaged<State>.fromOpaque(pointer).release() }
      #endif
    }
    return key
  }()

  private static var state: State {
    if let pointer = pthread_getspecific(key) { return Unmanaged<State>.fromOpaque(pointer).takeUnretainedValue() }
    let state = State()
    pthread_setspecific(key, Unmanaged.passRetained(state).toOpaque())
    return state
  }

  /// Releases the variables of a scope, now or when the releases that are running have ended.
  static func release(_ values: consuming [Value?]) {
    let state: State = state
    guard state.depth < 8 else {
      state.waiting.append(values)
      return
    }
    state.depth += 1
    drop(values)
    while state.depth == 1, let next = state.waiting.popLast() { drop(next) }
    state.depth -= 1
  }

  /// Releases here and nowhere later: inlined, the release would be moved behind the count.
  @inline(never)
  private static func drop(_ values: consuming [Value?]) {}
}
