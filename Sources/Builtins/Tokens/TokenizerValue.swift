import Language
import Tokenizers

/// A tokenizer in the language.
package final class TokenizerValue: LanguageObject {
  package let tokenizer: Tokenizer

  package init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  package var kind: Kind { .tokenizer }
  package var summary: String {
    "a \(tokenizer.kind) tokenizer of \(Numbers.grouped(tokenizer.vocabularySize)) tokens"
  }
  package func isEqual(to other: any LanguageObject) -> Bool {
    (other as? TokenizerValue)?.tokenizer === tokenizer
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    var line = StyledText(tokenizer.kind, .heading)
    line += StyledText(" tokenizer · \(Numbers.grouped(tokenizer.vocabularySize)) tokens")
    if let length = tokenizer.modelMaxLength { line += StyledText(" · at most \(Numbers.grouped(length)) a text") }
    return [line.cut(to: frame.width)]
  }
}
