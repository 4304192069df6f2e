import Files
import Language
import Tables

/// Rows chosen by what stands in brackets.
enum Rows {
  /// The row that an index means, counted from the end where negative.
  static func place(_ index: Int, _ count: Int, _ what: String) throws -> Int {
    guard let place = Subscript.place(index, count: count) else {
      let range: String = count == 0 ? "it is empty" : "0 to \(count - 1), or -\(count) to -1 from the end"
      throw LanguageError.message("no row \(index) in \(what) of \(count)", help: range)
    }
    return place
  }

  /// The rows of a slice, a list of places, or a mask.
  static func chosen(_ subscript: Subscript, _ count: Int, _ what: String) throws -> [Int] {
    switch `subscript` {
    case .slice(let slice):
      let (first, step, number) = slice.resolve(count: count)
      return (0..<number).map { first + $0 * step }
    case .value(.int(let index)): return [try place(index, count, what)]
    case .value(.list(let list)): return try chosen(list.elements, count, what)
    case .value(.object(let object)):
      guard let length = object.length else { break }
      return try chosen(try (0..<length).map { try object.item(at: $0) }, count, what)
    default: break
    }
    guard case .value(let value) = `subscript` else { return [] }
    throw LanguageError.message(
      "\(what) is indexed by ints, slices, lists of places and masks, not \(value.kind.phrase)")
  }

  private static func chosen(_ values: [Value], _ count: Int, _ what: String) throws -> [Int] {
    if case .bool? = values.first {
      guard values.count == count else {
        throw LanguageError.message("a mask of \(values.count) for \(what) of \(count)")
      }
      return try values.indices.filter { index in
        guard case .bool(let flag) = values[index] else {
          throw LanguageError.message("a mask holds true and false only")
        }
        return flag
      }
    }
    return try values.map { value in
      switch value {
      case .int(let index): return try place(index, count, what)
      case .float(let number):
        if let index = Int(exactly: number) { return try place(index, count, what) }
      default: break
      }
      throw LanguageError.message("places are ints, not \(value.kind.phrase)")
    }
  }
}
