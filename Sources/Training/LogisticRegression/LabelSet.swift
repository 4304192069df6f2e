/// The classes of a data set: whole numbers or texts, sorted, each with its index.
package struct LabelSet: Sendable, Equatable {
  /// As shown, in the order of their indices.
  package let names: [String]
  /// The numbers themselves, where labels are numbers.
  package let integers: [Int]?
  private let indices: [String: Int]

  package var count: Int { names.count }

  /// Classes that are texts, sorted by code points.
  package init(texts: [String]) {
    let unique: Set<[UInt8]> = Set(texts.map { Array($0.utf8) })
    self.init(
      names: unique.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) },
      integers: nil)
  }

  /// Classes that are whole numbers, sorted.
  package init(integers: [Int]) {
    let sorted: [Int] = Set(integers).sorted()
    self.init(names: sorted.map(String.init), integers: sorted)
  }

  /// Classes in a given order.
  package init(names: [String], integers: [Int]? = nil) {
    self.names = names
    self.integers = integers
    indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The class of each label.
  ///
  /// - Throws: ``TrainingError/unknown`` for one that isn't in the set.
  package func indices(of labels: [String]) throws -> [Int] {
    try labels.map { label in
      guard let index = indices[label] else {
        throw TrainingError.unknown(operation: "labels", what: "label", name: label, known: names)
      }
      return index
    }
  }

  /// The class of each number.
  package func indices(of labels: [Int]) throws -> [Int] { try indices(of: labels.map(String.init)) }
}
