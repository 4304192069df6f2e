import Language
import Retrieval
import Tables

/// What `add` came to, as it is shown.
enum AddedValue {
  static func report(_ report: AddReport) -> ReportValue {
    var parts: [String] = []
    if report.added > 0 { parts.append("added \(IndexValue.documents(report.added))") }
    if report.replaced > 0 { parts.append("replaced \(IndexValue.documents(report.replaced))") }
    if report.unchanged > 0 { parts.append("\(Numbers.grouped(report.unchanged)) there already") }
    if report.copies > 0 { parts.append(copies(report.copies)) }
    if parts.isEmpty { parts.append("nothing added") }
    var head = parts.joined(separator: ", ")
    if report.chunks > 0 {
      head += ": \(IndexValue.chunks(report.chunks)), \(Words.count(report.tokens, "token", "tokens"))"
    }
    var lines = [StyledText(head)]
    if report.continued > 0 {
      lines.append(StyledText("went on with \(IndexValue.documents(report.continued)) begun before", .faint))
    }
    if report.cut > 0 {
      lines.append(StyledText("\(IndexValue.chunks(report.cut)) longer than the model reads: cut", .warning))
    }
    lines += skipped(report.skipped)
    if report.isStopped {
      lines.append(
        StyledText(
          "stopped after \(Numbers.grouped(report.done)) of \(Numbers.grouped(report.asked)): add the same again to go on",
          .warning
        ).varying())
    }
    return ReportValue(
      head,
      fields: [
        ("added", .int(report.added)), ("replaced", .int(report.replaced)), ("unchanged", .int(report.unchanged)),
        ("copies", .int(report.copies)), ("continued", .int(report.continued)), ("chunks", .int(report.chunks)),
        ("tokens", .int(report.tokens)), ("embedded", .int(report.embedded)), ("cut", .int(report.cut)),
        ("stopped", .bool(report.isStopped)),
        (
          "skipped",
          .table(
            Table(
              names: ["name", "reason"],
              columns: [.strings(report.skipped.map(\.name)), .strings(report.skipped.map(\.reason))],
              rowCount: report.skipped.count))
        ),
      ], lines: lines)
  }

  private static func copies(_ count: Int) -> String {
    count == 1 ? "1 copy of a text that is there" : "\(Numbers.grouped(count)) copies of texts that are there"
  }

  private static func skipped(_ skipped: [SkippedDocument]) -> [StyledText] {
    guard !skipped.isEmpty else { return [] }
    let count = Numbers.grouped(skipped.count)
    var lines = [StyledText("skipped \(count):", .warning)]
    for document in skipped.prefix(8) { lines.append(StyledText("  \(document.name)  \(document.reason)", .faint)) }
    if skipped.count > 8 { lines.append(StyledText("  … \(Numbers.grouped(skipped.count - 8)) more", .faint)) }
    return lines
  }
}
