extension TokenizerSettings {
  /// Fills in the special tokens that no file names, by the tokenizer's class or, without one, by what the vocabulary has.
  mutating func assumeRoles(in vocabulary: Vocabulary) {
    let bert = ["cls": "[CLS]", "sep": "[SEP]", "pad": "[PAD]", "mask": "[MASK]", "unk": "[UNK]"]
    let roberta = [
      "bos": "<s>", "cls": "<s>", "sep": "</s>", "eos": "</s>", "pad": "<pad>", "mask": "<mask>", "unk": "<unk>",
    ]
    let xlnet = [
      "bos": "<s>", "eos": "</s>", "cls": "<cls>", "sep": "<sep>", "pad": "<pad>", "mask": "<mask>", "unk": "<unk>",
    ]
    let gpt = ["bos": "<|endoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>"]
    let llama = ["bos": "<s>", "eos": "</s>", "unk": "<unk>"]
    let byClass: [String: [String: String]] = [
      "BertTokenizer": bert, "DistilBertTokenizer": bert, "ElectraTokenizer": bert, "MPNetTokenizer": roberta,
      "RobertaTokenizer": roberta, "XLNetTokenizer": xlnet, "GPT2Tokenizer": gpt, "LlamaTokenizer": llama,
    ]
    let assumed: [String: String]
    if let className, let known = byClass[className] {
      assumed = known
    } else if className != nil || !roles.isEmpty {
      return
    } else {
      assumed =
        [bert, xlnet, roberta, gpt, llama].first { set in set.values.allSatisfy { vocabulary.id(of: $0) != nil } }
        ?? [:]
    }
    for (role, text) in assumed where roles[role] == nil && vocabulary.id(of: text) != nil {
      roles[role] = AddedToken(text: text, id: -1, isSpecial: true)
    }
  }
}
