import Language
import Tables
import Training

/// Labels as a user gives them: texts, whole numbers, or true and false.
enum LabelValues {
  case texts([String])
  case integers([Int])

  var count: Int {
    switch self {
    case .texts(let texts): return texts.count
    case .integers(let numbers): return numbers.count
    }
  }

  /// The classes that occur, sorted.
  var set: LabelSet {
    switch self {
    case .texts(let texts): return LabelSet(texts: texts)
    case .integers(let numbers): return LabelSet(integers: numbers)
    }
  }

  /// The class of each label in a set that was made before.
  func indices(in set: LabelSet) throws -> [Int] {
    switch self {
    case .texts(let texts): return try set.indices(of: texts)
    case .integers(let numbers): return try set.indices(of: numbers)
    }
  }

  init(_ column: Column, in call: Call, _ name: String) throws {
    guard column.missingCount == 0 else {
      throw call.error("\(name): \(column.missingCount) of \(column.count) labels are missing", at: name)
    }
    switch column {
    case .strings(let texts): self = .texts(texts)
    case .integers(let numbers): self = .integers(numbers)
    case .bools(let flags): self = .texts(flags.map { $0 ? "true" : "false" })
    case .reals(let numbers):
      let whole: [Int] = numbers.compactMap { Int(exactly: $0) }
      guard whole.count == numbers.count else {
        throw call.error(
          "\(name): labels are texts or whole numbers, the column holds floats", at: name,
          help: "for numbers to predict use for_sequence_classification(labels: 1) and fit")
      }
      self = .integers(whole)
    case .lists, .any:
      throw call.error("\(name): labels are texts or whole numbers, the column holds \(column.kind) values", at: name)
    }
  }

  /// Labels from a column, a list, a tensor of ints, or the label column of a table.
  init(_ value: Value, in call: Call, _ name: String, column wanted: String = "label") throws {
    switch value {
    case .object(let column as ColumnValue): try self.init(column.column, in: call, name)
    case .list(let list): try self.init(Column(values: list.elements), in: call, name)
    case .object(let table as TableValue): try self.init(table.column(wanted), in: call, name)
    case .object(let tensor as TensorValue):
      guard case .integers(let numbers) = tensor.content, numbers.shape.count == 1 else {
        throw call.error("\(name): a tensor of labels holds ints along one axis", at: name)
      }
      self = .integers(numbers.elements)
    case let other:
      throw call.error("\(name): expected labels, got \(other.kind.phrase)", at: name, help: "y is a column or a list")
    }
  }
}

extension LabelSet {
  /// A class as a value of the language.
  func value(_ index: Int) -> Value {
    guard names.indices.contains(index) else { return .nothing }
    return integers.map { .int($0[index]) } ?? .string(names[index])
  }

  /// Classes as a column.
  func column(_ indices: [Int]) -> Column {
    if let integers { return .integers(indices.map { integers[$0] }) }
    return .strings(indices.map { names[$0] })
  }
}
