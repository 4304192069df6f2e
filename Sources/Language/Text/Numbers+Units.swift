/// Rates, times and sizes as people read them.
extension Numbers {
  /// A rate with three digits that matter.
  package static func rate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    if value >= 100 { return grouped(Int(min(value, 1e15))) }
    return fixed(value, value >= 10 ? 1 : 2)
  }

  /// `4 ms`, `6.1 s`, `2 min 5 s`, `1 h 12 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "long" }
    if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 10 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// `90.9 MB`, in powers of 1000.
  package static func bytes(_ count: Int) -> String {
    let size = Double(count)
    if size < 1e3 { return "\(count) B" }
    if size < 1e6 { return fixed(size / 1e3, 1) + " kB" }
    if size < 1e9 { return fixed(size / 1e6, 1) + " MB" }
    return fixed(size / 1e9, 1) + " GB"
  }
}
