import CKernels
import COpenBLAS

/// One attention: its operands and how it is cut into blocks of query rows.
struct AttentionWork {
  let query: Tensor, key: Tensor, value: Tensor
  let prefixKey: Tensor?, prefixValue: Tensor?
  let nodes: (query: GraphNode?, key: GraphNode?, value: GraphNode?, prefixKey: GraphNode?, prefixValue: GraphNode?)
  let layout: AttentionLayout
  /// Head size, prefix length, query heads for each key head, scale of scores.
  let size: Int, prefix: Int, group: Int
  let scale: Float
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
    guard layout.offsets.count == layout.keyOffsets.count else { throw mismatch("as many sequences of keys as of queries") }
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
    try Product.check("attention", query.shape, key.shape)
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
    let lengths = zip(layout.offsets, layout.offsets.dropFirst()).map { $1 - $0 }
    self.order = lengths.indices.sorted { lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1] }
  }

  var sequences: Int { layout.offsets.count - 1 }

  /// A sequence's query rows and key rows.
  func rows(of sequence: Int) -> (queries: Range<Int>, keys: Range<Int>) {
    let (q, k) = (layout.offsets, layout.keyOffsets)
    return (q[sequence]..<q[sequence + 1], k[sequence]..<k[sequence + 1])
  }

  /// Query rows in a block: so many that their scores stay in the second-level cache.
  func blockRows(keys: Int) -> Int { max(16, min(256, 49152 / max(prefix + keys, 1) / 8 * 8)) }

  /// How many columns of scores a block needs: up to the last that its last row sees.
  func columns(_ visible: ck_visibility, rows: Int, keys: Int) -> Int {
    max(prefix, min(prefix + keys, visible.end + (rows - 1) * visible.end_step))
  }

  /// scores[rows, columns] = a[rows, size] · (prefix, then own rows)ᵀ.
  func scores(
    _ a: UnsafePointer<Float>, _ stepA: Int, _ before: UnsafePointer<Float>?, _ own: UnsafePointer<Float>,
    _ stepB: Int, _ s: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    if let before, prefix > 0 {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(prefix), Int32(size), 1, a, Int32(stepA), before,
        Int32(stepB), 0, s, Int32(columns))
    }
    if columns == prefix { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns - prefix), Int32(size), 1, a, Int32(stepA),
      own, Int32(stepB), 0, s + prefix, Int32(columns))
  }

  /// out[rows, size] = p[rows, columns] · (prefix, then own rows).
  func mix(
    _ p: UnsafePointer<Float>, _ before: UnsafePointer<Float>?, _ own: UnsafePointer<Float>, _ stepB: Int,
    _ out: UnsafeMutablePointer<Float>, _ stepOut: Int, rows: Int, columns: Int
  ) {
    var beta: Float = 0
    if let before, prefix > 0 {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(size), Int32(prefix), 1, p, Int32(columns),
        before, Int32(stepB), 0, out, Int32(stepOut))
      beta = 1
    }
    if columns == prefix && beta == 1 { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(size), Int32(columns - prefix), 1, p + prefix,
      Int32(columns), own, Int32(stepB), beta, out, Int32(stepOut))
  }

  /// sum[columns, size] += p[rows, columns]ᵀ · a[rows, size], for the prefix and for the own rows.
  func spread(
    _ p: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ stepA: Int, _ before: UnsafeMutablePointer<Float>?,
    _ own: UnsafeMutablePointer<Float>?, _ stepOut: Int, rows: Int, columns: Int
  ) {
    if let before, prefix > 0 {
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(prefix), Int32(size), Int32(rows), 1, p, Int32(columns), a,
        Int32(stepA), 1, before, Int32(stepOut))
    }
    guard let own, columns > prefix else { return }
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(columns - prefix), Int32(size), Int32(rows), 1, p + prefix,
      Int32(columns), a, Int32(stepA), 1, own, Int32(stepOut))
  }

  /// Applies the layout's dropout to a block of probabilities (or of their gradients).
  func drop(
    _ p: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ dropout: Dropout, head: Int, row: Int, rows: Int,
    columns: Int
  ) {
    let key = dropout.random.stream(head).key
    for r in 0..<rows {
      ck_dropout_row(
        p + r * columns, out + r * columns, columns, dropout.rate, dropout.places.tokens[row + r],
        dropout.places.examples[row + r], dropout.places.step, key)
    }
  }

  /// Scratch memory for one block, or nil if there is none left.
  static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    var capacity = 0
    guard let memory = ck_allocate(max(count, 1) * MemoryLayout<Float>.stride, &capacity) else { return }
    body(memory.bindMemory(to: Float.self, capacity: count))
    ck_release(memory, capacity)
  }
}
