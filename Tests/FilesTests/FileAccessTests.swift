import Files
import Foundation
import TestSupport
import Testing

@Suite struct ScriptWriting {
  let outside: TemporaryFolder
  let work: TemporaryFolder
  let access: FileAccess

  init() throws {
    outside = try TemporaryFolder()
    work = try TemporaryFolder()
    access = FileAccess(policy: .script, workingDirectory: work.path)
  }

  @Test func belowTheWorkingDirectory() throws {
    try access.writeAtomically("a.txt", text: "one")
    try access.writeAtomically("./a.txt", text: "two")
    try access.createFolder("deep/er")
    try access.writeAtomically("deep/er/b.txt", text: "three")
    try access.writeAtomically(work.path + "/deep/../c.txt", text: "four")
    #expect(try work.text("a.txt") == "two")
    #expect(try work.text("deep/er/b.txt") == "three")
    #expect(try work.text("c.txt") == "four")
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path).sorted() == ["a.txt", "c.txt", "deep"])
  }

  @Test(arguments: [
    "../escaped.txt", "a/../../escaped.txt", "/etc/luthier-test", "/dev/null", "/proc/self/fd/1", ".bashrc",
    ".ssh/config", "", ".", "..", "~/x.txt", "a\u{0}b", "missing/x.txt", "link.txt", "folder/x.txt", "pipe", "hard.txt",
    "inside/x.txt", "subfolder",
  ])
  func refused(path: String) throws {
    try outside.put("target.txt")
    try outside.put("hard.txt")
    try FileManager.default.createSymbolicLink(
      atPath: work.path + "/link.txt", withDestinationPath: outside.path + "/target.txt")
    try FileManager.default.createSymbolicLink(atPath: work.path + "/folder", withDestinationPath: outside.path)
    try FileManager.default.createDirectory(atPath: work.path + "/subfolder", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: work.path + "/inside", withDestinationPath: "subfolder")
    try FileManager.default.linkItem(atPath: outside.path + "/hard.txt", toPath: work.path + "/hard.txt")
    #expect(mkfifo(work.path + "/pipe", 0o600) == 0)
    let error: FileError? = #expect(throws: FileError.self) { try access.writeAtomically(path, text: "bad") }
    #expect(error.map { !$0.description.isEmpty } ?? false)
    #expect(try outside.text("target.txt") == "content")
    #expect(try outside.text("hard.txt") == "content")
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).sorted() == ["hard.txt", "target.txt"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path + "/subfolder").isEmpty)
  }

  @Test func allowedFolder() throws {
    let allowed: FileAccess = FileAccess(
      policy: .script(writeRoot: nil, allowWrite: [outside.path]), workingDirectory: work.path)
    try allowed.writeAtomically(outside.path + "/x.txt", text: "x")
    #expect(try outside.text("x.txt") == "x")
    #expect(throws: FileError.self) { try allowed.writeAtomically(outside.path + "/../y.txt", text: "x") }
    #expect(throws: FileError.self) { try allowed.writeAtomically(outside.path + "/.hidden", text: "x") }
  }

  @Test func nothingChangesWhenTheWriterFails() throws {
    try access.writeAtomically("a.txt", text: "old")
    #expect(throws: FileError.self) {
      try access.writeAtomically("a.txt") { writer in
        try writer.write("half")
        throw FileError.notFound(path: "x")
      }
    }
    #expect(try work.text("a.txt") == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path) == ["a.txt"])
  }

  @Test func replacesOnlyWhatItIsTold() throws {
    try work.put("a.csv", "not ours")
    #expect(throws: FileError.self) {
      try access.writeAtomically("a.csv", replaces: { $0.withBytes { $0.first == 1 } }) { try $0.write("new") }
    }
    #expect(try work.text("a.csv") == "not ours")
    try access.writeAtomically("a.csv", replaces: { $0.count == 8 }) { try $0.write("new") }
    #expect(try work.text("a.csv") == "new")
  }
}

@Suite struct Reading {
  let work: TemporaryFolder

  init() throws { work = try TemporaryFolder() }

  @Test func scriptsReadOrdinaryFilesOnly() throws {
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: work.path)
    #expect(mkfifo(work.path + "/pipe", 0o600) == 0)
    try work.put("a.txt", "hello")
    #expect(try access.readText("a.txt") == "hello")
    for path in ["/dev/null", "/dev/zero", "pipe", ".", "/proc/self/environ", "/proc/self/status", "none", "a\u{0}"] {
      #expect(throws: FileError.self, "\(path)") { try access.read(path) }
    }
  }

  @Test func usersMeetDevicesWithAnError() throws {
    let access: FileAccess = FileAccess(policy: .user, workingDirectory: work.path)
    #expect(throws: FileError.notRegular(operation: "read", path: "/dev/zero", got: "a device")) {
      try access.read("/dev/zero")
    }
    #expect(throws: FileError.notFound(path: "none.csv")) { try access.read("none.csv") }
  }

  @Test func besideTheScriptFirst() throws {
    let script: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: work.path, scriptDirectory: script.path)
    try work.put("a.txt", "here")
    try work.put("b.txt", "here")
    try script.put("a.txt", "beside")
    #expect(try access.readText("a.txt") == "beside")
    #expect(try access.readText("b.txt") == "here")
    _ = try access.read("b.txt")
    #expect(access.filesRead.map(\.path) == ["a.txt", "b.txt"])
    #expect(access.filesRead.map(\.size) == [6, 4])
  }

  @Test func bigFilesElsewhereAreMapped() throws {
    let other: TemporaryFolder = try TemporaryFolder()
    let big: String = String(repeating: "x", count: 5 << 20)
    try work.put("big", big)
    try other.put("big", big)
    let access: FileAccess = FileAccess(policy: .user, workingDirectory: work.path)
    #expect(try !access.map("big").isMapped)
    let mapped: MappedFile = try access.map(other.path + "/big")
    #expect(mapped.isMapped && mapped.count == 5 << 20)
    #expect(mapped.withBytes { $0.allSatisfy { $0 == UInt8(ascii: "x") } })
  }

  @Test func badTextIsNamedByLineAndByte() throws {
    try Data([0x61, 10, 0x62, 0x63, 0xff, 0x64]).write(to: URL(fileURLWithPath: work.path + "/bad.txt"))
    let access: FileAccess = FileAccess(policy: .user, workingDirectory: work.path)
    #expect(throws: FileError.notText(path: "bad.txt", line: 2, byte: 3)) { try access.readText("bad.txt") }
  }

  @Test func usersWriteThroughTheirLinks() throws {
    try work.put("real.txt", "old")
    try FileManager.default.createSymbolicLink(atPath: work.path + "/link.txt", withDestinationPath: "real.txt")
    let access: FileAccess = FileAccess(policy: .user, workingDirectory: work.path)
    try access.writeAtomically("link.txt", text: "new")
    #expect(try work.text("real.txt") == "new")
    try access.writeAtomically("/dev/null", text: "gone")
  }
}

@Suite struct Digests {
  @Test func knownDigests() {
    #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let million: [UInt8] = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.hex(million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
