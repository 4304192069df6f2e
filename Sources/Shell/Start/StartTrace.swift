import Foundation

/// What the start is made of: names of its parts and when each ended, for `luthier --trace-start`.
package final class StartTrace: @unchecked Sendable {  // one thread after the other marks
  private var parts: [(name: String, milliseconds: Double)] = []
  private var last: Double

  /// Begins with the program's own code; what came before, linking, is taken from the time the process has used.
  package init() {
    parts.append(("linking, before any of our code", StartTrace.milliseconds(CLOCK_PROCESS_CPUTIME_ID)))
    last = StartTrace.milliseconds(CLOCK_MONOTONIC)
  }

  private static func milliseconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
  }

  /// Ends a part.
  package func mark(_ name: String) {
    let now = StartTrace.milliseconds(CLOCK_MONOTONIC)
    parts.append((name, now - last))
    last = now
  }

  /// A line for each part, and the sum.
  package var lines: [String] {
    let all = parts + [("until the prompt", parts.reduce(0) { $0 + $1.milliseconds })]
    return all.map { part in
      let number = String(format: "%.1f", part.milliseconds)
      return String(repeating: " ", count: max(0, 7 - number.count)) + number + " ms  " + part.name
    }
  }
}
