import Foundation
import Language

/// Runs a script and makes a page of it: its comments as prose, its code, what each statement shows, and pictures.
struct ScriptPage {
  let session: Session
  let script: Script

  /// - Throws: the first error that the script doesn't keep in a `#>` line; nothing is made then.
  func make() throws -> Page {
    session.isQuiet = true
    try ScriptRunner(session: session).begin(script)
    var sections = [Page.Section(title: "", parts: [])]
    var next = 0
    for group in script.groups {
      add(comments: script.lines[next..<group.lines.lowerBound], to: &sections)
      let (output, pictures) = try run(group)
      var parts: [Page.Part] = [.code(script.lines[group.lines].joined(separator: "\n"))]
      if !output.isEmpty { parts.append(.output(output)) }
      parts += pictures.map { .picture($0) }
      sections[sections.count - 1].parts += parts
      next = max(group.lines.upperBound, group.outputs.upperBound)
    }
    add(comments: script.lines[next...], to: &sections)
    sections.removeAll { $0.title.isEmpty && $0.parts.isEmpty }
    sections = Self.joined(sections)
    let title: String = takeTitle(from: &sections)
    return Page(title: title, note: note, sections: sections)
  }

  /// What the group shows, and the pictures of the values that have one.
  private func run(_ group: Script.Group) throws -> (output: [StyledText], pictures: [String]) {
    var output: [StyledText] = []
    var pictures: [String] = []
    for statement in group.statements {
      do {
        let shown: [StyledText] = try ScriptRunner(session: session).runWhole(statement, of: script)
        guard statement.isExpression, !statement.isSilent,
          case .object(let object)? = session.interpreter.value(of: "_"), let svg = object.svg()
        else {
          output += shown
          session.forgetRecord()
          continue
        }
        pictures.append(svg)
        // The picture of a plot says what its text lines would; a run's text says more than its picture.
        if object.kind != Kind("plot") { output += shown }
      } catch {
        if case LanguageError.interrupted = error { throw error }
        guard script.expected(group).contains(where: { $0.hasPrefix("error:") }) else { throw error }
        output += ErrorDisplay.lines(error, source: script.program.source)
        break
      }
      session.forgetRecord()
    }
    return (output, pictures)
  }

  /// Comment lines become prose; a `# %%` begins a section.
  private func add(comments: ArraySlice<Substring>, to sections: inout [Page.Section]) {
    var prose: [String] = []
    func flush() {
      if prose.contains(where: { !$0.isEmpty }) { sections[sections.count - 1].parts.append(.prose(prose)) }
      prose = []
    }
    for line in comments where !PastedText.isOutput(line) && !ScriptHeader.isHeader(line) {
      if line.hasPrefix("# %%") {
        flush()
        let title = line.dropFirst(4).trimmingCharacters(in: .whitespaces).replacing("[markdown]", with: "")
        sections.append(Page.Section(title: title.trimmingCharacters(in: .whitespaces), parts: []))
      } else if line.hasPrefix("#") {
        let text = line.dropFirst()
        prose.append(String(text.first == " " ? text.dropFirst() : text))
      } else {
        prose.append("")
      }
    }
    flush()
  }

  /// Prose on both sides of nothing is one prose, and so is code.
  private static func joined(_ sections: [Page.Section]) -> [Page.Section] {
    sections.map { section in
      var parts: [Page.Part] = []
      for part in section.parts {
        if case .prose(let lines) = part, case .prose(let before)? = parts.last {
          parts[parts.count - 1] = .prose(before + [""] + lines)
        } else if case .code(let source) = part, case .code(let before)? = parts.last {
          parts[parts.count - 1] = .code(before + "\n" + source)
        } else {
          parts.append(part)
        }
      }
      return Page.Section(title: section.title, parts: parts)
    }
  }

  /// The page's title, which then doesn't stand again below: a heading that the prose begins with, else the title of a
  /// first section of prose alone, else the file's name.
  private func takeTitle(from sections: inout [Page.Section]) -> String {
    if let first = sections.first, case .prose(let lines)? = first.parts.first,
      let place = lines.firstIndex(where: { !$0.isEmpty }), lines[place].hasPrefix("# ")
    {
      sections[0].parts[0] = .prose(Array(lines[(place + 1)...]))
      return lines[place].dropFirst(2).trimmingCharacters(in: .whitespaces)
    }
    if let first = sections.first, !first.title.isEmpty {
      sections[0].title = ""
      return first.title
    }
    let name = script.program.source.name
    return name.hasSuffix(".luth") ? String(name.dropLast(5)) : name
  }

  private var note: String {
    "\(script.program.source.name) · Luthier \(Launch.version) · seed \(session.interpreter.sessionSeed)"
  }
}
