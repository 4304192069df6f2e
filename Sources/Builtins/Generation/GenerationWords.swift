import Language
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

extension Builtin {
  /// Words that write text.
  static let generationWords: [Builtin] = [generate, chat]

  private static let generate = Builtin(
    "generate", area: .generation, on: [.model], returns: .string,
    summary: "Continue a prompt, or several, token by token.",
    details: [
      "temperature 0 takes the most likely token; above 0 tokens are drawn, among those that top_k, top_p and min_p leave.",
      "A string for one prompt, a list for several or for n above 1. Ctrl-C keeps what is written.",
      "One text alone is written faster where it repeats itself: a few tokens are guessed (lookup) and checked in one "
        + "pass. The text is the same without.",
    ],
    parameters: [
      .positional("prompt", .either([.string, .strings]), "a text, or texts"),
      .named("max_tokens", .int, default: 100, "How many tokens at most."),
    ] + Call.choosing.prefix(4) + [
      .named("beams", .int, default: 1, "Follow this many texts at once and keep the likeliest.")
    ] + Call.choosing[4...5] + [.named("n", .int, default: 1, "Texts for each prompt.")] + Call.choosing.suffix(2),
    keywords: [
      "sample", "complete", "continue", "text", "decoding", "max_new_tokens", "greedy", "beam search", "nucleus",
      "speculative decoding", "prompt_lookup_num_tokens",
    ],
    python: "model.generate(**inputs, max_new_tokens=100)",
    examples: [
      Example(
        #"gen.generate("The three primary colours are", max_tokens: 24, stop: ".")"#, lesson: "generation",
        shown: #"" the primary colours of the human eye: red, blue, and yellow""#),
      Example(#"tiny.generate("a")"#, fails: "has no head for it"),
    ],
    seeAlso: ["chat", "perplexity", "logprob", "for_causal_lm"]
  ) { call in
    let (value, tokenizer) = try call.writer()
    var isOne = false
    var prompts: [String]
    if case .string(let text) = call.value("prompt") {
      (prompts, isOne) = ([text], true)
    } else {
      prompts = try call.strings("prompt")
    }
    guard !prompts.isEmpty else { throw call.error("there are no prompts", at: "prompt") }
    let encoded = try prompts.map { try tokenizer.encode($0).ids }
    if let empty = encoded.firstIndex(where: \.isEmpty) {
      throw call.error(
        prompts.count == 1 ? "the prompt encodes to no tokens" : "prompt \(empty) encodes to no tokens", at: "prompt",
        help: "give it a word to begin with")
    }
    var settings = try call.generationSettings(value.model)
    settings.beams = try call.int("beams")
    settings.count = try call.int("n")
    if settings.count > 1, settings.beams == 1, settings.temperature == 0 {
      call.note("at temperature 0 the \(settings.count) texts of a prompt are the same: give a temperature, or beams")
    }
    if settings.beams > 1, call.isGiven("lookup") {
      call.note("lookup: without effect with beams, which guess nothing")
    }
    let results = try call.write(encoded, settings, value.model, tokenizer)
    let texts = results.map(\.text)
    if settings.count == 1 { return isOne ? .string(texts.first ?? "") : .strings(texts) }
    if isOne { return .strings(texts) }
    return try .list(
      prompts.indices.map { index in Value.strings(results.filter { $0.prompt == index }.map(\.text)) })
  }

  private static let chat = Builtin(
    "chat", area: .generation, on: [.model], returns: .string,
    summary: "Answer a message, or go on with a conversation, as the model was taught to.",
    details: [
      "A string is the user's message. For a conversation give its messages in a list: strings, the user's and the "
        + "model's in turn, or records {role: \"user\", content: \"...\"}.",
      "How messages are written comes with the model, as its chat template. Ctrl-C keeps what is written.",
    ],
    parameters: [
      .positional("messages", .any, "the user's text, or the messages so far"),
      .named("system", .string, shown: "the template's", "What the model is told to be."),
      .named("max_tokens", .int, default: 200, "How many tokens at most."),
    ] + Call.choosing,
    keywords: ["conversation", "assistant", "instruct", "apply_chat_template", "messages", "dialogue"],
    python: #"pipeline("text-generation", model=name)([{"role": "user", "content": text}])"#,
    examples: [
      Example(
        #"gen.chat("What is a luthier?", system: "Answer in one short sentence.", max_tokens: 40)"#,
        lesson: "generation", shown: "A luthier is a craftsman who crafts instruments, …"),
      Example(#"tiny.chat("Hello")"#, fails: "has no head for it"),
    ],
    seeAlso: ["generate"]
  ) { call in
    let (value, tokenizer) = try call.writer()
    let messages = try call.messages()
    let text: String
    do {
      text = try value.model.chatText(messages)
    } catch let problem as TemplateError {
      throw call.error(
        problem.isRefusal
          ? "the model's chat template refuses these messages: \(problem.reason)"
          : "the model's chat template can't be used: \(problem.reason)",
        at: "messages", help: problem.isRefusal ? nil : "write the prompt yourself: \(value.model.name).generate(...)")
    }
    let ids = try tokenizer.encode(text, addSpecialTokens: false).ids
    guard !ids.isEmpty else { throw call.error("the messages encode to no tokens", at: "messages") }
    let settings = try call.generationSettings(value.model)
    let results = try call.write([ids], settings, value.model, tokenizer, kind: "conversation")
    return .string(results.first?.text ?? "")
  }
}

extension Call {
  /// The conversation that `messages` and `system` give, ending with the user.
  fileprivate func messages() throws -> [ChatMessage] {
    var messages: [ChatMessage] = []
    switch value("messages") {
    case .string(let text): messages = [ChatMessage(role: "user", content: text)]
    case .list(let list):
      for (index, item) in list.elements.enumerated() {
        let turn = messages.filter { $0.role != "system" }.count
        messages.append(try message(item, index, turn: turn))
      }
    case let other:
      throw error("messages: expected a text or a list of messages, got \(other.kind.phrase)", at: "messages")
    }
    guard let last = messages.last else { throw error("there are no messages", at: "messages") }
    guard last.role != "assistant" else {
      throw error("the last message is the model's own", at: "messages", help: "add the user's next message")
    }
    if let system = try stringIfAny("system") {
      guard messages[0].role != "system" else {
        throw error("the messages begin with a system message already", at: "system")
      }
      messages.insert(ChatMessage(role: "system", content: system), at: 0)
    }
    return messages
  }

  private func message(_ item: Value, _ index: Int, turn: Int) throws -> ChatMessage {
    if case .string(let text) = item {
      return ChatMessage(role: turn % 2 == 0 ? "user" : "assistant", content: text)
    }
    guard case .record(let record) = item, case .string(let role)? = record["role"],
      case .string(let content)? = record["content"]
    else {
      var got: String = item.kind.phrase
      if case .record(let record) = item, record.count > 0 {
        got += " with " + record.keys.map(\.text).joined(separator: ", ")
      }
      throw error(
        "message \(index): expected a text or a record with the texts role and content, got \(got)", at: "messages",
        help: #"{role: "user", content: "..."}"#)
    }
    let known = ["system", "user", "assistant"]
    guard known.contains(role) else {
      throw error(
        "message \(index): expected the role system, user or assistant, got \"\(role.prefix(40))\"", at: "messages",
        help: Nearest.question(role, in: known))
    }
    return ChatMessage(role: role, content: content)
  }
}
