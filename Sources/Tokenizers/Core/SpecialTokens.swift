/// The tokens with a role, by the names that tokenizer_config.json gives them.
package struct SpecialTokens: Sendable, Equatable {
  /// A token and its id.
  package struct Entry: Sendable, Equatable {
    package var text: String
    package var id: Int

    package init(text: String, id: Int) {
      self.text = text
      self.id = id
    }
  }

  package var cls: Entry?
  package var sep: Entry?
  package var pad: Entry?
  package var mask: Entry?
  package var bos: Entry?
  package var eos: Entry?
  package var unk: Entry?

  package init() {}
}
