import Glibc
import TensorCore
import Transformers

/// How alike texts are: the cosine of their vectors, which are a model's features or words weighed by their rarity.
struct Likeness {
  private enum Vectors {
    case words(index: [String: Int], rarity: [Double], rows: [[Int: Double]])
    case features(PretrainedModel, [[Float]])
  }

  private let vectors: Vectors

  /// Words in lower case, weighed by (1 + log count) · log((1 + N) / (1 + rows with it)) + 1, scaled to length 1
  /// (scikit-learn's TfidfVectorizer with sublinear_tf).
  init(_ pool: [String]) {
    var index: [String: Int] = [:]
    var documents: [Int] = []
    let counted = pool.map { text -> [Int: Int] in
      var counts: [Int: Int] = [:]
      for word in Likeness.words(text) {
        let number = index[word] ?? index.count
        if number == index.count {
          index[word] = number
          documents.append(0)
        }
        counts[number, default: 0] += 1
      }
      for number in counts.keys { documents[number] += 1 }
      return counts
    }
    let rarity = documents.map { log(Double(1 + pool.count) / Double(1 + $0)) + 1 }
    vectors = .words(index: index, rarity: rarity, rows: counted.map { Likeness.weighed($0, rarity) })
  }

  init(_ pool: [String], _ model: PretrainedModel, _ checkInterruption: (() throws -> Void)?) throws {
    vectors = .features(model, try Likeness.features(pool, model, checkInterruption))
  }

  /// Of each text its likeness to each of the pool.
  func scores(of texts: [String], _ checkInterruption: (() throws -> Void)?) throws -> [[Double]] {
    switch vectors {
    case .words(let index, let rarity, let rows):
      return texts.map { text in
        var counts: [Int: Int] = [:]
        for word in Likeness.words(text) { if let number = index[word] { counts[number, default: 0] += 1 } }
        let own = Likeness.weighed(counts, rarity)
        return rows.map { row in
          let (few, many) = own.count < row.count ? (own, row) : (row, own)
          // In the order of the words, so that sums are the same every time.
          return few.keys.sorted().reduce(0) { $0 + (few[$1] ?? 0) * (many[$1] ?? 0) }
        }
      }
    case .features(let model, let rows):
      let own = try Likeness.features(texts, model, checkInterruption)
      return own.map { vector in
        rows.map { row in zip(vector, row).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
      }
    }
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  private static func weighed(_ counts: [Int: Int], _ rarity: [Double]) -> [Int: Double] {
    let weights = counts.map { number, count in (number, (1 + log(Double(count))) * rarity[number]) }
    let length = weights.sorted { $0.0 < $1.0 }.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
    return Dictionary(weights.map { ($0.0, $0.1 / max(length, 1e-12)) }, uniquingKeysWith: { first, _ in first })
  }

  private static func features(
    _ texts: [String], _ model: PretrainedModel, _ checkInterruption: (() throws -> Void)?
  ) throws -> [[Float]] {
    var options = FeatureOptions()
    options.normalize = true
    let features = try model.allFeatures(texts, options) { _, _ in try checkInterruption?() }
    let width = max(features.values.shape.last ?? 1, 1)
    return features.values.withUnsafeBuffer { buffer in
      stride(from: 0, to: buffer.count, by: width).map { Array(buffer[$0..<($0 + width)]) }
    }
  }
}
