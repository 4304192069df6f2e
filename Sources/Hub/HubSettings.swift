import Files
import Foundation

/// Where the hub is and who asks, as the hub's own libraries take it from the environment.
package struct HubSettings: Sendable {
  /// `HF_ENDPOINT`, without a slash at its end.
  package let endpoint: String
  /// `HF_TOKEN`, or what logging in left in the token file; empty for none.
  let token: String
  /// The variable that forbids downloads, if one does.
  let offline: String?

  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func given(_ name: String) -> String? {
      guard let value = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !value.isEmpty else {
        return nil
      }
      return value
    }
    func isOn(_ name: String) -> Bool { ["1", "ON", "YES", "TRUE"].contains(given(name)?.uppercased() ?? "") }
    var endpoint = given("HF_ENDPOINT") ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].first(where: isOn)
    var token = given("HF_TOKEN") ?? given("HUGGING_FACE_HUB_TOKEN")
    if token == nil, !isOn("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
      let home = given("HF_HOME") ?? (given("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface"
      let path = given("HF_TOKEN_PATH") ?? home + "/token"
      token = try? FileAccess(policy: .user).readText(path).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    // A line end in it would begin another header.
    self.token = token.flatMap { $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? $0 : nil } ?? ""
  }

  /// Lines sent with each request.
  var headers: [String] {
    ["User-Agent: luthier/1.0", "Accept: */*"] + (token.isEmpty ? [] : ["Authorization: Bearer \(token)"])
  }
}
