/// Sequences for a model, ragged: their tokens stand one after the other, without padding.
package struct Batch: Equatable {
  /// `[T]`.
  package var tokenIDs: [Int]
  /// First token of each sequence and, last, T: `[B + 1]`.
  package var sequenceOffsets: [Int]
  /// `[T]`; segment 0 everywhere where nil.
  package var tokenTypeIDs: [Int]?
  /// `[T]`; counted by the family's own rule where nil.
  package var positionIDs: [Int]?
  /// `[B]`: the row of the table each sequence comes from, by which dropout is keyed; its number where nil.
  package var tableRows: [Int]?
  /// Which keys which rows see, where that isn't all (or, causal, all before).
  package var visibility: Visibility?
  /// XLNet's language model: the places to predict in each sequence.
  package var targets: [[Int]]?

  package init(
    tokenIDs: [Int], sequenceOffsets: [Int], tokenTypeIDs: [Int]? = nil, positionIDs: [Int]? = nil,
    tableRows: [Int]? = nil, visibility: Visibility? = nil, targets: [[Int]]? = nil
  ) {
    self.tokenIDs = tokenIDs
    self.sequenceOffsets = sequenceOffsets
    self.tokenTypeIDs = tokenTypeIDs
    self.positionIDs = positionIDs
    self.tableRows = tableRows
    self.visibility = visibility
    self.targets = targets
  }

  /// A batch of sequences of ids.
  package init(_ sequences: [[Int]], tokenTypeIDs: [[Int]]? = nil, tableRows: [Int]? = nil) {
    var offsets: [Int] = [0]
    var ids: [Int] = []
    ids.reserveCapacity(sequences.reduce(0) { $0 + $1.count })
    for sequence in sequences {
      ids += sequence
      offsets.append(ids.count)
    }
    self.init(
      tokenIDs: ids, sequenceOffsets: offsets, tokenTypeIDs: tokenTypeIDs.map { $0.flatMap { $0 } },
      tableRows: tableRows)
  }

  package var sequenceCount: Int { sequenceOffsets.count - 1 }
  package var tokenCount: Int { tokenIDs.count }

  package func length(_ sequence: Int) -> Int { sequenceOffsets[sequence + 1] - sequenceOffsets[sequence] }

  /// Exceptions to who sees whom.
  package struct Visibility: Equatable {
    /// `[T]`: tokens that no other row sees (padding kept in a batch for comparison with a padded one).
    package var hiddenKeys: [Bool]?
    /// For each sequence `[Tᵢ · Tᵢ]`: whether row i may not see row j (XLNet's perm_mask).
    package var blocked: [[Bool]]?

    package init(hiddenKeys: [Bool]? = nil, blocked: [[Bool]]? = nil) {
      self.hiddenKeys = hiddenKeys
      self.blocked = blocked
    }
  }

  /// Checks that the arrays fit together and ids stand in their tables.
  ///
  /// - Throws: ``TransformerError`` naming the field.
  package func check(vocabularySize: Int, typeVocabularySize: Int?) throws {
    guard sequenceCount > 0 else {
      throw TransformerError.badInput(field: "input_ids", expected: "at least one sequence", got: "none")
    }
    guard sequenceOffsets.first == 0, sequenceOffsets.last == tokenCount else {
      throw TransformerError.badInput(
        field: "input_ids", expected: "offsets from 0 to \(tokenCount)", got: "\(sequenceOffsets.prefix(8))")
    }
    for index in 0..<sequenceCount where length(index) < 1 {
      throw TransformerError.badInput(
        field: "input_ids", expected: "at least one token in each sequence", got: "none in sequence \(index)")
    }
    for (field, array) in [("token_type_ids", tokenTypeIDs), ("position_ids", positionIDs)] {
      if let array, array.count != tokenCount {
        throw TransformerError.badInput(
          field: field, expected: "as many as input_ids, \(tokenCount)", got: "\(array.count)")
      }
    }
    if let id = tokenIDs.first(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw TransformerError.idOutOfRange(table: "input_ids", id: id, count: vocabularySize)
    }
    if let types = tokenTypeIDs, let typeVocabularySize,
      let id = types.first(where: { $0 < 0 || $0 >= max(typeVocabularySize, 1) })
    {
      throw TransformerError.idOutOfRange(table: "token_type_ids", id: id, count: max(typeVocabularySize, 1))
    }
    if let rows = tableRows, rows.count != sequenceCount {
      throw TransformerError.badInput(
        field: "rows", expected: "one for each of \(sequenceCount) sequences", got: "\(rows.count)")
    }
  }
}
