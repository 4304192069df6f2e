import TestSupport
import Testing

@Suite struct MethodWordTests {
  @Test func `a scale that an adapter's file can't hold is spoken of`() throws {
    let session = try TinySession()
    let folder = try TemporaryFolder()
    try session.run("m = tiny.add_lora()")
    try session.run("m.save_adapter(\"\(folder.at("a"))\")")
    #expect(!session.notes.contains { $0.contains("scale") })
    try session.run("m.scale(\"lora\", 0.5); m.save_adapter(\"\(folder.at("b"))\")")
    #expect(session.notes.last == "its scale of 0.5 is not in the file: there it counts as it was trained")
    #expect(session.failure("m.save_adapter(\"c\", name: \"lore\")")?.contains("did you mean lora") == true)
  }
}
