import Language
import TestSupport
import Testing

@Suite struct GradientWordTests {
  @Test("gradients at the prompt are those a trainer takes, and change nothing") func sameAsTheTrainer() throws {
    let session = try TinySession()
    try session.run("m = tiny.for_sequence_classification(labels: t.label)")
    let before = try session.run("m.parameters()")
    try session.run(
      """
      ids = map(t.text, x -> encode(m, x).ids)
      out = m({input_ids: ids, labels: t.label})
      g = gradients(out.loss, m)
      again = gradients(out.loss, m)
      """)
    #expect(try session.run("g.norm").isEqual(to: session.run("again.norm")))
    let own = try session.float("sum(map(g.norm, x -> x ** 2)).sqrt()")
    let step = try session.float("m.trainer(t, batch: 6, dropout: 0.0).step().gradient_norm")
    expectClose(own, step, relative: 1e-5, "gradient norm")
    #expect(try session.run("m.parameters()").isEqual(to: before))
    #expect(try session.run("g[\"classifier.bias\"].shape").isEqual(to: .ints([2])))
    #expect(try session.run("gradients(out.loss, m.classifier).name[0]").isEqual(to: .string("classifier.weight")))
    #expect(try session.run("m.freeze(); m.unfreeze(\"head\"); 1").isEqual(to: .int(1)))
    let head = try session.run("gradients(m({input_ids: ids, labels: t.label}).loss, m).len()")
    #expect(head.isEqual(to: .int(4)), "only what trains has a gradient")
  }

  @Test("of tensors, by a record or by a function") func ofTensors() throws {
    let session = try TinySession()
    try session.run(
      """
      w = tensor([[1.0, 2.0], [3.0, 4.0]], trainable: true)
      b = zeros(2, trainable: true)
      x = tensor([[1.0, 1.0]])
      loss = ((x @ w + b) ** 2).sum() / 2
      g = gradients(loss, {w: w, b: b})
      """)
    #expect(try session.run("g[\"b\"].close(tensor([4.0, 6.0]))").isEqual(to: .bool(true)))
    #expect(try session.run("g[\"w\"][0].close(tensor([4.0, 6.0]))").isEqual(to: .bool(true)))
    let unit = try session.float("gradients((w, b) -> norm(x @ w + b), w, b)[1].gradient.norm()")
    expectClose(unit, 1, absolute: 1e-6, "the gradient of a length")
    #expect(try session.run("all(map(range(2), i -> close(g[i].gradient.norm(), g[i].norm)))").isEqual(to: .bool(true)))
  }

  @Test(
    "what has no gradient says so",
    arguments: [
      ("gradients(3.0, t)", "of takes"), ("gradients(3.0, tensor([1.0]))", "without a record"),
      ("w = ones(2, trainable: true); gradients(w * 2, w)", "one number"),
      ("w = ones(2, trainable: true); gradients((w * 2).sum(), ones(2, trainable: true))", "does not depend"),
      ("w = ones(2, trainable: true); gradients((w * 2).sum(), w * 2)", "computed from others"),
      ("w = ones(2, trainable: true); gradients((w * 2).sum())", "say of what"),
      (
        "m = tiny.for_sequence_classification(labels: 2); o = m({input_ids: [[2]], labels: [1]}); m.freeze(); gradients(o.loss, m)",
        "every parameter is frozen"
      ),
    ])
  func refused(code: String, part: String) throws {
    let message = try TinySession().failure(code) ?? "no error"
    #expect(message.contains(part), "\(code): \(message)")
  }
}

@Suite struct PlanTests {
  @Test("a plan says what a fit will take and leaves no trace") func leavesNoTrace() throws {
    let session = try TinySession()
    try session.run("m = tiny.for_sequence_classification(labels: t.label); 7")
    let parameters = try session.run("m.parameters()")
    try session.run("7")
    let names = session.interpreter.names
    let plan = try session.plan("run = m.fit(t, valid: t, epochs: 2, batch: 2)")
    #expect(plan.first == "plan of a fit: 6 rows, 2 epochs, 6 steps; nothing is trained yet")
    #expect(plan.contains { $0.hasPrefix("trains ") && $0.contains("all layers") })
    #expect(plan.contains { $0.hasPrefix("cache       none") })
    #expect(plan.allSatisfy { $0.count <= 77 } && plan.count <= 20)
    #expect(session.interpreter.names == names && session.interpreter.value(of: "_")?.isEqual(to: .int(7)) == true)
    let losses = try session.run("m.fit(t, epochs: 1, batch: 2).losses")
    #expect(session.notes.allSatisfy { !$0.contains("fitted before") })
    let fresh = try TinySession()
    try fresh.run("m = tiny.for_sequence_classification(labels: t.label)")
    #expect(try fresh.run("m.parameters()").isEqual(to: parameters))
    #expect(try fresh.run("m.fit(t, epochs: 1, batch: 2).losses").isEqual(to: losses))
  }

  @Test("the cache's size is that of a row a text") func cache() throws {
    let session = try TinySession()
    try session.run("m = tiny.for_sequence_classification(labels: t.label); m.freeze(); m.unfreeze(\"head\")")
    let plan = try session.plan("m.trainer(t, valid: t, batch: 2)")
    #expect(plan.contains { $0.hasPrefix("cache ") && $0.contains("one row a text") }, "\(plan)")
  }

  @Test func whatCannotBePlanned() throws {
    let session = try TinySession()
    for code in ["1 + 1", "t.len()", "x = [1]"] {
      #expect(throws: LanguageError.self) { try session.plan(code) }
    }
    #expect(throws: LanguageError.self) { try session.plan("tiny.fit(t)") }
  }
}
