/// How many tokens neighbouring windows share unless the user says so.
enum WindowStride {
  /// - Parameters:
  ///   - given: what the user asked for; nil for none.
  ///   - usual: tokens shared where there is room for them.
  ///   - room: tokens of the text in one window.
  /// - Returns: the usual number, at most half of the room, so that each window brings something new.
  static func resolved(_ given: Int?, usual: Int, room: Int) -> Int { given ?? max(0, min(usual, room / 2)) }
}
