import GRDB

/// Values of a row, checked: what a file holds may be of another kind than was put there, and GRDB's own subscripts end
/// the process then.
extension Row {
  func int(_ place: Int) throws -> Int {
    guard let value = Int.fromDatabaseValue(self[place]) else { throw unfit(place, "a whole number") }
    return value
  }

  func int64(_ place: Int) throws -> Int64 {
    guard let value = Int64.fromDatabaseValue(self[place]) else { throw unfit(place, "a whole number") }
    return value
  }

  func real(_ place: Int) throws -> Double {
    guard let value = Double.fromDatabaseValue(self[place]) else { throw unfit(place, "a number") }
    return value
  }

  func text(_ place: Int) throws -> String {
    guard let value = String.fromDatabaseValue(self[place]) else { throw unfit(place, "text") }
    return value
  }

  private func unfit(_ place: Int, _ expected: String) -> RetrievalError {
    let column = columnNames.dropFirst(place).first ?? "a column"
    return .damaged(path: "the index", detail: "\(column) is not \(expected)")
  }
}
