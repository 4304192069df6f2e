/// Names near a mistyped one.
package enum Nearest {
  /// The nearest names, best first: those at an edit distance of a third of the length at most, then those that begin
  /// with the text or hold it.
  package static func find(_ name: String, in names: [String], most: Int = 3) -> [String] {
    let wanted: [UInt8] = Array(name.lowercased().utf8.prefix(64))
    guard !wanted.isEmpty else { return [] }
    let limit: Int = max(1, min(3, (wanted.count + 1) / 3))
    var found: [(distance: Int, name: String)] = []
    for other in Set(names) where other != name && other.utf8.count <= 64 {
      let candidate: [UInt8] = Array(other.lowercased().utf8)
      let distance: Int = self.distance(wanted, candidate)
      if distance <= limit, distance < max(wanted.count, candidate.count) {
        found.append((distance, other))
      } else if wanted.count >= 3, candidate.starts(with: wanted) {
        found.append((limit + 1, other))
      }
    }
    found.sort { $0.distance != $1.distance ? $0.distance < $1.distance : $0.name < $1.name }
    return found.prefix(most).map(\.name)
  }

  /// Edits (a letter added, left out, changed, or two swapped) from one text to the other.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before: [Int] = []
    var previous: [Int] = Array(0...b.count)
    var current: [Int] = Array(repeating: 0, count: b.count + 1)
    for i in 1...a.count {
      current[0] = i
      for j in 1...b.count {
        let change: Int = a[i - 1] == b[j - 1] ? 0 : 1
        var best: Int = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, before[j - 2] + 1) }
        current[j] = best
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }

  /// `did you mean a, b or c?`, nil where nothing is near.
  package static func question(_ name: String, in names: [String]) -> String? {
    let near: [String] = find(name, in: names)
    return near.isEmpty ? nil : "did you mean \(ValueType.orList(near))?"
  }
}
