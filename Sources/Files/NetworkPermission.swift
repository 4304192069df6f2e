/// Whether scripts may download models; at the prompt the user is asked. A service that the shell offers.
package struct NetworkPermission: Sendable, Equatable {
  package var scriptsMayDownload: Bool

  package init(scriptsMayDownload: Bool) { self.scriptsMayDownload = scriptsMayDownload }
}
