import Foundation
import TestSupport

/// A safetensors file read plainly, with doubles kept as doubles.
struct TensorFile {
  struct Entry {
    let type: String
    let shape: [Int]
    let bytes: Data
  }

  private(set) var entries: [String: Entry] = [:]

  init(_ path: String) throws {
    let data: Data = try Data(contentsOf: Fixtures.url(path))
    let length: Int = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header: Data = data.subdata(in: 8..<(8 + length))
    let object: [String: Any] = try JSONSerialization.jsonObject(with: header) as? [String: Any] ?? [:]
    for (name, value) in object {
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let span = entry["data_offsets"] as? [Int]
      else { continue }
      entries[name] = Entry(
        type: type, shape: shape, bytes: data.subdata(in: (8 + length + span[0])..<(8 + length + span[1])))
    }
  }

  struct Missing: Error { let name: String }

  private func values<T>(_ name: String, _ types: [String], as type: T.Type) throws -> [T] {
    guard let entry = entries[name], types.contains(entry.type) else { throw Missing(name: name) }
    let count: Int = entry.bytes.count / MemoryLayout<T>.size
    return [T](unsafeUninitializedCapacity: count) { buffer, initialized in
      _ = entry.bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }

  func shape(_ name: String) -> [Int] { entries[name]?.shape ?? [] }
  func floats(_ name: String) throws -> [Float] { try values(name, ["F32"], as: Float.self) }
  func integers(_ name: String) throws -> [Int] { try values(name, ["I64"], as: Int.self) }
  func doubles(_ name: String) throws -> [Double] {
    entries[name]?.type == "F64"
      ? try values(name, ["F64"], as: Double.self) : try floats(name).map(Double.init)
  }
}
