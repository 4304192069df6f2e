import Files
import Foundation
import Hub
import TestSupport
import Testing

/// Downloads against a server of the test's own on this machine.
@Suite struct DownloadTests {
  private static let weights: [UInt8] = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  private static let files: [String: [UInt8]] = [
    "config.json": Array("{\"model_type\": \"bert\"}".utf8), "tokenizer.json": Array("{}".utf8),
    "1_Pooling/config.json": Array("{\"pooling_mode_mean_tokens\": true}".utf8), "model.safetensors": weights,
    "pytorch_model.bin": [1, 2, 3], "onnx/model.onnx": [4], "README.md": Array("read me".utf8),
  ]
  private static let root = "/hub/models--org--tiny"

  private func settings(_ hub: HubOnLoopback, _ more: [String: String] = [:]) -> HubSettings {
    HubSettings(environment: ["HF_ENDPOINT": hub.server.address + "/", "HF_HOME": "/nowhere"].merging(more) { $1 })
  }

  /// Looks up and fetches; false where it was stopped.
  private func download(
    _ hub: HubOnLoopback, _ folder: TemporaryFolder, _ more: [String: String] = [:],
    goesOn: @escaping () -> Bool = { true }, progress: @escaping (HubDownload.Progress) -> Void = { _ in }
  ) throws -> Bool {
    let download = HubDownload(settings: settings(hub, more), hubFolder: folder.path + "/hub", goesOn: goesOn)
    guard let model = try download.look(up: "org/tiny") else { return false }
    return try download.fetch(model, progress: progress)
  }

  private func snapshot(_ folder: TemporaryFolder) -> String {
    folder.path + Self.root + "/snapshots/" + HubOnLoopback.commit
  }

  private func expectWhole(_ folder: TemporaryFolder) throws {
    let access = Fixtures.access
    for name in ["config.json", "tokenizer.json", "1_Pooling/config.json", "model.safetensors"] {
      #expect(try access.read(snapshot(folder) + "/" + name) == Self.files[name], "\(name)")
    }
    #expect(!access.exists(snapshot(folder) + "/pytorch_model.bin") && !access.exists(snapshot(folder) + "/README.md"))
    #expect(try access.readText(folder.path + Self.root + "/refs/main") == HubOnLoopback.commit)
    let blobs = try access.list(folder.path + Self.root + "/blobs").map(\.name)
    #expect(blobs.count == 4 && !blobs.contains { $0.hasSuffix(".incomplete") })
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: snapshot(folder) + "/1_Pooling/config.json")
    #expect(link.hasPrefix("../../../blobs/"))
  }

  @Test func aModelComesIntoTheCachesLayout() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files)
    let seen = Seen()
    #expect(try download(hub, folder, progress: { seen.note($0.done, of: $0.total) }))
    try expectWhole(folder)
    #expect(seen.last == seen.total && seen.isRising)
    // What is there isn't fetched again.
    let count = hub.server.requests.count
    #expect(try download(hub, folder))
    #expect(hub.server.requests.count == count + 1)
  }

  @Test(arguments: [false, true])
  func whatBrokeOffGoesOn(ignoresRange: Bool) throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(
      files: Self.files, .init(breaksOffAfter: 500_000, ignoresRange: ignoresRange))
    #expect(try download(hub, folder))
    try expectWhole(folder)
    let ranges = hub.server.requests.compactMap { $0.fields["range"] }
    #expect(ranges.count == 1 && ranges[0].hasPrefix("bytes="))
  }

  @Test func whatWasStoppedIsNoModelAndGoesOn() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files, .init(pause: 5_000))
    let seen = Seen()
    #expect(try !download(hub, folder, goesOn: { seen.last < 200_000 }) { seen.note($0.done, of: $0.total) })
    #expect(!Fixtures.access.exists(snapshot(folder)))
    let partial = folder.path + Self.root + "/blobs/" + SHA256.hex(Self.weights) + ".incomplete"
    let kept = try Fixtures.access.size(of: partial)
    #expect(kept > 0 && kept < Self.weights.count)
    let quick = try HubOnLoopback(files: Self.files)
    #expect(try download(quick, folder))
    try expectWhole(folder)
    #expect(quick.server.requests.compactMap { $0.fields["range"] } == ["bytes=\(kept)-"])
  }

  @Test func damagedWeightsAreThrownAway() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files, .init(damages: true))
    let error = #expect(throws: HubError.self) { try download(hub, folder) }
    #expect(error?.description.contains("SHA-256") == true)
    #expect(!Fixtures.access.exists(snapshot(folder)))
    let sound = try HubOnLoopback(files: Self.files)
    #expect(try download(sound, folder))
    try expectWhole(folder)
  }

  @Test func anAttackOnWhatWasBegunFails() throws {
    let folder = try TemporaryFolder()
    let partial = Self.root + "/blobs/" + SHA256.hex(Self.weights) + ".incomplete"
    try folder.put(String(partial.dropFirst()), [UInt8](repeating: 7, count: 1000))
    let hub = try HubOnLoopback(files: Self.files)
    #expect(throws: HubError.self) { try download(hub, folder) }
    #expect(try download(hub, folder))
    try expectWhole(folder)
  }

  @Test(arguments: [(401, "members only"), (404, "no model"), (503, "503"), (429, "429")])
  func refusalsSaySo(_ status: Int, _ words: String) throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files, .init(status: status))
    let error = #expect(throws: HubError.self) { try download(hub, folder) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func theTokenIsSent() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files, .init(needsToken: "hf_secret"))
    #expect(throws: HubError.self) { try download(hub, folder) }
    #expect(try download(hub, folder, ["HF_TOKEN": "hf_secret\n"]))
  }

  @Test func offlineMeansOffline() throws {
    let folder = try TemporaryFolder()
    let hub = try HubOnLoopback(files: Self.files)
    for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"] {
      #expect(throws: HubError.offline(variable: name)) { try download(hub, folder, [name: "1"]) }
    }
    #expect(hub.server.requests.isEmpty)
    hub.server.stop()
    let error = #expect(throws: HubError.self) { try download(hub, folder) }
    #expect(error?.description.contains("can't be reached") == true)
  }

  @Test func whatCannotBeOpenedIsNotFetched() throws {
    let folder = try TemporaryFolder()
    for (files, words) in [
      (["config.json": [UInt8]("{}".utf8), "pytorch_model.bin": [1]], "pickle"),
      (["config.json": [UInt8]("{}".utf8)], "no model.safetensors"),
      (["a.gguf": [UInt8](), "b.gguf": []], "2 GGUF files"),
    ] {
      let hub = try HubOnLoopback(files: files)
      let error = #expect(throws: HubError.self) { try download(hub, folder) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    #expect(!Fixtures.access.exists(folder.path + "/hub"))
  }

  @Test(arguments: ["org/name", "BAAI/bge-small-en-v1.5", "a/b_c.d"])
  func identifiers(_ name: String) { #expect(HubModel.isIdentifier(name)) }

  @Test(arguments: [
    "name", "a/b/c", "../x", "a/..", "/a", "a/", "a b/c", "a/b?c", "a--b/c", "a/b\u{0}", "~/x", "./model", "a/é", "",
  ])
  func noIdentifiers(_ name: String) { #expect(!HubModel.isIdentifier(name)) }
}

/// What a progress bar was told.
private final class Seen: @unchecked Sendable {
  private(set) var last = 0
  private(set) var total = 0
  private(set) var isRising = true

  func note(_ done: Int, of total: Int) {
    if done < last { isRising = false }
    (last, self.total) = (done, total)
  }
}
