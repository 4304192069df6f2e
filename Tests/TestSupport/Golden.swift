import Foundation
import Testing

/// Expects a text to be what `Tests/Fixtures/golden/<name>` holds.
///
/// With `LUTHIER_RECORD=1` the file is written anew, and the test fails once to say so.
package func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let url: URL = Fixtures.tests.appendingPathComponent("Fixtures/golden/\(name)")
  if ProcessInfo.processInfo.environment["LUTHIER_RECORD"] == "1" {
    try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? Data(text.utf8).write(to: url)
    Issue.record("recorded \(name) anew: run again without LUTHIER_RECORD", sourceLocation: sourceLocation)
    return
  }
  guard let data = try? Data(contentsOf: url) else {
    Issue.record("there is no golden text \(name): record it with LUTHIER_RECORD=1", sourceLocation: sourceLocation)
    return
  }
  let wanted: String = String(decoding: data, as: UTF8.self)
  if wanted == text { return }
  let mine: [Substring] = text.split(separator: "\n", omittingEmptySubsequences: false)
  let theirs: [Substring] = wanted.split(separator: "\n", omittingEmptySubsequences: false)
  let place: Int =
    zip(mine, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(mine.count, theirs.count)
  Issue.record(
    """
    \(name) differs from line \(place + 1) on:
      expected \(place < theirs.count ? String(theirs[place]) : "(end)")
      got      \(place < mine.count ? String(mine[place]) : "(end)")
    \(text)
    """, sourceLocation: sourceLocation)
}
