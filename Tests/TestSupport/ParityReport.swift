import Testing

/// Counts what a parity suite compared and ends it with one line.
///
/// ```swift
/// var report = ParityReport("arch/bert")
/// for head in Fixtures.folders(in: "arch/bert") { report.compared(head) ... }
/// report.finish()
/// ```
package struct ParityReport {
  package let folder: String
  package private(set) var compared: Int = 0
  package private(set) var notYet: [String] = []

  package init(_ folder: String) { self.folder = folder }

  /// One case was compared.
  package mutating func compared(_ name: String = "") { compared += 1 }

  /// A case of this kind was met and not compared: fails unless the kind stands in ``NotYet``.
  package mutating func notYet(_ kind: String, sourceLocation: SourceLocation = #_sourceLocation) {
    notYet.append(kind)
    if !NotYet.kinds.contains(kind) {
      Issue.record(
        "parity \(folder): kind \"\(kind)\" is not compared and not in NotYet", sourceLocation: sourceLocation)
    }
  }

  /// Prints the line; fails where the folder is there and nothing was compared.
  package func finish(sourceLocation: SourceLocation = #_sourceLocation) {
    let names: String = Set(notYet).sorted().joined(separator: ", ")
    print("parity \(folder): \(compared) compared, \(notYet.count) not yet (\(names))")
    if compared == 0, notYet.isEmpty {
      Issue.record("parity \(folder): nothing was compared", sourceLocation: sourceLocation)
    }
  }
}
