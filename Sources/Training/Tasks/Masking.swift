import TensorCore
import Tokenizers
import Transformers

/// Which tokens a masked language model has to guess, drawn anew for each epoch.
///
/// Source: Devlin et al. 2019, "BERT" (arXiv:1810.04805), 3.1, drawn dynamically as by Liu et al. 2019, "RoBERTa": of
/// the tokens that aren't special 15 %, of these 80 % become the mask token, 10 % a token by chance, 10 % stay. Where
/// chance takes none in a sequence, the token that came closest is taken, so that each has something to learn.
package struct Masking: Sendable, Equatable {
  package let maskID: Int
  package let vocabularySize: Int
  /// Special tokens, which are never masked.
  package let spared: Set<Int>
  /// The share of tokens to guess.
  package let rate: Double

  package init(maskID: Int, vocabularySize: Int, spared: Set<Int>, rate: Double = 0.15) {
    self.maskID = maskID
    self.vocabularySize = vocabularySize
    self.spared = spared
    self.rate = rate
  }

  /// - Returns: nil where the tokenizer has no mask token.
  package init?(_ tokenizer: Tokenizer, vocabularySize: Int) {
    let special: SpecialTokens = tokenizer.specialTokens
    guard let mask = special.mask else { return nil }
    let spared: [Int] = [special.cls, special.sep, special.pad, special.mask, special.bos, special.eos]
      .compactMap { $0?.id }
    self.init(
      maskID: mask.id, vocabularySize: min(vocabularySize, tokenizer.vocabularySize), spared: Set(spared))
  }

  /// What the random numbers are keyed by.
  package struct Draw: Sendable, Equatable {
    package let seed: UInt64
    /// From 0; nil for measuring, where the same tokens are asked each time.
    package let epoch: Int?

    package init(seed: UInt64, epoch: Int?) {
      self.seed = seed
      self.epoch = epoch
    }

    package static let measuring = Draw(seed: 0, epoch: nil)
  }

  /// A sequence with its masked tokens, and of each the label: the token that stood there, or none.
  package func applied(to ids: [Int], row: Int, _ draw: Draw) -> (ids: [Int], labels: [Int]) {
    let random = Philox(seed: draw.seed, purpose: draw.epoch == nil ? "mask/measuring" : "mask")
    let epoch = UInt32(truncatingIfNeeded: draw.epoch ?? 0)
    var masked: [Int] = ids
    var labels: [Int] = Array(repeating: Labels.ignored, count: ids.count)
    let limit: Double = rate * 0x1p32
    var closest: (place: Int, words: SIMD4<UInt32>)?
    func take(_ place: Int, _ words: SIMD4<UInt32>) {
      labels[place] = ids[place]
      let kind: Double = Double(words[1]) * 0x1p-32
      if kind < 0.8 {
        masked[place] = maskID
      } else if kind < 0.9 {
        masked[place] = Int(UInt64(words[2]) * UInt64(max(1, vocabularySize)) >> 32)
      }
    }
    var isEmpty: Bool = true
    for (place, id) in ids.enumerated() where !spared.contains(id) {
      let words: SIMD4<UInt32> = random.words(
        epoch, UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: place))
      if Double(words[0]) < limit {
        take(place, words)
        isEmpty = false
      } else if words[0] < closest?.words[0] ?? .max {
        closest = (place, words)
      }
    }
    if isEmpty, let closest { take(closest.place, closest.words) }
    return (masked, labels)
  }
}
