import Foundation
import Language
import TestSupport
import Testing
import Training

/// Every argument of `fit` has its effect, and a run says which were in effect.
@Suite struct FitSettingTests {
  private func session() throws -> TinySession {
    let session = try TinySession()
    try session.run("base = tiny.for_sequence_classification(labels: t.label, seed: 2)")
    return session
  }

  private func losses(_ session: TinySession, _ arguments: String) throws -> Value {
    try session.run("copy(base).fit(t, valid: t, epochs: 3, batch: 2\(arguments)).losses")
  }

  @Test(
    "an argument changes the losses",
    arguments: [
      "lr: 1e-2", #"optimizer: "adam", weight_decay: 0.5"#, #"optimizer: "sgd""#, "weight_decay: 50.0",
      #"schedule: "cosine""#, #"schedule: "constant""#, "warmup: 0", "warmup: 5", "clip: 0.01", "clip: none",
      "dropout: 0.5", "label_smoothing: 0.2", "class_weight: {bad: 3.0}", "layer_decay: 0.5", "accumulate: 2",
      "seed: 9", "max_length: 3",
    ])
  func changesLosses(argument: String) throws {
    let session = try session()
    let plain = try losses(session, "")
    #expect(try losses(session, "").isEqual(to: plain), "the same call gives the same")
    #expect(try !losses(session, ", " + argument).isEqual(to: plain), "\(argument) has no effect")
  }

  @Test("the learning rate goes by what trains") func automaticRates() throws {
    let session = try session()
    #expect(try session.float("copy(base).fit(t, epochs: 1).settings.lr") == 5e-5)
    try session.run("base.freeze(); base.unfreeze(last_blocks: 1)")
    #expect(try session.float("copy(base).fit(t, epochs: 1).settings.lr") == 2e-4)
    try session.run("base.freeze(); base.unfreeze(\"head\")")
    #expect(try session.float("copy(base).fit(t, epochs: 1).settings.lr") == 1e-3)
    // What fit takes by itself is what the ladder calls usual.
    for (name, rate) in [("all", 5e-5), ("last_blocks", 2e-4), ("head", 1e-3)] {
      #expect(LadderRung.all.first { $0.name == name }?.rate == rate, "the ladder's usual rate of \(name)")
    }
  }

  @Test func frozenDropoutDrawsInFrozenBlocks() throws {
    let session = try session()
    try session.run("base.freeze(); base.unfreeze(\"head\")")
    let plain = try losses(session, ", dropout: 0.3")
    #expect(try !losses(session, ", dropout: 0.3, frozen_dropout: true").isEqual(to: plain))
    #expect(try losses(session, ", dropout: 0.0").display().count > 0)
  }

  @Test func balancedWeighsRareLabelsMore() throws {
    let session = try session()
    try session.run("u = t[0:4].map(r -> {text: r.text, label: if r.text == \"c\" { \"good\" } else { \"bad\" }})")
    let balanced = try session.run("copy(base).fit(u, batch: 2, class_weight: \"balanced\").losses")
    let given = try session.run("copy(base).fit(u, batch: 2, class_weight: {bad: 0.6666667, good: 2.0}).losses")
    let difference = "max(map(zip(a, b), (x, y) -> abs(x - y)))"
    session.interpreter.define("a", balanced)
    session.interpreter.define("b", given)
    #expect(try session.float(difference) < 1e-5)
  }

  @Test func stopsEarlyAndKeepsTheBest() throws {
    let session = try session()
    try session.run(
      "run = base.fit(t, valid: t, epochs: 50, batch: 6, lr: 0.0, early_stopping: 2, eval_every: 1, keep: \"best\")")
    #expect(try session.run("run.stopped").isEqual(to: .string("early stopping")))
    #expect(try session.float("run.steps") == 3, "the first measurement is the best, two more are no better")
    #expect(try session.shown("run").contains { $0.hasPrefix("stopped early") })
    let again = try TinySession()
    try again.run(
      """
      m = tiny.for_sequence_classification(labels: t.label, seed: 2)
      run = m.fit(t, valid: t, epochs: 8, batch: 2, lr: 0.05, keep: "best", dropout: 0.0)
      best = min(run.history.valid_loss)
      now = m.evaluate(t).log_loss
      """)
    expectClose(try again.float("now"), try again.float("best"), absolute: 1e-4, "the best weights stand")
  }

  @Test func measuresEverySoManySteps() throws {
    let session = try session()
    try session.run("run = base.fit(t, valid: t, epochs: 2, batch: 2, eval_every: 2)")
    #expect(try session.run("run.history.step").isEqual(to: session.run("table({a: [2, 4, 6]}).a")))
  }

  @Test func aFitThatStopsBetweenMeasurementsShowsItsSteps() throws {
    let session = try session()
    try session.run("run = base.fit(t, epochs: 2, batch: 2, steps: 4)")
    #expect(try session.run("run.history.step").isEqual(to: session.run("table({a: [3, 4]}).a")))
    #expect(try session.float("abs(run.history.loss[1] - run.losses[3])") < 1e-12)
  }

  @Test func saysWhatIsUnusual() throws {
    let session = try session()
    try session.run("copy(base).fit(t, batch: 100, epochs: 1)")
    #expect(session.notes.contains { $0.contains("batch is 100, the data has 6 rows") })
    #expect(session.notes.contains { $0.contains("nothing is learned; warmup: 0 leaves it out") })
    try session.run("copy(base).fit(t, lr: 2.0, epochs: 1)")
    #expect(session.notes.contains { $0.contains("lr 2.0 is very high") })
  }

