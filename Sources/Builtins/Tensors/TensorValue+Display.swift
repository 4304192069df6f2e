import Foundation
import Language
import TensorCore

extension TensorValue {
  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    var heading = StyledText("tensor", .heading)
    heading.append(" [\(extents.map { $0.map(String.init) ?? "*" }.joined(separator: ", "))] \(dtype)")
    if case .ragged(let ragged) = content, size != .inline {
      heading.append("  \(TensorValue.grouped(ragged.rows.shape.first ?? 0)) rows", .faint)
    }
    if size == .inline { return [heading] }
    if size == .line { return [heading + lead(frame.width - heading.width)] }
    var lines = [heading.cut(to: frame.width)]
    if let recipe { lines.append(StyledText(recipe.line, .faint).cut(to: frame.width)) }
    let numbers = NumberFormat(self)
    let shape = content.shape
    let room = frame.height - lines.count
    guard let columns = shape.last, elementCount > 0 else {
      if shape.isEmpty, elementCount == 1 { lines.append(StyledText(numbers.text(0), .number)) }
      return lines
    }
    let rows = elementCount / columns
    let fit = numbers.columnsThatFit(columns, width: frame.width - 2 * (shape.count == 1 ? 1 : 2))
    let headings = blockHeadings(shape, rows: rows)
    var (shown, used) = (0, 0)
    let lineCount = rows + headings.count
    let all = lineCount <= room
    while shown < rows {
      let cost = headings[shown] == nil ? 1 : 2
      if !all, used + cost > room - 1 { break }
      if let text = headings[shown] { lines.append(StyledText(text, .faint)) }
      lines.append(numbers.row(shown, columns: columns, fit: fit))
      used += cost
      shown += 1
    }
    if shown < rows {
      let rest = rows - shown
      lines.append(StyledText("… \(TensorValue.grouped(rest)) more row\(rest == 1 ? "" : "s")", .faint))
    }
    return lines
  }

  /// The first numbers, for a line.
  private func lead(_ width: Int) -> StyledText {
    let numbers = NumberFormat(self)
    var text = ""
    for i in 0..<min(elementCount, 32) {
      let next = (i == 0 ? "  " : ", ") + numbers.text(i)
      if text.count + next.count > width - 3 { break }
      text += next
    }
    return StyledText(text, .number) + StyledText(text.isEmpty ? "" : elementCount > 32 ? ", …" : "", .faint)
  }

  /// Where a new block of rows begins, what stands above it: `[0, 1]` in a tensor with four axes, a sequence's number
  /// in a ragged one.
  private func blockHeadings(_ shape: [Int], rows: Int) -> [Int: String] {
    var result: [Int: String] = [:]
    if case .ragged(let ragged) = content {
      let perRow = max(1, shape.dropFirst().dropLast().reduce(1, *))
      for sequence in 0..<ragged.sequenceCount where ragged.offsets[sequence] < ragged.offsets[sequence + 1] {
        result[ragged.offsets[sequence] * perRow] = "[\(sequence)]"
        if result.count > 20 { break }
      }
      return result
    }
    guard shape.count > 2 else { return result }
    let block = shape[shape.count - 2]
    for row in Swift.stride(from: 0, to: min(rows, 20 * block), by: block) {
      var (rest, places) = (row / block, [Int]())
      for extent in shape.dropLast(2).reversed() {
        places.insert(rest % extent, at: 0)
        rest /= extent
      }
      result[row] = "[\(places.map(String.init).joined(separator: ", "))]"
    }
    return result
  }

  /// A count with commas.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0, digits[place - 1] != "-" {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}

/// How the numbers of a tensor are written: all in one way, as wide as the widest of those looked at.
private struct NumberFormat {
  private let element: (Int) -> String
  private let width: Int

  init(_ tensor: TensorValue) {
    let looked = min(tensor.elementCount, 1 << 12)
    switch tensor.content {
    case .integers(let integers):
      element = { String(integers.elements[$0]) }
    case .mask(let mask):
      element = { mask.elements[$0] ? "true" : "false" }
    case .floats(let floats): element = NumberFormat.ofFloats(floats, looked)
    case .ragged(let ragged): element = NumberFormat.ofFloats(ragged.rows, looked)
    }
    var widest = 1
    for i in 0..<looked { widest = max(widest, element(i).count) }
    width = widest
  }

  /// Four decimals; whole numbers without; powers of ten where the sizes are too far apart.
  private static func ofFloats(_ tensor: Tensor, _ looked: Int) -> (Int) -> String {
    let sample = tensor.withUnsafeBuffer { Array($0.prefix(looked)) }
    let finite = sample.filter { $0.isFinite && $0 != 0 }.map { abs($0) }
    let (most, least) = (finite.max() ?? 0, finite.min() ?? 1)
    let whole = finite.allSatisfy { $0 == $0.rounded() && $0 < 1e6 }
    let scientific = !whole && (most >= 1e5 || most < 1e-3 || (most >= 1e3 && least < 1e-4))
    return { place in
      let x = tensor.withUnsafeBuffer { $0[place] }
      if x.isNaN { return "nan" }
      if x.isInfinite { return x < 0 ? "-inf" : "inf" }
      if whole { return String(format: "%.0f.", Double(x)) }
      return String(format: scientific ? "%.4e" : "%.4f", Double(x))
    }
  }

  func text(_ place: Int) -> String { element(place) }

  func columnsThatFit(_ columns: Int, width room: Int) -> Int {
    if columns * (width + 2) - 2 <= room { return columns }
    let note = 16
    return max(1, min(columns, (room - note) / (width + 2)))
  }

  func row(_ row: Int, columns: Int, fit: Int) -> StyledText {
    var line = StyledText("[")
    for column in 0..<fit {
      if column > 0 { line.append(", ") }
      let text = element(row * columns + column)
      line.append(String(repeating: " ", count: max(0, width - text.count)) + text, .number)
    }
    if fit < columns { line.append(", … \(TensorValue.grouped(columns - fit)) more", .faint) }
    line.append("]")
    return line
  }
}
