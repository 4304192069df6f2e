import Checkpoints
import Files
import Language
import TensorCore
import Tokenizers

extension Builtin {
  /// Words about tokens.
  static let tokenWords: [Builtin] = [tokenizerFromPath, tokenizerFromPieces, tokenize, encode, decode]

  private static let pieces = ###"tokenizer(["[UNK]", "[CLS]", "[SEP]", "un", "##freez", "##ing", "works", "."])"###

  static let tokenizerFromPath = Builtin(
    "tokenizer", area: .tokens, returns: .tokenizer,
    summary: "Read a tokenizer: a model's folder or name, a tokenizer.json, vocab.txt, spiece.model or GGUF file.",
    parameters: [.positional("path", .path, "A folder, a file, or a model's name.")],
    keywords: ["autotokenizer", "vocab", "wordpiece", "bpe", "sentencepiece", "unigram"],
    python: #"AutoTokenizer.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")"#,
    examples: [Example(#"tokenizer("no-such-model")"#, fails: "no-such-model")], seeAlso: ["tokenize", "load"]
  ) { call in
    let path: String = try call.string("path")
    return .object(TokenizerValue(try call.placing(at: "path") { try call.readTokenizer(path) }))
  }

  static let tokenizerFromPieces = Builtin(
    "tokenizer", area: .tokens, returns: .tokenizer,
    summary: "Make a small WordPiece tokenizer of the pieces in a list, to see how it cuts words.",
    parameters: [
      .positional("pieces", .strings, "Pieces; inside a word they begin with ##."),
      .named("lowercase", .bool, default: true, "Make text lower case and take accents off first."),
    ],
    keywords: ["wordpiece", "vocab"], python: ###"WordPiece(vocab={"[UNK]": 0, "play": 1, "##ing": 2})"###,
    examples: [
      Example(
        ###"tokenizer(["play", "##ing"]).tokenize("Playing", special: false).tokens"###,
        gives: .strings(["play", "##ing"])),
      Example(pieces + ".vocabulary_size", gives: 10),
    ], seeAlso: ["tokenize"]
  ) { call in
    .object(TokenizerValue(try Tokenizer(pieces: call.strings("pieces"), lowercases: call.bool("lowercase"))))
  }

  static let tokenize = Builtin(
    "tokenize", area: .tokens, on: [.model, .tokenizer], returns: .tokens,
    summary: "Split text into the model's tokens, with ids and offsets.",
    details: ["Offsets count characters (Unicode scalars) of the text; special tokens stand for none of it."],
    parameters: [
      .positional("text", .string), .named("special", .bool, default: true, "Show [CLS], [SEP] and their like."),
    ],
    keywords: ["wordpiece", "bpe", "ids", "subword", "pieces"], python: "tokenizer(text, return_offsets_mapping=True)",
    examples: [
      Example(pieces + #".tokenize("Unfreezing works.", special: false).ids"#, gives: .ints([3, 4, 5, 6, 7])),
      Example(pieces + #".tokenize("works").tokens"#, gives: .strings(["[CLS]", "works", "[SEP]"])),
    ], seeAlso: ["encode", "decode"]
  ) { call in
    let encoding = try call.tokenizer().encode(call.string("text"), addSpecialTokens: call.bool("special"))
    return .object(EncodingValue(encoding))
  }

  static let encode = Builtin(
    "encode", area: .tokens, on: [.model, .tokenizer], returns: .tokens,
    summary: "Turn a text, a pair of texts or a list of words into ids as the model takes them, cut where too long.",
    details: [
      "Without max_length nothing is cut, unless truncation is given: then to what the tokenizer says is the most.",
      "What is cut off comes as further windows, in the field windows; stride says how many tokens they share.",
    ],
    parameters: [
      .positional("text", .either([.string, .strings]), "A text, or its words."),
      .named("pair", .either([.string, .strings]), shown: "", "A second text (or its words)."),
      .named("max_length", .int, shown: "not cut", "The most tokens, special ones included."),
      .named(
        "truncation", .choice(Truncation.Strategy.allCases.map(\.rawValue)), shown: "longest_first",
        "Which text of a pair is cut."),
      .named("stride", .int, default: 0, "Tokens that a window repeats of the one before."),
      .named("side", .choice(["right", "left"]), default: "right", "The end at which tokens are cut."),
      .named("special", .bool, default: true, "Add [CLS], [SEP] and their like."),
    ],
    keywords: ["input_ids", "truncation", "token_type_ids", "overflow", "batchencoding"],
    python: "tokenizer(a, b, truncation=True, max_length=128, stride=32, return_overflowing_tokens=True)",
    examples: [
      Example(
        pieces + #".encode("unfreezing works", pair: "works").type_ids"#, gives: .ints([0, 0, 0, 0, 0, 0, 1, 1])),
      Example(pieces + #".encode("unfreezing works .", max_length: 4).windows.len()"#, gives: 3),
      Example(pieces + #".encode("works", max_length: 1)"#, fails: "special tokens"),
    ], seeAlso: ["tokenize", "decode"]
  ) { call in .object(EncodingValue(try call.encoded())) }

  static let decode = Builtin(
    "decode", area: .tokens, on: [.model, .tokenizer], returns: .string,
    summary: "Turn ids back into text.",
    parameters: [
      .positional("ids", .either([.list(of: .int), .kind(.tensor), .kind(.tokens)]), "Ids, or tokens."),
      .named("special", .bool, default: true, "Keep [CLS], [SEP] and their like."),
    ],
    keywords: ["skip_special_tokens", "detokenize"], python: "tokenizer.decode(ids)",
    examples: [
      Example(pieces + #".decode([1, 3, 4, 5, 6, 7, 2])"#, gives: "[CLS] unfreezing works. [SEP]"),
      Example(pieces + #".decode([1, 3, 4, 5, 2], special: false)"#, gives: "unfreezing"),
      Example(pieces + #".decode([99])"#, fails: "99"),
    ], seeAlso: ["encode", "tokenize"]
  ) { call in
    .string(try call.tokenizer().decode(call.tokenIDs(), skipSpecialTokens: !call.bool("special")))
  }
}