  @Test func aLossThatIsNoNumberStopsWithThePlaceAndTheLastGoodWeights() throws {
    let session = try session()
    try session.run("run = base.fit(t, epochs: 40, batch: 2, lr: 1e30, clip: none, warmup: 0)")
    let shown = try session.shown("run").joined(separator: " ")
    #expect(shown.contains("at step") && shown.contains("largest (norm"), "\(shown)")
    #expect(try session.run("all(base[\"classifier.weight\"] < 1e38)").isEqual(to: .bool(true)))
    #expect(try session.run("run.stopped").display()[0].plain.contains("at step"))
  }

  @Test func aTrainerTakesChangesBetweenSteps() throws {
    let session = try session()
    try session.run(
      """
      base.freeze()
      base.unfreeze("head")
      r = base.trainer(t, batch: 2, warmup: 0, epochs: 4)
      one = r.step()
      r.lr = 0.0
      before = base["classifier.weight"]
      two = r.step()
      """)
    #expect(try session.float("two.lr") == 0)
    #expect(try session.run("all(base[\"classifier.weight\"] == before)").isEqual(to: .bool(true)))
    try session.run("r.lr = 1e-3; base.unfreeze(\"encoder.layer.1\"); three = r.step()")
    #expect(try session.float("three.modules.len()") > session.float("one.modules.len()"))
    #expect(try session.float("three.logits.shape[1]") == 2)
    #expect(try session.float("three.rows.len()") == 2)
    #expect(try session.run("r.epoch().steps").isEqual(to: .int(6)))
    #expect(try session.run("r.run().steps").isEqual(to: .int(12)))
    #expect(session.failure("r.step()")?.contains("at its end") == true)
    #expect(session.failure("r.lr = -1.0")?.contains("0 or more") == true)
  }

  private func inFolder(_ body: (_ folder: String) throws -> Void) throws {
    let folder: String = NSTemporaryDirectory() + "luthier-fit-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func aRunThatGoesOnGoesOnWithItsCheckpoints() throws {
    let session = try session()
    try inFolder { folder in
      try session.run(
        #"run = base.fit(t, batch: 2, epochs: 3, steps: 2, checkpoint: "\#(folder)", checkpoint_every: 1)"#)
      #expect(try session.run("resume(run, steps: 3).steps").isEqual(to: .int(5)))
      #expect(try session.run(#"resume("\#(folder)", steps: 1).steps"#).isEqual(to: .int(6)))
      #expect(try session.run(#"resume("\#(folder)").steps"#).isEqual(to: .int(9)))
      #expect(session.failure("base.fit(t, checkpoint_every: 2)")?.contains("but not where") == true)
    }
  }

  @Test func aTrainerStopsWhereItIsToldAndWritesCheckpoints() throws {
    let session = try session()
    try inFolder { folder in
      try session.run(
        #"r = base.trainer(t, batch: 2, epochs: 3, steps: 4, checkpoint: "\#(folder)", checkpoint_every: 1)"#)
      #expect(try session.run("r.total").isEqual(to: .int(4)))
      try session.run("r.step()")
      #expect(try session.run(#"resume("\#(folder)", steps: 1).steps"#).isEqual(to: .int(2)))
      #expect(try session.run("r.run(steps: 1).steps").isEqual(to: .int(2)))
      #expect(try session.run("r.run().steps").isEqual(to: .int(4)))
      #expect(session.failure("r.run()")?.contains("at its end") == true)
      #expect(try session.run(#"resume("\#(folder)").steps"#).isEqual(to: .int(9)))
    }
  }

  @Test func aSweepVariesEverySetting() throws {
    let session = try session()
    for values in ["max_length: [3, 8]", #"optimizer: ["adamw", "sgd"]"#, "clip: [none, 0.01]", "epochs: [1, 2]"] {
      let table = "base.sweep(m -> m.fit(t, lr: 1e-2, warmup: 0, batch: 2), \(values))"
      #expect(try session.float("len(unique(\(table).loss))") == 2, "\(values) has no effect")
    }
    let same = "base.sweep(m -> m.fit(t, epochs: 1, lr: 1e-3), lr: [1e-3, 1e-2])"
    #expect(session.failure(same)?.contains("gives lr itself") == true)
    let text = #"base.sweep(m -> m.fit(t), lr: ["high"])"#
    #expect(session.failure(text)?.contains("lr takes a float") == true, "\(session.failure(text) ?? "")")
    #expect(session.failure("base.sweep(m -> m.fit(t), epoch: [1])")?.contains("did you mean epochs") == true)
  }

  @Test func aSettingThatWouldHaveNoEffectIsRefused() throws {
    let session = try session()
    try session.run(
      """
      u = table({text: ["a b", "c d"], label: [1.0, 2.0]})
      v = table({text: ["a b", "c d"], label: [["x"], ["y"]]})
      number = tiny.for_sequence_classification(labels: 1, seed: 2)
      several = tiny.for_sequence_classification(labels: ["x", "y"], problem: "multi_label", seed: 2)
      """)
    for (code, part) in [
      ("number.fit(u, label_smoothing: 0.1)", "learns numbers"),
      ("several.fit(v, class_weight: {x: 2.0})", "learns several labels a text"),
      ("several.fit(v, label_smoothing: 0.1)", "learns several labels a text"),
      ("base.fit(t, class_weight: {bax: 2.0})", "no label \"bax\"; there are: bad, good (did you mean bad?)"),
    ] {
      #expect(session.failure(code)?.contains(part) == true, "\(code): \(session.failure(code) ?? "no error")")
    }
  }
}
