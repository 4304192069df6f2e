import Files
import Foundation

/// A hub with one model, as its API describes models: `org/tiny`, made of given files; weights count as large files.
package final class HubOnLoopback: Sendable {
  package static let commit = "0123456789abcdef0123456789abcdef01234567"

  package let server: LoopbackServer

  package struct Behaviour: Sendable {
    /// Break the first answer for weights off after so many bytes.
    var breaksOffAfter: Int?
    var pause: useconds_t = 0
    /// Send other bytes than those described.
    var damages = false
    var status = 200
    /// Ignore Range, as some servers do.
    var ignoresRange = false
    var needsToken: String?

    package init(
      breaksOffAfter: Int? = nil, pause: useconds_t = 0, damages: Bool = false, status: Int = 200,
      ignoresRange: Bool = false, needsToken: String? = nil
    ) {
      self.breaksOffAfter = breaksOffAfter
      self.pause = pause
      self.damages = damages
      self.status = status
      self.ignoresRange = ignoresRange
      self.needsToken = needsToken
    }
  }

  package init(files: [String: [UInt8]], _ behaviour: Behaviour = Behaviour()) throws {
    let answered = LockedCount()
    server = try LoopbackServer { request in
      if behaviour.status != 200 { return LoopbackServer.Answer(status: behaviour.status) }
      if let token = behaviour.needsToken, request.fields["authorization"] != "Bearer \(token)" {
        return LoopbackServer.Answer(status: 401)
      }
      if request.path.hasPrefix("/api/models/org/tiny/revision/main") {
        return LoopbackServer.Answer(body: Self.description(of: files))
      }
      let beginning = "/org/tiny/resolve/\(Self.commit)/"
      guard request.path.hasPrefix(beginning), let content = files[String(request.path.dropFirst(beginning.count))]
      else { return LoopbackServer.Answer(status: 404) }
      let isLarge = request.path.hasSuffix(".safetensors")
      var answer = LoopbackServer.Answer(body: content)
      if isLarge, behaviour.damages, let last = answer.body.indices.last { answer.body[last] ^= 1 }
      let start = behaviour.ignoresRange ? 0 : request.start
      if start > 0 {
        if start >= content.count { return LoopbackServer.Answer(status: 416) }
        answer.status = 206
        answer.body.removeFirst(start)
        answer.fields["Content-Range"] = "bytes \(start)-\(content.count - 1)/\(content.count)"
      }
      if isLarge {
        answer.pause = behaviour.pause
        if answered.next() == 0 { answer.breaksOffAfter = behaviour.breaksOffAfter }
      }
      return answer
    }
  }

  deinit { server.stop() }

  private static func description(of files: [String: [UInt8]]) -> [UInt8] {
    let siblings: [[String: Any]] = files.map { path, content in
      var item: [String: Any] = [
        "rfilename": path, "size": content.count,
        "blobId": String(SHA256.hex(Array(path.utf8) + content).prefix(40)),
      ]
      if path.hasSuffix(".safetensors") {
        item["lfs"] = ["sha256": SHA256.hex(content), "size": content.count, "pointerSize": 134]
      }
      return item
    }
    let answer: [String: Any] = ["id": "org/tiny", "sha": commit, "siblings": siblings]
    return (try? JSONSerialization.data(withJSONObject: answer)).map(Array.init) ?? []
  }
}

private final class LockedCount: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  func next() -> Int {
    lock.lock()
    defer { lock.unlock() }
    count += 1
    return count - 1
  }
}
