/// What Tab can offer at a cursor.
package struct CompletionList: Sendable, Equatable {
  package struct Group: Sendable, Equatable {
    /// What the items are (`fields`, `data`); empty where that is plain.
    package var title: String
    package var items: [Completion]

    package init(_ title: String, _ items: [Completion]) {
      self.title = title
      self.items = items
    }
  }

  /// The signature of the call the cursor stands in.
  package var heading: StyledText?
  /// The word before the cursor, which an item replaces.
  package var prefix: String
  package var groups: [Group]

  package init(heading: StyledText? = nil, prefix: String = "", groups: [Group] = []) {
    self.heading = heading
    self.prefix = prefix
    self.groups = groups.filter { !$0.items.isEmpty }
  }

  package var items: [Completion] { groups.flatMap(\.items) }

  /// What all items share from their start on.
  package var commonPrefix: String {
    guard var common = items.first?.text.unicodeScalars.map({ $0 }) else { return "" }
    for item in items.dropFirst() {
      let shared = zip(common, item.text.unicodeScalars).prefix { $0 == $1 }.count
      common.removeLast(common.count - shared)
    }
    return String(String.UnicodeScalarView(common))
  }

  /// Only items that go on from the prefix: those of its case, else those of any case.
  func narrowed() -> CompletionList {
    func keeping(_ fits: (String) -> Bool) -> [Group] {
      groups.map { Group($0.title, $0.items.filter { fits($0.text) }) }.filter { !$0.items.isEmpty }
    }
    let exact = keeping { $0.utf8.starts(with: prefix.utf8) }
    if !exact.isEmpty || prefix.isEmpty { return CompletionList(heading: heading, prefix: prefix, groups: exact) }
    let folded = prefix.lowercased()
    return CompletionList(heading: heading, prefix: prefix, groups: keeping { $0.lowercased().hasPrefix(folded) })
  }
}

/// What a host knows of an argument's values beyond its type: models and data that are here, for `load("` and `read("`.
package protocol ArgumentSource: AnyObject {
  /// - Parameters:
  ///   - word: the builtin.
  ///   - parameter: the parameter's name.
  func completions(word: String, parameter: String, prefix: String) -> [Completion]
}

/// ``ArgumentSource`` as a service: `services.add(ArgumentCompletions(source))`.
package struct ArgumentCompletions {
  package let source: any ArgumentSource
  package init(_ source: any ArgumentSource) { self.source = source }
}
