import Language
import TensorCore

/// What an index picks along one axis.
private enum Pick {
  /// One place: the axis goes.
  case place(Int)
  case range(first: Int, step: Int, count: Int)
  case places([Int])
}

extension TensorValue {
  /// `x[...]` as in NumPy: integers, slices, lists of integers, masks. Lists beside each other go in pairs.
  package func element(_ subscripts: [Subscript]) throws -> Value {
    if case .ragged(let ragged) = content { return try TensorValue.element(of: ragged, subscripts) }
    var (indexed, rest) = (content, subscripts)
    // A mask stands for as many axes as it has.
    if case .value(let first)? = subscripts.first, let mask = TensorValue.mask(first) {
      let shape = indexed.shape
      guard shape.count >= mask.shape.count, Array(shape.prefix(mask.shape.count)) == mask.shape else {
        throw TensorError.shapeMismatch(
          operation: "index", shapes: [shape, mask.shape], expected: "a mask of the shape of the leading axes")
      }
      indexed = try indexed.reshaped([mask.elements.count] + shape.dropFirst(mask.shape.count))
      rest[0] = .value(.ints(mask.elements.indices.filter { mask.elements[$0] }))
    }
    var picks: [Pick] = []
    for (axis, part) in rest.enumerated() {
      guard axis < indexed.shape.count else {
        throw LanguageError.message("\(rest.count) indices for a tensor of shape \(indexed.shape)")
      }
      try picks.append(TensorValue.pick(part, count: indexed.shape[axis]))
    }
    let result = try indexed.picking(picks)
    let keepsRecipe = subscripts.count == 1 && result.shape.count == content.shape.count
    switch result {
    case .floats(let tensor):
      if tensor.shape.isEmpty { return try TensorValue.value(tensor) }
      return .object(TensorValue(tensor, recipe: keepsRecipe ? recipe : nil))
    case .integers(let tensor): return TensorValue.value(tensor)
    case .mask(let mask): return TensorValue.value(mask)
    case .ragged(let ragged): return .object(TensorValue(ragged))
    }
  }

  private static func mask(_ value: Value) -> Mask? {
    switch value {
    case .object(let object):
      if let tensor = object as? TensorValue, case .mask(let mask) = tensor.content { return mask }
      return nil
    case .list(let list):
      var flags: [Bool] = []
      for element in list.elements {
        guard case .bool(let flag) = element else { return nil }
        flags.append(flag)
      }
      return flags.isEmpty ? nil : Mask(elements: flags, shape: [flags.count])
    default: return nil
    }
  }

  private static func pick(_ part: Subscript, count: Int) throws -> Pick {
    func place(_ index: Int) throws -> Int {
      guard let place = Subscript.place(index, count: count) else {
        throw TensorError.indexOutOfRange(operation: "index", index: index, count: count)
      }
      return place
    }
    switch part {
    case .slice(let slice):
      if slice.step == 0 { throw LanguageError.message("a slice's step can't be 0") }
      let (first, step, number) = slice.resolve(count: count)
      return .range(first: first, step: step, count: number)
    case .value(.int(let index)): return .place(try place(index))
    case .value(.list(let list)):
      return try .places(
        list.elements.map { element in
          guard case .int(let index) = element else {
            throw LanguageError.message("a tensor is indexed by ints, got \(element.kind.phrase) in a list")
          }
          return try place(index)
        })
    case .value(.object(let object)):
      if let tensor = object as? TensorValue {
        if case .integers(let indices) = tensor.content { return try .places(indices.elements.map(place)) }
        if case .mask(let mask) = tensor.content, mask.shape == [count] {
          return .places(mask.elements.indices.filter { mask.elements[$0] })
        }
      }
      throw LanguageError.message("a tensor can't be indexed by \(object.kind.phrase) of this shape or type")
    case .value(let value):
      throw LanguageError.message(
        "a tensor is indexed by ints, slices, lists of ints and masks, got \(value.kind.phrase)")
    }
  }

  /// `x[i]` is a sequence, `x[:, 0]` a row of each, `x[a:b]` and lists some of the sequences.
  private static func element(of ragged: RaggedTensor, _ subscripts: [Subscript]) throws -> Value {
    let offsets = ragged.offsets
    guard let first = subscripts.first else { return .object(TensorValue(ragged)) }
    let chosen: [Int]
    switch try pick(first, count: ragged.sequenceCount) {
    case .place(let sequence):
      let rows = try ragged.rows.sliced(axis: 0, offsets[sequence]..<offsets[sequence + 1])
      return try TensorValue(rows).element(Array(subscripts.dropFirst()))
    case .range(let first, let step, let count): chosen = (0..<count).map { first + $0 * step }
    case .places(let places): chosen = places
    }
    guard subscripts.count > 1 else {
      let rows = chosen.flatMap { Array(offsets[$0]..<offsets[$0 + 1]) }
      var starts = [0]
      for sequence in chosen { starts.append((starts.last ?? 0) + offsets[sequence + 1] - offsets[sequence]) }
      return .object(TensorValue(RaggedTensor(try ragged.rows.gatheredRows(rows), offsets: starts)))
    }
    if case .slice(let slice) = subscripts[1], slice.isWhole {
      guard chosen == Array(0..<ragged.sequenceCount) else {
        guard case .object(let some) = try element(of: ragged, [first]), let part = some as? TensorValue else {
          return .nothing
        }
        return try part.element([.slice(Slice())] + subscripts.dropFirst())
      }
      if subscripts.count == 2 { return .object(TensorValue(ragged)) }
      let rest: [Subscript] = [.slice(Slice())] + subscripts.dropFirst(2)
      guard case .object(let object) = try TensorValue(ragged.rows).element(rest), let part = object as? TensorValue
      else { return .nothing }
      return try .object(TensorValue(RaggedTensor(part.floats(), offsets: offsets)))
    }
    guard case .value(.int(let index)) = subscripts[1] else {
      throw LanguageError.message(
        "along the ragged axis stands an int or `:`", help: "take a sequence first: x[0][1:3]")
    }
    let rows = try chosen.map { sequence -> Int in
      let count = offsets[sequence + 1] - offsets[sequence]
      guard let place = Subscript.place(index, count: count) else {
        throw TensorError.indexOutOfRange(operation: "index in sequence \(sequence)", index: index, count: count)
      }
      return offsets[sequence] + place
    }
    return try TensorValue(ragged.rows.gatheredRows(rows)).element([.slice(Slice())] + subscripts.dropFirst(2))
  }
}

