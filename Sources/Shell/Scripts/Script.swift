import Foundation
import Language

/// The comments at a script's top that say how it was made.
struct ScriptHeader: Equatable {
  struct Reading: Equatable {
    var path: String
    var digest: String
  }

  var version: String?
  var seed: Int?
  var tolerance = 0.0
  /// Its place among the lessons of its folder.
  var lesson: Int?
  var reads: [Reading] = []

  init() {}

  /// Reads the comment lines that a script begins with; what isn't understood is only a comment.
  init(lines: [Substring]) {
    for line in lines {
      guard line.hasPrefix("#"), !line.hasPrefix("# %%") else { break }
      if line.hasPrefix("# luthier ") {
        for (place, part) in line.dropFirst(10).split(separator: "·").enumerated() {
          let words = part.split(separator: " ")
          guard let first = words.first else { continue }
          if place == 0 { version = String(first) }
          guard words.count == 2 else { continue }
          if first == "seed" { seed = Int(words[1]) }
          if first == "lesson" { lesson = Int(words[1]) }
          if first == "tolerance", let value = Double(words[1]), value >= 0, value.isFinite { tolerance = value }
        }
      } else if line.hasPrefix("# reads ") {
        let words = line.dropFirst(8).split(separator: " ")
        guard let last = words.last, last.hasPrefix("sha256:"), words.count >= 4 else { continue }
        let path = words.dropLast(3).joined(separator: " ")
        reads.append(Reading(path: path, digest: String(last.dropFirst(7))))
      }
    }
  }
}

extension ScriptHeader {
  /// Whether a line belongs to the header that `:save` writes.
  static func isHeader(_ line: Substring) -> Bool {
    line.hasPrefix("# luthier ")
      || line.hasPrefix("# reads ") && (line.contains(" sha256:") || line.hasSuffix(Self.moreFiles))
  }

  /// Behind the number of files that the header doesn't name.
  static let moreFiles = " more files"
}

/// A script in pieces: groups of statements that share lines, each with the output kept below it.
struct Script {
  /// Statements on the same lines, and the output lines directly below.
  struct Group {
    var statements: [Statement]
    /// Lines from 0.
    var lines: Range<Int>
    var outputs: Range<Int>
    /// The title of the cell that begins with this group, if one does; empty for a cell without.
    var title: String?
    /// Whether a new cell begins here.
    var beginsCell: Bool
  }

  let program: Program
  let text: String
  let lines: [Substring]
  let header: ScriptHeader
  let groups: [Group]

  init(_ program: Program, text: String) {
    self.program = program
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    header = ScriptHeader(lines: lines)
    var groups: [Group] = []
    for statement in program.statements {
      let first = program.source.line(at: statement.range.start)
      let last = program.source.line(at: max(statement.range.start, statement.range.end - 1))
      if let open = groups.last, first < open.lines.upperBound {
        groups[groups.count - 1].statements.append(statement)
        groups[groups.count - 1].lines = open.lines.lowerBound..<max(open.lines.upperBound, last + 1)
      } else {
        let marker = statement.comments.last { $0.hasPrefix("# %%") }
        let title = marker.map { String($0.dropFirst(4)).trimmingCharacters(in: .whitespaces) }
        groups.append(
          Group(
            statements: [statement], lines: first..<last + 1, outputs: 0..<0, title: title,
            beginsCell: marker != nil || groups.isEmpty))
      }
    }
    for place in groups.indices {
      let start = groups[place].lines.upperBound
      var end = start
      while end < lines.count, lines[end].hasPrefix("#>") || lines[end].hasPrefix("#~") { end += 1 }
      groups[place].outputs = start..<end
    }
    self.groups = groups
  }

  /// The text of an output line behind its mark.
  static func output(_ line: Substring) -> String {
    let rest = line.dropFirst(2)
    return String(rest.first == " " ? rest.dropFirst() : rest)
  }

  /// Lines that `check` compares.
  func expected(_ group: Group) -> [String] {
    lines[group.outputs].filter { $0.hasPrefix("#>") }.map(Self.output)
  }

  /// What was shown, as it is kept in a script.
  static func kept(_ output: [StyledText]) -> [String] {
    output.map { line in
      let mark = line.varies ? "#~" : "#>"
      var text = line.plain
      while text.last == " " { text.removeLast() }
      return text.isEmpty ? mark : mark + " " + text
    }
  }

  /// The whole text with new output below each group.
  func text(withOutputs outputs: [[StyledText]]) -> String {
    var result: [String] = []
    var next = 0
    for (group, output) in zip(groups, outputs) {
      result += lines[next..<group.lines.upperBound].map(String.init)
      result += Self.kept(output)
      next = max(group.outputs.upperBound, group.lines.upperBound)
    }
    result += lines[next...].map(String.init)
    return result.joined(separator: "\n")
  }
}
