import CTransfer

/// One request over HTTP, answered piece by piece.
package final class Transfer {
  /// libcurl's version, of the library that transfers use.
  package static var version: String {
    guard let said = transfer_library() else { return "none" }
    let first = String(cString: said).split(separator: " ").first ?? ""
    return first.split(separator: "/").last.map(String.init) ?? "unknown"
  }

  /// The status of the last response: of the file itself where the hub sent elsewhere.
  private(set) var status = 0
  /// Header fields of all responses, names in small letters; the last one counts.
  private(set) var fields: [String: String] = [:]

  private let receive: (UnsafeRawBufferPointer, Transfer) throws -> Void
  private let goesOn: () -> Bool
  private var failure: (any Error)?

  private init(
    receive: @escaping (UnsafeRawBufferPointer, Transfer) throws -> Void, goesOn: @escaping () -> Bool
  ) {
    self.receive = receive
    self.goesOn = goesOn
  }

  enum Ending {
    case whole
    /// `goesOn` said no.
    case stopped
    /// No answer, or one that broke off.
    case failed(String)
  }

  /// - Parameters:
  ///   - receive: takes bytes of a body whose status is 200 or 206; what it throws ends the transfer and is thrown.
  ///   - goesOn: asked some times a second.
  static func get(
    _ url: String, headers: [String], goesOn: @escaping () -> Bool,
    receive: @escaping (_ bytes: UnsafeRawBufferPointer, _ transfer: Transfer) throws -> Void
  ) throws -> (transfer: Transfer, ending: Ending) {
    let transfer = Transfer(receive: receive, goesOn: goesOn)
    return (transfer, try transfer.perform(url, headers))
  }

  private func perform(_ url: String, _ headers: [String]) throws -> Ending {
    let callbacks = transfer_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      receive: { context, bytes, count in
        guard let context else { return false }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
          .took(UnsafeRawBufferPointer(start: bytes, count: count))
      },
      header: { context, line, count in
        guard let context else { return }
        let bytes = UnsafeRawBufferPointer(start: line, count: count)
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().note(String(decoding: bytes, as: UTF8.self))
      },
      goes_on: { context in
        guard let context else { return false }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().goesOn()
      })
    var code: CLong = 0
    var message = [CChar](repeating: 0, count: 256)
    var lines: [UnsafeMutablePointer<CChar>?] = headers.map { text in
      let bytes = Array(text.utf8CString)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      return copy
    }
    lines.append(nil)
    defer { for line in lines { line?.deallocate() } }
    let result = lines.withUnsafeBufferPointer { pointers in
      pointers.withMemoryRebound(to: UnsafePointer<CChar>?.self) { pointers in
        pointers.baseAddress.map { transfer_get(url, $0, callbacks, &code, &message, message.count) }
      }
    }
    status = Int(code)
    if let failure { throw failure }
    switch result {
    case transfer_fine: return .whole
    case transfer_stopped: return .stopped
    case transfer_failed:
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return .failed(String(decoding: bytes, as: UTF8.self))
    default: throw HubError.noLibrary
    }
  }

  private func took(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard status == 200 || status == 206 else { return true }  // an error's page: read and forgotten
    do {
      try receive(bytes, self)
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func note(_ line: String) {
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ")
      status = words.count > 1 ? Int(words[1].prefix(3)) ?? 0 : 0
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
    fields[line[..<colon].lowercased()] = value.drop { $0 == " " }.description
  }
}
