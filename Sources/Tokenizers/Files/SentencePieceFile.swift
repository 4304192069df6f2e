/// A sentencepiece model (`spiece.model`, `tokenizer.model`): pieces with scores, and how text is normalized.
///
/// Source: sentencepiece_model.proto of google/sentencepiece, for the numbers of the fields.
struct SentencePieceFile {
  enum PieceKind: Int, Sendable {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  /// The model's own word for how pieces are found.
  enum Algorithm: Int {
    case unigram = 1
    case bpe, word, character
  }

  let file: String
  private(set) var texts: [[UInt8]] = []
  private(set) var scores: [Float] = []
  private(set) var kinds: [PieceKind] = []
  private(set) var algorithm: Algorithm = .unigram
  private(set) var fallsBackToBytes = false
  private(set) var charsmap: [UInt8] = []
  private(set) var addsPrefix = true
  private(set) var removesSpaces = true
  private(set) var escapesSpaces = true

  init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    try bytes.withUnsafeBufferPointer { buffer in
      var reader = ProtobufReader(buffer, file: file)
      while let (field, value) = try reader.next() {
        guard case .bytes(let range) = value else { continue }
        var inner = ProtobufReader(buffer, file: file, range: range)
        switch field {
        case 1: try readPiece(&inner)
        case 2: try readTrainer(&inner)
        case 3: try readNormalizer(&inner)
        default: break
        }
      }
    }
    guard !texts.isEmpty else {
      throw TokenizerError.malformed(file: file, at: "the whole file", expected: "pieces", got: "none")
    }
  }

  private mutating func readPiece(_ reader: inout ProtobufReader) throws {
    var text: [UInt8] = []
    var score: Float = 0
    var kind = PieceKind.normal
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let range)): text = Array(reader.bytes[range])
      case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
      case (3, .varint(let number)):
        guard let known = PieceKind(rawValue: Int(clamping: number)) else {
          throw TokenizerError.malformed(
            file: file, at: "piece \(texts.count)", expected: "a known type", got: "\(number)")
        }
        kind = known
      default: break
      }
    }
    let isValid = text.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { Bytes.firstInvalid($0, buffer.count) == nil } ?? true
    }
    guard isValid, score.isFinite else {
      throw TokenizerError.malformed(
        file: file, at: "piece \(texts.count)", expected: "valid UTF-8 and a finite score", got: "score \(score)")
    }
    texts.append(text)
    scores.append(score)
    kinds.append(kind)
  }

  private mutating func readTrainer(_ reader: inout ProtobufReader) throws {
    while let (field, value) = try reader.next() {
      guard case .varint(let number) = value else { continue }
      switch field {
      case 3:
        guard let known = Algorithm(rawValue: Int(clamping: number)) else {
          throw TokenizerError.unknownKind(file: file, part: "model_type", kind: "\(number)")
        }
        algorithm = known
      case 35: fallsBackToBytes = number != 0
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ reader: inout ProtobufReader) throws {
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (2, .bytes(let range)): charsmap = Array(reader.bytes[range])
      case (3, .varint(let number)): addsPrefix = number != 0
      case (4, .varint(let number)): removesSpaces = number != 0
      case (5, .varint(let number)): escapesSpaces = number != 0
      default: break
      }
    }
  }
}
