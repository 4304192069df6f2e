import CKernels

/// One attention: its operands and how it is cut into blocks of query rows.
struct AttentionWork {
  let query: Tensor, key: Tensor, value: Tensor
  let prefixKey: Tensor?, prefixValue: Tensor?
  let nodes: (query: GraphNode?, key: GraphNode?, value: GraphNode?, prefixKey: GraphNode?, prefixValue: GraphNode?)
  let layout: AttentionLayout
  /// Head size, prefix length, query heads for each key head, scale of scores.
  let size: Int, prefix: Int, group: Int
  let scale: Float
  let kernel: ProductKernel
  /// Sequences from the longest to the shortest, so that threads end together.
  let order: [Int]

  init(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ prefix: (key: Tensor, value: Tensor)?, _ layout: AttentionLayout
  ) throws {
    let (heads, few) = (layout.heads, layout.keyValueHeads)
    let shapes = [query.shape, key.shape, value.shape]
    func mismatch(_ expected: String) -> TensorError {
      .shapeMismatch(operation: "attention", shapes: shapes, expected: expected)
    }
    guard heads > 0, few > 0, heads % few == 0 else {
      throw mismatch("heads (\(heads)) that are a multiple of the key heads (\(few))")
    }
    guard !query.shape.isEmpty, !key.shape.isEmpty, key.shape == value.shape else {
      throw mismatch("keys and values of one shape")
    }
    let width = query.shape.dropFirst().reduce(1, *)
    let size = width / heads
    guard size > 0, width % heads == 0, key.shape.dropFirst().reduce(1, *) == few * size else {
      throw mismatch("\(heads) heads of queries and \(few) of keys of one size")
    }
    try query.checkOffsets(layout.offsets, operation: "attention")
    try key.checkOffsets(layout.keyOffsets, operation: "attention")
    guard layout.offsets.count == layout.keyOffsets.count else {
      throw mismatch("as many sequences of keys as of queries")
    }
    if let prefix {
      guard prefix.key.shape == prefix.value.shape, prefix.key.shape.count >= 2,
        prefix.key.shape.dropFirst().reduce(1, *) == few * size
      else {
        throw mismatch("a prefix of rows like the keys'")
      }
    }
    if let places = layout.dropout?.places, places.tokens.count != query.shape[0] {
      throw mismatch("\(places.tokens.count) rows, as dropout has places")
    }
    self.query = query.detached
    self.key = key.detached
    self.value = value.detached
    self.prefixKey = prefix?.key.detached
    self.prefixValue = prefix?.value.detached
    self.nodes = (query.node, key.node, value.node, prefix?.key.node, prefix?.value.node)
    self.layout = layout
    self.size = size
    self.prefix = prefix?.key.shape[0] ?? 0
    self.group = heads / few
    self.scale = layout.scale ?? 1 / Float(size).squareRoot()
    self.kernel = layout.precision.kernel
    let lengths = zip(layout.offsets, layout.offsets.dropFirst()).map { $1 - $0 }
    self.order = lengths.indices.sorted { lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1] }
  }

  var sequences: Int { layout.offsets.count - 1 }
  /// Floats in a row of queries, and of keys.
  var wide: Int { layout.heads * size }
  var few: Int { layout.keyValueHeads * size }

  /// A sequence's query rows and key rows.
  func rows(of sequence: Int) -> (queries: Range<Int>, keys: Range<Int>) {
    let (q, k) = (layout.offsets, layout.keyOffsets)
    return (q[sequence]..<q[sequence + 1], k[sequence]..<k[sequence + 1])
  }

  /// Query rows in a block: so many that their scores stay in the second-level cache beside what is packed.
  func blockRows(_ queries: Int, all: Int) -> Int {
    let step = kernel.rowStep
    return min(max(2 * step, min(kernel.tileRows, 24576 / max(all, 1) / step * step)), max(queries, 1))
  }

  /// How many columns of scores a block needs: up to the last that its last row sees.
  func columns(_ visible: ck_visibility, rows: Int, all: Int) -> Int {
    max(prefix, min(all, visible.end + (rows - 1) * visible.end_step))
  }

  /// The keys (or values) of one head for a sequence: in place, or with the prefix before them in `scratch`, `[all, size]`.
  func gathered(
    _ own: Tensor, _ before: Tensor?, _ keys: Range<Int>, head: Int, _ scratch: UnsafeMutablePointer<Float>
  ) -> (first: UnsafePointer<Float>, step: Int) {
    let first = own.pointer + keys.lowerBound * few + head * size
    guard prefix > 0, let before else { return (first, few) }
    let prefixed = before.pointer + head * size
    for row in 0..<prefix { (scratch + row * size).update(from: prefixed + row * few, count: size) }
    for row in 0..<keys.count { (scratch + (prefix + row) * size).update(from: first + row * few, count: size) }
    return (UnsafePointer(scratch), size)
  }

  /// Applies the layout's dropout to a block of probabilities, and the same to `second` in place.
  func drop(
    _ p: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ dropout: Dropout, head: Int, row: Int, rows: Int,
    columns: Int, second: UnsafeMutablePointer<Float>? = nil
  ) {
    let key = dropout.random.stream(head).key
    for r in 0..<rows {
      ck_dropout_row(
        p + r * columns, out + r * columns, second.map { UnsafePointer($0 + r * columns) },
        second.map { $0 + r * columns }, columns, dropout.rate, dropout.places.tokens[row + r],
        dropout.places.examples[row + r], dropout.places.step, key)
    }
  }
}
