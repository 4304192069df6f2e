import Tokenizers

extension PretrainedModel {
  /// A conversation as the text the model continues with the assistant's next message.
  ///
  /// - Throws: ``TemplateError``, also where the model has no chat template.
  package func chatText(_ messages: [ChatMessage]) throws -> String {
    guard let source = settings.chatTemplate, !source.isEmpty else {
      throw TemplateError("\(name) has none; it continues texts, and was not taught to talk")
    }
    let special = tokenizer?.specialTokens
    return try ChatTemplate(source).render(messages, bos: special?.bos?.text ?? "", eos: special?.eos?.text ?? "")
  }
}
