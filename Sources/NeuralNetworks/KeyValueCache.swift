import TensorCore

/// Keys and values of the tokens that earlier passes read, by block and sequence.
package protocol KeyValueCache: AnyObject {
  /// How many tokens each sequence of the batch has behind it.
  func lengths() -> [Int]
  /// Adds rows `[T, Hk · D]` of a block and gives all there are, with their sequences' offsets.
  func extend(
    layer: Int, keys: Tensor, values: Tensor, offsets: [Int]
  ) throws -> (keys: Tensor, values: Tensor, offsets: [Int])
  /// The same without putting sequences one after the other: what is kept of each. Nil for a cache that keeps rows in
  /// another way; nothing was added then.
  func append(layer: Int, keys: Tensor, values: Tensor, offsets: [Int]) throws -> [KeptRows]?
}

extension KeyValueCache {
  package func append(layer: Int, keys: Tensor, values: Tensor, offsets: [Int]) throws -> [KeptRows]? { nil }
}