extension TensorValue.Content {
  var shape: [Int] {
    switch self {
    case .floats(let tensor): tensor.shape
    case .integers(let tensor): tensor.shape
    case .mask(let mask): mask.shape
    case .ragged(let ragged): ragged.rows.shape
    }
  }

  func reshaped(_ shape: [Int]) throws -> Self {
    switch self {
    case .floats(let tensor): return .floats(try tensor.reshaped(shape))
    case .integers(let tensor): return .integers(try tensor.reshaped(shape))
    case .mask(let mask):
      let shape = try Tensor.resolved(shape, count: mask.elements.count, operation: "reshape")
      return .mask(Mask(elements: mask.elements, shape: shape))
    case .ragged(let ragged): return .floats(try ragged.rows.reshaped(shape))
    }
  }

  /// The given places along an axis.
  func gathered(axis: Int, _ places: [Int]) throws -> Self {
    var shape = self.shape
    let (outer, length) = (shape[..<axis].reduce(1, *), shape[axis])
    let inner = shape[(axis + 1)...].reduce(1, *)
    shape[axis] = places.count
    func gather<Element>(_ elements: [Element]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(outer * places.count * inner)
      for block in 0..<outer {
        for place in places {
          let start = (block * length + place) * inner
          result += elements[start..<start + inner]
        }
      }
      return result
    }
    switch self {
    case .floats(let tensor): return .floats(try tensor.gathered(axis: axis, places))
    case .integers(let tensor): return .integers(try IndexTensor(gather(tensor.elements), shape: shape))
    case .mask(let mask): return .mask(Mask(elements: gather(mask.elements), shape: shape))
    case .ragged(let ragged): return .floats(try ragged.rows.gathered(axis: axis, places))
    }
  }

  fileprivate func picking(_ picks: [Pick]) throws -> Self {
    var picks = picks
    var result = try pairing(&picks)
    var kept: [Int] = []
    for (axis, pick) in picks.enumerated() {
      switch pick {
      case .place(let place): result = try result.range(axis: axis, first: place, count: 1)
      case .range(let first, let step, let count):
        if step == 1 {
          result = try result.range(axis: axis, first: first, count: count)
        } else {
          result = try result.gathered(axis: axis, (0..<count).map { first + $0 * step })
        }
        kept.append(result.shape[axis])
      case .places(let places):
        result = try result.gathered(axis: axis, places)
        kept.append(places.count)
      }
    }
    return try result.reshaped(kept + result.shape.dropFirst(picks.count))
  }

  private func range(axis: Int, first: Int, count: Int) throws -> Self {
    if first == 0 && count == shape[axis] { return self }
    if case .floats(let tensor) = self { return .floats(try tensor.sliced(axis: axis, first..<first + count)) }
    return try gathered(axis: axis, Array(first..<first + count))
  }

  /// Several lists become one over the axes they stand at, taken in pairs.
  private func pairing(_ picks: inout [Pick]) throws -> Self {
    var lists: [(axis: Int, places: [Int])] = []
    for (axis, pick) in picks.enumerated() {
      if case .places(let places) = pick { lists.append((axis, places)) }
    }
    guard lists.count > 1, let first = lists.first, let last = lists.last else { return self }
    guard last.axis - first.axis == lists.count - 1 else {
      throw LanguageError.message("lists of places must stand beside each other", help: "index in two steps")
    }
    let count = lists.map(\.places.count).max() ?? 0
    guard lists.allSatisfy({ $0.places.count == count || $0.places.count == 1 }) else {
      throw LanguageError.message("lists of places go in pairs: these have \(lists.map(\.places.count)) elements")
    }
    var joint = [Int](repeating: 0, count: count)
    for list in lists {
      for i in joint.indices {
        joint[i] = joint[i] * shape[list.axis] + list.places[list.places.count == 1 ? 0 : i]
      }
    }
    let axes = first.axis...last.axis
    picks.replaceSubrange(axes, with: [.places(joint)])
    return try reshaped(shape[..<first.axis] + [shape[axes].reduce(1, *)] + shape[(last.axis + 1)...])
  }
}
