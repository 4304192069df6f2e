import NeuralNetworks
import TensorCore

/// What flows from block to block: the rows of a ragged batch and what is known of each row.
package struct Stream {
  /// `[T, C]`, or `[B, C]` once only one row of each sequence is followed.
  package var hidden: Tensor
  package var layout: RowLayout
  /// XLNet: the query stream, a row for each target.
  package var query: Tensor?

  package init(hidden: Tensor, layout: RowLayout, query: Tensor? = nil) {
    self.hidden = hidden
    self.layout = layout
    self.query = query
  }
}

/// Where the rows of a stream belong.
package struct RowLayout {
  /// First row of each sequence and, last, the number of rows.
  package var offsets: [Int]
  /// Position id of each row.
  package var positions: [Int]
  /// Segment of each row.
  package var types: [Int]?
  /// What dropout is keyed by; nil where none can apply.
  package var places: RowPlaces?
  /// How many rows at the start of each sequence are a soft prompt's, not tokens.
  package var virtualRows = 0
  package var visibility: Batch.Visibility?
  /// The rows that remain of the full layout, once trimmed.
  package var selection: RowSelection?
  /// XLNet: the places to predict, by sequence.
  package var targets: [[Int]]?
  /// Of each sequence the last row that is not a padding token's: what a decoder's classifier reads.
  package var lastTokens: [Int] = []
  /// Angles by rotary positions, for families that have them.
  package var rotary: RotaryTable?

  package var sequenceCount: Int { offsets.count - 1 }
  package var rowCount: Int { offsets.last ?? 0 }
  /// Up to so many rows go by what is made for few: products with stored weights and attention to kept rows.
  static let fewRows = 8
  /// Whether each sequence has a row or few, as while text is generated.
  var hasFewRows: Bool { zip(offsets, offsets.dropFirst()).allSatisfy { $1 - $0 <= RowLayout.fewRows } }

  package func range(_ sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

  /// The layout of some of the rows only.
  package func selecting(_ selection: RowSelection) -> RowLayout {
    var layout = self
    layout.offsets = Array(0...selection.rows.count)
    layout.positions = selection.rows.map { positions[$0] }
    layout.types = types.map { types in selection.rows.map { types[$0] } }
    layout.places = places?.selecting(selection.rows)
    layout.visibility = nil
    layout.lastTokens = Array(0..<selection.rows.count)
    layout.selection = selection
    return layout
  }
}

/// Some rows of a stream, all that is read of the last block: one of each sequence for a pooling or head, those that
/// predict a scored token for a language model.
package struct RowSelection: Equatable {
  /// Row numbers in the full stream, in order.
  package var rows: [Int]

  package init(rows: [Int]) { self.rows = rows }

  package static func first(_ layout: RowLayout) -> RowSelection {
    RowSelection(rows: Array(layout.offsets.dropLast()))
  }

  package static func last(_ layout: RowLayout) -> RowSelection {
    RowSelection(rows: layout.offsets.dropFirst().map { $0 - 1 })
  }
}
