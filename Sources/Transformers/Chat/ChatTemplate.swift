import Files

/// One message of a conversation.
package struct ChatMessage: Equatable {
  /// `system`, `user` or `assistant`.
  package var role: String
  package var content: String

  package init(role: String, content: String) {
    self.role = role
    self.content = content
  }
}

/// How a model wants a conversation written: the part of the Jinja language that chat templates are written in.
///
/// Source: the templates of Hugging Face's `tokenizer.apply_chat_template`, with which results were compared.
package struct ChatTemplate {
  private let statements: [TemplateStatement]

  /// - Throws: ``TemplateError`` for what a template must not have or Luthier doesn't know.
  package init(_ template: String) throws {
    guard template.utf8.count <= 1 << 20 else { throw TemplateError("it is longer than a megabyte") }
    statements = try TemplateParser.statements(template)
  }

  /// The template in a tokenizer_config.json: a text, or the one named default among several.
  static func source(_ json: JSON?) -> String? {
    if let text = json?.string { return text }
    let named = json?.array ?? []
    return (named.first { $0["name"]?.string == "default" } ?? named.first)?["template"]?.string
  }

  /// A conversation as text that the model continues with the assistant's next message.
  ///
  /// - Parameters:
  ///   - bos, eos: the tokenizer's tokens of these names.
  ///   - invites: whether the beginning of the assistant's message follows.
  package func render(
    _ messages: [ChatMessage], bos: String = "", eos: String = "", invites: Bool = true
  ) throws -> String {
    var runner = TemplateRunner([
      "messages": .list(
        messages.map { .dictionary([.init("role", .string($0.role)), .init("content", .string($0.content))]) }),
      "bos_token": .string(bos), "eos_token": .string(eos), "add_generation_prompt": .bool(invites),
      "tools": .none, "documents": .none,
    ])
    try runner.run(statements)
    return runner.output
  }
}
