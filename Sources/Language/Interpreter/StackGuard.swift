import Dispatch
import Foundation

/// Knows how much stack a thread has left, so that recursion ends in an error whatever the thread's size.
struct StackGuard {
  private let lowest: UInt
  private let thread: pthread_t

  /// Stack that a thread of unknown size is trusted with, below the frame in which the guard is made.
  private static let trusted: UInt = 384 << 10

  // Holds, for threads made by BigStack, the lowest address that may be used.
  fileprivate static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The guard of the running thread.
  init() {
    thread = pthread_self()
    if let limit = pthread_getspecific(Self.key) {
      lowest = UInt(bitPattern: limit)
    } else {
      lowest = Self.here &- Self.trusted
    }
  }

  var isForThisThread: Bool { pthread_equal(thread, pthread_self()) != 0 }

  /// An address in the running frame.
  @inline(__always)
  fileprivate static var here: UInt {
    var byte: UInt8 = 0
    return withUnsafeMutablePointer(to: &byte) { UInt(bitPattern: $0) }
  }

  /// Whether the stack is about used up.
  @inline(__always)
  var isExhausted: Bool { Self.here < lowest }
}

/// A thread with a large stack, for parsing and running: deep recursion is an error long before the end of it.
package enum BigStack {
  /// Bytes of address space; memory is used only as far as calls go.
  package static let size: Int = 256 << 20

  /// Runs the body on a large stack and waits for it.
  package static func run<Result>(_ body: @escaping () -> Result) -> Result {
    var result: Result?
    // The caller waits, so the two threads never run at once.
    nonisolated(unsafe) let work: () -> Void = { result = body() }
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      // A part is left for builtins and libraries.
      let lowest: UInt = StackGuard.here &- UInt(size - size / 8)
      pthread_setspecific(StackGuard.key, UnsafeRawPointer(bitPattern: lowest))
      work()
      done.signal()
    }
    thread.stackSize = size
    thread.start()
    done.wait()
    // Run here only if the thread could not be started at all.
    return result ?? body()
  }
}
