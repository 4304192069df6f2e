/// What stands around the sequences of an encoding, and how offsets are trimmed.
///
/// All kinds of the reference (templates, BERT's, RoBERTa's, byte-level) come down to this.
struct PostProcessor: Sendable {
  enum Part: Sendable, Equatable {
    case sequence(Int, typeID: Int)
    case special(id: Int, text: String, typeID: Int)
  }

  /// Takes white space at the ends of tokens out of their offsets.
  struct Trimming: Sendable {
    /// Whether the pre-tokenizer put a space before the first word, which is not the text's.
    var addsPrefixSpace: Bool
  }

  var single: [Part] = [.sequence(0, typeID: 0)]
  var pair: [Part] = [.sequence(0, typeID: 0), .sequence(1, typeID: 1)]
  var trimming: Trimming?

  func parts(pair isPair: Bool, special: Bool) -> [Part] {
    let parts = isPair ? pair : single
    guard !special else { return parts }
    return parts.filter {
      if case .sequence = $0 { return true }
      return false
    }
  }

  func addedCount(pair isPair: Bool) -> Int {
    let parts = isPair ? pair : single
    return parts.count { if case .special = $0 { return true } else { return false } }
  }

  static func roberta(cls: (String, Int), sep: (String, Int), trimming: Trimming?) -> PostProcessor {
    let first = Part.special(id: cls.1, text: cls.0, typeID: 0)
    let end = Part.special(id: sep.1, text: sep.0, typeID: 0)
    return PostProcessor(
      single: [first, .sequence(0, typeID: 0), end],
      pair: [first, .sequence(0, typeID: 0), end, end, .sequence(1, typeID: 0), end], trimming: trimming)
  }

  static func bert(cls: (String, Int), sep: (String, Int)) -> PostProcessor {
    let first = Part.special(id: cls.1, text: cls.0, typeID: 0)
    let end = Part.special(id: sep.1, text: sep.0, typeID: 0)
    return PostProcessor(
      single: [first, .sequence(0, typeID: 0), end],
      pair: [
        first, .sequence(0, typeID: 0), end, .sequence(1, typeID: 1),
        .special(id: sep.1, text: sep.0, typeID: 1),
      ], trimming: nil)
  }
}
