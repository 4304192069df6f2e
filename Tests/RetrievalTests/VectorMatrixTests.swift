import Foundation
import Retrieval
import TensorCore
import TestSupport
import Testing

@Suite struct VectorMatrixTests {
  private func vectors(_ count: Int, _ size: Int, seed: UInt64) throws -> Tensor {
    let randoms = Philox(seed: seed, purpose: "test/vectors")
    var values: [Float] = []
    for row in 0..<count {
      for place in stride(from: 0, to: size, by: 4) {
        let words = randoms.words(UInt32(place), UInt32(row), 0)
        for word in 0..<min(4, size - place) { values.append(Float(words[word]) / Float(UInt32.max) - 0.5) }
      }
    }
    return try Tensor(values, shape: [count, size]).normalized(axis: 1)
  }

  /// Rows of many parts, some of them twice, as a brute-force search in double finds them.
  @Test(arguments: VectorKind.allCases) func everyRowIsLookedAt(_ kind: VectorKind) throws {
    let (count, size) = (4_501, 23)
    let source = try vectors(count, size, seed: 5).elements
    let matrix = VectorMatrix(size: size, kind: kind)
    for row in 0..<count {
      // Every hundredth is a copy of one before: a tie that stands in the rows' order.
      let from = row % 100 == 99 ? row / 3 : row
      let own = Array(source[(from * size)..<((from + 1) * size)])
      switch kind {
      case .float32: #expect(try own.withUnsafeBytes { try matrix.append(Int64(row), scale: 1, $0) })
      case .int8:
        let bytes = own.map { Int8(($0 * 127).rounded()) }
        #expect(try bytes.withUnsafeBytes { try matrix.append(Int64(row), scale: 1 / 127, $0) })
      }
    }
    let rows = (0..<count).map { matrix.row($0) }
    let keep = (0..<count).map { UInt8($0 % 7 == 3 ? 1 : 0) }
    for asked in [1, 3, 9, 130] {
      let questions = try vectors(asked, size, seed: UInt64(asked))
      let combinations: [(kept: [UInt8]?, k: Int)] = [(nil, 1), (nil, 10), (nil, 40), (keep, 10)]
      let found = try combinations.map { try matrix.nearest(to: questions, k: $0.k, keep: $0.kept) }
      for question in stride(from: 0, to: asked, by: max(1, asked / 3)) {
        let own = questions.elements[(question * size)..<((question + 1) * size)].map { Double($0) }
        let scores = rows.map { row in
          var sum = 0.0
          for (place, value) in row.enumerated() { sum += value * own[place] }
          return sum
        }
        let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        for (place, combination) in combinations.enumerated() {
          let wanted = order.filter { combination.kept?[$0] != 0 }.prefix(combination.k)
          #expect(
            found[place][question].map(\.row) == Array(wanted), "\(kind), \(asked) questions, k \(combination.k)")
        }
      }
    }
  }

  @Test func fewerRowsThanAskedFor() throws {
    let matrix = VectorMatrix(size: 4, kind: .float32)
    let question = try Tensor([1, 0, 0, 0], shape: [1, 4])
    #expect(try matrix.nearest(to: question, k: 3) == [[]])
    for row in 0..<2 {
      #expect(try [Float(row), 1, 0, 0].withUnsafeBytes { try matrix.append(Int64(row), scale: 1, $0) })
    }
    #expect(try matrix.nearest(to: question, k: 3)[0].map(\.row) == [1, 0])
    #expect(try matrix.nearest(to: question, k: 3, keep: [0, 0])[0].isEmpty)
    #expect(try [Float(1)].withUnsafeBytes { try matrix.append(9, scale: 1, $0) } == false)
  }

  @Test func moreThanThereAreGivesAllOnce() throws {
    let matrix = VectorMatrix(size: 2, kind: .float32)
    let count = 5000  // rows of several parts
    for row in 0..<count {
      let angle = Float(row % 100) * 0.01
      #expect(try [1 - angle, angle].withUnsafeBytes { try matrix.append(Int64(row), scale: 1, $0) })
    }
    let questions = try Tensor([1, 0, 0, 1], shape: [2, 2])
    for k in [count, .max] {
      let found = try matrix.nearest(to: questions, k: k)
      #expect(found.allSatisfy { $0.map(\.row).sorted() == Array(0..<count) }, "k: \(k)")
      #expect(found[0].prefix(3).map(\.row) == [0, 100, 200])
    }
  }

  @Test func numbersThatAreNoneAreNeverFound() throws {
    let matrix = VectorMatrix(size: 2, kind: .float32)
    for row: [Float] in [[.nan, 0], [1, 0], [.infinity, -.infinity]] {
      #expect(try row.withUnsafeBytes { try matrix.append(Int64(matrix.count), scale: 1, $0) })
    }
    let found = try matrix.nearest(to: try Tensor([1, 0, 0.5, 0.5], shape: [2, 2]), k: 3)
    #expect(found.map { $0.map(\.row) } == [[1], [1]])
  }
}
