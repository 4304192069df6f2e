import Checkpoints
import Files
import TensorCore
import TestSupport
import Testing

@Suite struct NumPyArrays {
  private func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> MappedFile {
    let count: Int = header.utf8.count
    var start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(count & 255), UInt8(count >> 8)]
    if version > 1 { start += [0, 0] }
    return MappedFile(path: "x.npy", copying: start + Array(header.utf8) + data)
  }

  private func floats(_ value: StorableTensor) throws -> Tensor {
    guard case .floats(let tensor) = value else {
      throw CheckpointError.notConvertible(name: "x", type: "integers", wanted: "floats")
    }
    return tensor
  }

  @Test func whatIsWrittenReadsBack() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(workingDirectory: folder.path)
    for shape in [[], [6], [2, 3], [0, 4], [1, 2, 3]] as [[Int]] {
      let count: Int = shape.reduce(1, *)
      try NumPyFile.write(.floats(Tensor((0..<count).map { Float($0) }, shape: shape)), to: "x.npy", access: access)
      let read: Tensor = try floats(NumPyFile.read(access.map("x.npy")))
      #expect(read.shape == shape && read.elements == (0..<count).map { Float($0) })
      #expect(try folder.bytes("x.npy").count % 64 == (4 * count) % 64)
    }
    try NumPyFile.write(.indices(IndexTensor([1, -2])), to: "x.npy", access: access)
    guard case .indices(let read) = try NumPyFile.read(access.map("x.npy")) else { Issue.record("floats"); return }
    #expect(read.elements == [1, -2])
  }

  @Test func columnMajorAndBigEndian() throws {
    let data: [UInt8] = [Float(1), 2, 3, 4, 5, 6].withUnsafeBytes { Array($0) }
    let fortran: Tensor = try floats(
      NumPyFile.read(file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", data, version: 2)))
    #expect(fortran.shape == [2, 3] && fortran.elements == [1, 3, 5, 2, 4, 6])
    let big: Tensor = try floats(
      NumPyFile.read(file("{'shape': (1,), 'fortran_order': False, 'descr': '>f8'}", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0])))
    #expect(big.elements == [1.5])
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': 'O', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4)}",
    "{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "import os",
  ])
  func malformed(header: String) {
    let data: [UInt8] = [UInt8](repeating: 0, count: 8)
    #expect(throws: CheckpointError.self) { try NumPyFile.read(file(header, data)) }
  }

  @Test func recordsAreNamed() {
    let header: String = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"
    let reason: String = "its elements are records, not numbers that Luthier reads"
    #expect(throws: CheckpointError.malformed(path: "x.npy", format: "npy", reason: reason)) {
      try NumPyFile.read(file(header, [0, 0, 0, 0]))
    }
  }
}
