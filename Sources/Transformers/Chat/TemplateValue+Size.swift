extension TemplateValue {
  /// How many bytes the value takes, where it is one that a template may hold: ``TemplateRunner/mostText`` bytes in
  /// all, not too deep. What is put together in a loop doubles with each turn otherwise.
  ///
  /// - Throws: ``TemplateError``.
  func checkedSize() throws -> Int {
    var room = TemplateRunner.mostText
    guard fits(in: &room, depth: 0) else { throw TemplateError("a value grows too large") }
    return TemplateRunner.mostText - room
  }

  private func fits(in room: inout Int, depth: Int) -> Bool {
    // Each part takes some memory, whatever it holds.
    room -= 16
    guard room >= 0, depth < 100 else { return false }
    switch self {
    case .string(let text): room -= text.utf8.count
    case .list(let elements):
      for element in elements {
        guard element.fits(in: &room, depth: depth + 1) else { return false }
      }
    case .dictionary(let members):
      for member in members {
        room -= member.key.utf8.count
        guard member.value.fits(in: &room, depth: depth + 1) else { return false }
      }
    case .undefined, .none, .bool, .int, .float, .namespace: break
    }
    return room >= 0
  }
}
