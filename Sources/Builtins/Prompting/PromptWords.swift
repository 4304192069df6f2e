import Files
import Language
import Prompting

extension Builtin {
  /// Words that make prompts and show them filled.
  static let promptWords: [Builtin] = [prompt, render]

  /// A masked prompt for examples.
  static let tinyPrompt: String = #"p = prompt("{text} b {mask}", labels: {bad: "c", good: "d"})"#

  private static let prompt = Builtin(
    "prompt", area: .prompts, returns: .prompt,
    summary: "A template with the words of its labels, to be filled from rows and scored by a model.",
    details: [
      "{name} is a column, {label} the place that is scored, {mask} the mask token, {{ and }} are braces.",
      "A space before {label} belongs to the label's word. What follows {label} shows in shots only.",
      "A file may begin with `name:`, `instruction:`, `label positive: good | great` lines, then a line ---.",
    ],
    parameters: [
      .positional("template", .string, shown: "the file's", "text with {columns} and {label} or {mask}"),
      .named(
        "labels", .either([.record, .list, .kind(.column)]), shown: "the file's",
        "Each label with its word or words; a list where they are the same."),
      .named("name", .string, shown: "none", "What trials call it."),
      .named("instruction", .string, shown: "none", "Text that stands once, before shots and row."),
      .named("file", .path, shown: "none", "A file that holds it."),
    ],
    keywords: ["template", "verbalizer", "zero-shot", "label words", "PromptTemplate"],
    python: #"template.format(**row)"#,
    examples: [
      Example(
        #"prompt("Review: {text}\nSentiment:{label}", labels: ["bad", "good"]).fields"#, gives: .strings(["text"])),
      Example(#"prompt("{text}", labels: ["bad", "good"])"#, fails: "no place for the answer"),
      Example(#"prompt("{text} {label}", labels: {a: "good", b: "good"})"#, fails: "stands for both"),
    ], seeAlso: ["render", "try_prompt", "trial", "shots"]
  ) { call in
    var file = Prompt.File(template: "")
    if let path = try call.stringIfAny("file") {
      if call.has("template") { throw call.error("a template or a file, not both", at: "file") }
      let access: FileAccess = try call.service()
      file = try Prompt.read(try access.readText(path), path: path)
    } else {
      guard let template = try call.stringIfAny("template") else {
        throw call.error(
          "there is no template", help: #"prompt("Review: {text}\nSentiment: {label}", labels: {...}), or file:"#)
      }
      file.template = template
    }
    let labels = try call.promptLabels("labels")
    return .object(
      PromptValue(
        try Prompt(
          Template(file.template), labels: labels.isEmpty ? file.labels : labels,
          name: try call.stringIfAny("name") ?? file.name,
          instruction: try call.stringIfAny("instruction") ?? file.instruction)))
  }

  private static let render = Builtin(
    "render", area: .prompts, on: [.prompt], returns: .string,
    summary: "A prompt filled from a row, up to where the label is scored; never with the row's own label.",
    parameters: [
      .positional("row", .either([.record, .kind(.table)]), "a row: reviews[0]"),
      .named("shots", .kind(.shots), shown: "none", "Labelled examples before it."),
      .named("model", .kind(.model), shown: "none", "Counts its tokens."),
      .named("chat", .bool, default: false, "As a message, by the model's chat template."),
    ],
    keywords: ["fill", "format", "preview"], python: "template.format(**row)",
    examples: [
      Example(
        #"prompt("{text}\nSo: {label}", labels: ["a", "b"]).render({text: "Fine.", label: "a"})"#, gives: "Fine.\nSo:"),
      Example(#"prompt("{txt} {label}").render({text: "Fine."})"#, fails: "did you mean {text}"),
    ], seeAlso: ["prompt", "try_prompt"]
  ) { call in
    let prompt = try call.receiver(as: PromptValue.self).prompt
    let row = try call.promptRow("row")
    let shots = call.objectIfAny("shots", as: ShotsValue.self)?.shots
    let own = try shots?.demonstrations(for: [row], fields: prompt.template.fields)[0] ?? []
    let model = call.objectIfAny("model", as: ModelValue.self)
    var text = try prompt.rendered(
      row, shots: own, separator: shots?.separator ?? "\n\n",
      mask: model?.model.tokenizer?.specialTokens.mask?.text ?? "{mask}")
    if try call.bool("chat") {
      guard let model else {
        throw call.error("chat: whose template? name the model too", at: "chat", help: "model: gen")
      }
      text = try call.chatWrapper(model.model)(text)
    }
    if let tokenizer = model?.model.tokenizer {
      let count = try tokenizer.encode(text, addSpecialTokens: prompt.template.isMasked).count
      let limit = model?.model.positionLimit.map { " of \(Numbers.grouped($0))" } ?? ""
      call.note("\(Numbers.grouped(count)) tokens\(limit)")
    }
    return .string(text)
  }
}
