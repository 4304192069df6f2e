import Language
import Testing

/// What `ladder` says and refuses; what it measures is tested beside the measuring.
@Suite struct LadderWordTests {
  @Test func `Ctrl-C keeps the finished rungs, and what it says is no remark that a replay would make`() throws {
    let session = try TinySession()
    let interruption: Interruption = session.interpreter.interruption
    session.onProgress = { if $0.label.hasPrefix("2 of 2") { interruption.request() } }
    // Another rate each time: a fit that is known from before can't be stopped.
    let rate = Double.random(in: 1e-3...1e-2)
    let value: Value = try session.run(
      "l = tiny.ladder({train: t, valid: t, test: t}, methods: [\"features\", \"head\"], lrs: [\(rate)], epochs: 1); l")
    #expect(value.display().count == 3, "a head, one rung and a last line")
    #expect(session.lines == ["stopped: 1 of 2 rungs are finished; the same call goes on with the rest"])
    #expect(!session.notes.contains { $0.contains("stopped") })
    #expect(try session.shown("[l]") == ["[a ladder of 1 rung]"])
  }

  @Test func `a rung that comes to nothing leaves the others their table`() throws {
    let session = try TinySession()
    let split = "{train: t, valid: t, test: t}"
    try session.run(
      "l = tiny.ladder(\(split), methods: [\"head\", \"bitfit\"], lrs: {head: [1e38], bitfit: [1e-3]}, epochs: 3)")
    #expect(try session.float("l.table.len()") == 1)
    #expect(session.notes.contains("head is left out: no learning rate gave finite losses; try lower ones"))
    let failure: String? = session.failure("tiny.ladder(\(split), methods: [\"head\"], lrs: [1e38], epochs: 3)")
    #expect(failure?.contains("head: no learning rate gave finite losses") == true)
  }

  @Test func `a model with methods is refused before anything is fitted`() throws {
    let session = try TinySession()
    var worked: Int = 0
    session.onProgress = { _ in worked += 1 }
    try session.run("m = tiny.add_lora()")
    let failure: String? = session.failure("m.ladder({train: t, valid: t, test: t}, epochs: 1)")
    #expect(failure == "ladder: a ladder begins with a model without methods, tiny has \"lora\" (m.unload() gives it)")
    #expect(worked == 0)
  }
}
