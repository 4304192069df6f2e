import Language
import Prompting

/// A prompt in the language: a template with the words of its labels.
package final class PromptValue: LanguageObject {
  package let prompt: Prompt

  package init(_ prompt: Prompt) { self.prompt = prompt }

  package var kind: Kind { .prompt }
  package var summary: String {
    let fields = prompt.template.fields
    return "a prompt\(prompt.name.map { " named \($0)" } ?? ""), \(prompt.labels.count) labels, "
      + (fields.isEmpty ? "no fields" : "filled from \(fields.joined(separator: ", "))")
  }
  package var fieldNames: [String] { ["template", "labels", "fields", "name", "instruction"] }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "template": .string(prompt.template.source)
    case "labels":
      try .record(
        prompt.labels.map { ($0.name, $0.words.count == 1 ? .string($0.words[0]) : .strings($0.words)) })
    case "fields": .strings(prompt.template.fields)
    case "name": prompt.name.map { .string($0) } ?? .nothing
    case "instruction": .string(prompt.instruction)
    default: nil
    }
  }

  package func nextSteps(name: String) -> [String] {
    [
      "\(name).render(reviews[0])", "gen.try_prompt(\(name), reviews[0])", "gen.trial({\(name): \(name)}, reviews)",
    ]
  }

  package func isEqual(to other: any LanguageObject) -> Bool { (other as? PromptValue)?.prompt == prompt }

  // MARK: Editing: as a file of a prompt, so that everything can be changed

  package var editableText: String? { prompt.fileText }

  package func statement(name: String, edited text: String) throws -> String {
    let file = try Prompt.read(text, path: "the edited prompt")
    let edited = try Prompt(
      Template(file.template), labels: file.labels, name: file.name, instruction: file.instruction)
    var parts = [StringEscapes.literal(edited.template.source)]
    if !edited.labels.isEmpty {
      let labels = edited.labels.map { label in
        let words = label.words.map { StringEscapes.literal($0) }
        return StringEscapes.literal(label.name) + ": "
          + (words.count == 1 ? words[0] : "[" + words.joined(separator: ", ") + "]")
      }
      parts.append("labels: {" + labels.joined(separator: ", ") + "}")
    }
    if let own = edited.name { parts.append("name: " + StringEscapes.literal(own)) }
    if !edited.instruction.isEmpty { parts.append("instruction: " + StringEscapes.literal(edited.instruction)) }
    return "\(name) = prompt(\(parts.joined(separator: ", ")))"
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let lines = TextLines.of(prompt.template.source)
    if size != .full {
      let text = "prompt \"" + lines.joined(separator: "\\n") + "\""
      return [StyledText(text).cut(to: size == .inline ? min(40, frame.width) : frame.width)]
    }
    var head = StyledText("prompt", .heading)
    if let name = prompt.name { head.append(" " + name, .name) }
    head.append("   \(prompt.labels.count) labels")
    if !prompt.template.fields.isEmpty { head.append(", fields " + prompt.template.fields.joined(separator: ", ")) }
    var shown: [StyledText] = [head.cut(to: frame.width)]
    if !prompt.instruction.isEmpty {
      let text = TextLines.of(prompt.instruction).joined(separator: "\\n")
      shown.append(StyledText("instruction: " + text, .faint).cut(to: frame.width))
    }
    let words = prompt.labels.prefix(7).map { label in
      var line = StyledText("  " + label.name + "  ", .name)
      line.append(label.words.map { "\"\($0)\"" }.joined(separator: " "), .string)
      return line.cut(to: frame.width)
    }
    let room = max(1, frame.height - shown.count - words.count - 2)
    for line in lines.prefix(room) { shown.append(StyledText("  " + line).cut(to: frame.width)) }
    if lines.count > room { shown.append(StyledText("  … \(lines.count - room) more lines", .faint)) }
    shown += words
    if prompt.labels.count > 7 { shown.append(StyledText("  … \(prompt.labels.count - 7) more labels", .faint)) }
    return Array(shown.prefix(frame.height))
  }
}

/// Lines of a text, whatever ends them.
enum TextLines {
  static func of(_ text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}
