import Builtins
import Files
import Foundation
import Language
import TestSupport
import Testing
import Transformers

/// How a fit shows itself, step by step and as a whole. Trained figures differ between processors, so digits and curves
/// stand as `0` and `~` in the expected text.
@Suite struct FitDisplays {
  private func lines(_ code: String) throws -> [String] {
    let last = try TinySession().run(code)
    return last.display().filter { !$0.varies || $0.plain.contains("loss ") || $0.plain.contains("valid ") }.map {
      masked($0.plain)
    }
  }

  private func masked(_ line: String) -> String {
    var text = ""
    for character in line {
      if "▁▂▃▄▅▆▇█".contains(character) {
        if text.last != "~" { text.append("~") }
      } else {
        text.append(character.isNumber ? "0" : character)
      }
    }
    return text
  }

  @Test func aRun() throws {
    let shown = try lines(
      """
      m = tiny.for_sequence_classification(labels: t.label)
      m.freeze()
      m.unfreeze("head")
      m.fit(t, valid: t, epochs: 2, batch: 2, lr: 1e-3)
      """)
    #expect(
      shown.map { $0.replacingOccurrences(of: "  best", with: "") } == [
        "run 0   0 steps, 0 epochs, head only",
        "        loss   valid loss  valid accuracy        loss ~",
        "0      0.000        0.000           0.000        valid ~",
        "0      0.000        0.000           0.000",
        "lr 0e-0 (head only)  batch 0  adamw 0.00  linear, warm-up 0  clip 0  seed 0",
      ])
  }

  @Test func aRunSaysEverySettingThatIsNotTheUsual() throws {
    let shown = try TinySession().shown(
      """
      m = tiny.for_sequence_classification(labels: t.label)
      m.fit(t, valid: t, epochs: 1, batch: 2, label_smoothing: 0.1, class_weight: {bad: 3.0}, layer_decay: 0.9, early_stopping: 3, keep: "best")
      """
    ).joined(separator: " ")
    for part in [
      "label smoothing 0.1", "weights bad 3.00, good 1.00", "layer decay 0.9", "early stopping 3", "keeps the best",
    ] { #expect(shown.contains(part), "\(part) in \(shown)") }
  }

  @Test func aStep() throws {
    let shown = try lines("tiny.for_sequence_classification(labels: t.label).trainer(t, batch: 3).step()")
    #expect(shown.first?.hasPrefix("step 0 of 0   rows ") == true)
    #expect(shown.contains { $0.hasPrefix("loss 0.000   gradient norm 0.000   lr 0   ") })
    #expect(shown.contains { $0.hasPrefix("logits [0, 0]  (") })
    #expect(shown.contains { $0.hasPrefix("classifier ") })
    #expect(shown.count <= 20)
  }

  @Test func whatCannotBeFitted() throws {
    for (code, part) in [
      ("tiny.fit(t)", "has no head"), ("m = copy(tiny); m.fit(t)", "has no head"),
      ("tiny.for_sequence_classification(labels: [\"x\", \"y\"]).fit(t)", "no label \"bad\""),
      ("tiny.for_sequence_classification(labels: t.label).fit(t.drop(\"label\"))", "no column \"label\""),
      ("tiny.for_sequence_classification(labels: t.label).fit(t, lr: -1.0)", "lr must be 0 or more"),
      ("tiny.for_sequence_classification(labels: t.label).fit(t[0:1])", "every label is \"bad\""),
      ("tiny.for_sequence_classification(labels: t.label).fit(t, batch: 0)", "batch must be at least 1"),
    ] {
      do {
        _ = try lines(code)
        Issue.record("\(code) should fail")
      } catch {
        #expect("\(error)".contains(part), "\(code): \(error)")
      }
    }
  }
}
