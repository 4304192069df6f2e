import Foundation
import Language
import TestSupport
import Testing

/// `fit(prompt:)`: a language model learns the answers of filled prompts.
@Suite struct FitPromptTests {
  private func session(causal: Bool) throws -> TinySession {
    let session = try TinySession()
    let folder = Fixtures.url("prompts/gpt2/model").path
    try session.run(
      causal
        ? """
        m = load("\(folder)")
        p = prompt("{text} So: {label}", labels: {bad: "poor", good: "fine"})
        """
        : """
        m = tiny.for_masked_lm()
        p = prompt("{text} b {mask}", labels: {bad: "c", good: "d"})
        """)
    return session
  }

  /// The loss of an untrained model is what a trial scores: the words' log-probabilities, over all their tokens.
  @Test(arguments: [true, false])
  func whatIsLearnedIsWhatIsScored(causal: Bool) throws {
    let session = try session(causal: causal)
    let loss = try session.float("m.fit(t, prompt: p, steps: 1, batch: 6, lr: 1e-9, dropout: 0.0).losses[0]")
    var total = 0.0
    for row in 0..<6 {
      let label = row % 2 == 0 ? "bad" : "good"
      total -= try session.float("m.try_prompt(p, t[\(row)], calibrate: false).scores.\(label)")
    }
    // " poor" and " fine" are three tokens each, "c" and "d" one.
    expectClose([loss], [total / (causal ? 18 : 6)], absolute: 1e-4)
  }

  @Test(arguments: [true, false])
  func afterwardsTheTrialIsRight(causal: Bool) throws {
    let session = try session(causal: causal)
    try session.run("m.fit(t, prompt: p, valid: t, epochs: 60, batch: 3, lr: 2e-2, dropout: 0.0)")
    #expect(try session.float("m.trial({p: p}, t).accuracy.p") == 1)
  }

  @Test func aSoftPromptLearnsThemToo() throws {
    let session = try session(causal: true)
    try session.run(
      "s = m.add_soft_prompt(length: 4, seed: 0); first = s.fit(t, prompt: p, epochs: 20, batch: 6, lr: 0.1)")
    #expect(try session.float("first.losses[-1]") < session.float("first.losses[0]") - 0.1)
  }

  @Test func whatIsWrongIsSaid() throws {
    let session = try session(causal: true)
    #expect(session.failure("tiny.fit(t, prompt: p)")?.contains("no head that gives words probabilities") == true)
    #expect(session.blamed("tiny.fit(t, prompt: p)") == "p")
    let masked = #"m.fit(t, prompt: prompt("{text} {mask}", labels: {bad: "a", good: "b"}))"#
    #expect(session.failure(masked)?.contains("fills no masks") == true)
    let other = #"m.fit(table({text: ["x"], label: ["odd"]}), prompt: p)"#
    #expect(session.failure(other)?.contains(#"the rows have the label "odd", the prompt "bad", "good""#) == true)
    #expect(session.failure("m.fit(t, prompt: p, max_length: 8)")?.contains("max_length: the prompt says") == true)
    #expect(session.blamed(#"m.fit(t, prompt: p, text: "x")"#) == #""x""#)
    let long = #"m.fit(table({text: ["a " * 400, "b"], label: ["bad", "good"]}), prompt: p)"#
    #expect(session.failure(long)?.contains("row 0:") == true)
    #expect(session.failure(#"m.fit(t.drop("label"), prompt: p)"#)?.contains(#"no column "label""#) == true)
    #expect(
      session.failure(#"m.fit(t, prompt: prompt("{x} {label}", labels: {bad: "a", good: "b"}))"#)?.contains("{x}")
        == true)
    #expect(session.failure(#"m.fit(t, prompt: "{text}")"#)?.contains("takes a prompt, not a string") == true)
  }
}
