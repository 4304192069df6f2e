import Foundation
import Synchronization

/// A small HTTP server on this machine, for one test: it answers GET requests, one connection at a time.
package final class LoopbackServer: Sendable {
  package struct Request: Sendable {
    package var path: String
    /// Names in small letters.
    package var fields: [String: String]
    /// The first byte asked for.
    package var start: Int {
      guard let range = fields["range"], range.hasPrefix("bytes=") else { return 0 }
      return Int(range.dropFirst(6).prefix { $0 != "-" }) ?? 0
    }
  }

  package struct Answer: Sendable {
    var status = 200
    var fields: [String: String] = [:]
    var body: [UInt8] = []
    /// Send only so many bytes of the body, then close.
    var breaksOffAfter: Int?
    /// Wait so long between pieces of 4 kB, in microseconds.
    var pause: useconds_t = 0
  }

  package let address: String
  private let listening: Int32
  private let answer: @Sendable (Request) -> Answer
  private let log = Mutex<[Request]>([])
  private let hasEnded = Mutex(false)

  package var requests: [Request] { log.withLock { $0 } }

  package init(answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listening
    let isBound = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, address, &size) == 0
      }
    }
    guard socket >= 0, isBound else { throw CocoaError(.fileWriteUnknown) }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listening, nil, nil)
        if connection < 0 {
          close(listening)  // here alone: a number closed elsewhere could be another server's by now
          return
        }
        serve(connection)
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
      }
    }
  }

  /// Ends it; the thread that waits for connections goes.
  package func stop() {
    let isFirst = hasEnded.withLock { ended in
      defer { ended = true }
      return !ended
    }
    if isFirst { shutdown(listening, Int32(SHUT_RDWR)) }
  }

  private func serve(_ connection: Int32) {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.suffix(4).elementsEqual([13, 10, 13, 10]) {
      let count = read(connection, &buffer, buffer.count)
      if count <= 0 { return }
      text += buffer[..<count]
    }
    let lines = String(decoding: text, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count >= 2 else { return }
    var request = Request(path: String(words[1]), fields: [:])
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { request.fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    log.withLock { $0.append(request) }
    let answer = answer(request)
    var head = "HTTP/1.1 \(answer.status) Status\r\nContent-Length: \(answer.body.count)\r\nConnection: close\r\n"
    for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
    send(Array((head + "\r\n").utf8), connection)
    let body = answer.body.prefix(answer.breaksOffAfter ?? answer.body.count)
    var sent = 0
    while sent < body.count {
      let piece = Array(body[sent..<min(body.count, sent + (answer.pause > 0 ? 4096 : 1 << 24))])
      if !send(piece, connection) { return }
      sent += piece.count
      if answer.pause > 0 { usleep(answer.pause) }
    }
  }

  @discardableResult
  private func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }
}
