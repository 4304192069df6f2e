/// Whether models may be downloaded, and whether the user is asked first. A service that the shell offers.
package struct NetworkPermission: Sendable, Equatable {
  package var isAllowed: Bool
  package var asksFirst: Bool

  package init(isAllowed: Bool, asksFirst: Bool) {
    self.isAllowed = isAllowed
    self.asksFirst = asksFirst
  }
}
