import Foundation
import Language
import TestSupport
import Testing

/// Heads that give several labels or numbers: fitted, used and measured with the same words as a classifier.
@Suite struct TaskMeasureTests {
  private func severalLabels() throws -> TinySession {
    let session = try TinySession()
    try session.run(
      #"""
      rows = table([{text: "a b", label: ["x", "y"]}, {text: "c d", label: []}, {text: "a", label: ["x"]}, {text: "c", label: ["y"]}])
      m = tiny.for_sequence_classification(labels: ["x", "y"], problem: "multi_label", seed: 1)
      run = m.fit(rows, valid: rows, epochs: 200, batch: 4, lr: 1e-2, warmup: 0, dropout: 0.0)
      """#)
    return session
  }

  @Test func severalLabelsAreLearnedAndMeasured() throws {
    let session = try severalLabels()
    #expect(try session.float("run.losses[-1]") < 0.1)
    #expect(try session.run("m.predict(\"a b\").labels").isEqual(to: .strings(["x", "y"])))
    #expect(try session.run("m.predict(rows).predicted[1]").isEqual(to: .strings([])))
    #expect(try session.float("m.predict(\"a b\").probabilities.x") > 0.5)
    #expect(
      try session.shown("m.evaluate(rows)") == [
        "accuracy of all labels of a text 1.000  4 of 4  95 % 0.510 to 1.000",
        "F1 micro 1.000   macro 1.000   weighted 1.000",
        "labels wrong 0.00 %   log loss " + (try session.shown("m.evaluate(rows).log_loss.round(3)")[0]),
      ])
    #expect(try session.shown("m.report(rows)").contains { $0.hasPrefix("micro ") })
    #expect(try session.float("m.score(rows)") == 1)
    #expect(try session.run("m.errors(rows).len()").isEqual(to: .int(0)))
    #expect(try session.run("m.confusion(rows).rightly").isEqual(to: session.run("table({a: [2, 2]}).a")))
    // Judged against other labels, the row that is most wrong comes first.
    let wrong = #"m.errors(rows, y: [["x", "y"], ["x", "y"], ["x"], ["x", "y"]])"#
    #expect(try session.run(wrong + ".text").isEqual(to: session.run(#"table({a: ["c d", "c"]}).a"#)))
    #expect(
      try session.float(#"m.evaluate(rows, y: [["x", "y"], ["x", "y"], ["x"], ["x", "y"]]).hamming_loss"#) == 0.375)
    try session.run(
      "other = tiny.for_sequence_classification(labels: [\"x\", \"y\"], problem: \"multi_label\", seed: 5)")
    let compared = try session.shown("compare({fitted: m, other: other}, test: rows)")
    #expect(compared.contains("right: all labels of a text; 4 rows; p: exact McNemar test on the same rows"))
    #expect(compared[1].hasPrefix("fitted ") && compared.last?.hasPrefix("cost: fitted ") == true, "\(compared)")
    #expect(session.failure(#"m.evaluate(rows, y: [["z"], [], [], []])"#)?.contains("no label \"z\"") == true)
  }

  @Test func numbersAreLearnedAndMeasured() throws {
    let session = try TinySession()
    try session.run(
      #"""
      rows = table({text: ["a b", "c d", "a", "c"], label: [1.0, -1.0, 0.5, 0]})
      m = tiny.for_sequence_classification(labels: 1, seed: 1)
      run = m.fit(rows, epochs: 80, batch: 4, lr: 5e-3, warmup: 0, dropout: 0.0)
      """#)
    #expect(try session.float("run.losses[-1]") < 0.02)
    let one = try session.float("m.predict(\"a b\")")
    expectClose(one, 1, absolute: 0.4, "prediction")
    expectClose(try session.float("m.predict(rows).predicted[0]"), one, absolute: 1e-5, "in a table")
    #expect(try session.float("m.evaluate(rows).r2") > 0.9)
    #expect(try session.float("m.score(rows)") > 0.9)
    #expect(try session.shown("m.evaluate(rows)").count == 3)
    #expect(try session.run("m.errors(rows).len()").isEqual(to: .int(4)))
    #expect(try session.run("e = m.errors(rows).error; e[0] >= e[3]").isEqual(to: .bool(true)))
    try session.run("other = tiny.for_sequence_classification(labels: 1, seed: 5)")
    let compared = try session.shown("compare({fitted: m, other: other}, test: rows)")
    #expect(compared[1].hasPrefix("fitted ") && compared[2].contains(" of 4   p = "), "\(compared)")
    #expect(session.failure("m.confusion(rows)")?.contains("predicts numbers") == true)
    #expect(session.failure(#"m.evaluate(rows, y: ["a", "b", "c", "d"])"#)?.contains("expected a number") == true)
  }

  @Test func severalNumbers() throws {
    let session = try TinySession()
    try session.run(
      #"""
      rows = table([{text: "a b", label: [1.0, 0.0]}, {text: "c d", label: [-1.0, 0.5]}])
      m = tiny.for_sequence_classification(labels: ["warm", "fast"], problem: "regression", seed: 1)
      run = m.fit(rows, epochs: 2)
      """#)
    #expect(try session.run("m.predict(\"a b\").keys()").isEqual(to: .strings(["warm", "fast"])))
    #expect(try session.run("m.predict(rows).predicted_fast.len()").isEqual(to: .int(2)))
    #expect(session.failure(#"m.fit(table({text: ["a"], label: [1.0]}))"#)?.contains("a list of 2 numbers") == true)
  }

  @Test func whatIsCutOfManyAnswersIsSaid() throws {
    let session = try TinySession()
    try session.run("qa = tiny.for_question_answering(seed: 1)")
    let shown = try session.shown(#"qa.answer("a?", "a b c d a b c d a b c d", best: 30)"#)
    #expect(shown.count == 20 && shown.last == "… 2 more answers", "\(shown)")
    #expect(shown.allSatisfy { !$0.hasSuffix(" ") })
    #expect(try session.shown(#"qa.answer("a?", "a b c d", best: 3)"#).count == 3)
  }

  @Test func anEntityOverALinesEndIsShownOnOneLine() throws {
    let session = try TinySession()
    try session.run(#"tagger = tiny.for_token_classification(labels: ["I-X"], seed: 1)"#)
    #expect(try session.shown(#"tagger.predict("a\n b")"#) == ["[a b X 1.00]"])
  }

  @Test func beamsShowHowFarTheyAre() throws {
    let session = try TinySession()
    try session.run("m = load(\"\(Fixtures.tests.path)/Fixtures/gguf/llama3.gguf\")")
    var done: [Int] = []
    session.onProgress = { progress in
      done.append(progress.done)
      #expect(progress.total == 12)
    }
    try session.run(#"m.generate(["the sun", "a"], max_tokens: 6, beams: 2)"#)
    #expect(done.count > 2 && done == done.sorted() && done.last.map { $0 > 6 && $0 < 12 } == true, "\(done)")
  }
}
