import Foundation
import Language
import Shell
import TestSupport
import Testing

import struct Language.Progress

@Suite struct FirstScreenTests {
  private func text(_ surroundings: Surroundings, canRecover: Bool = false) -> String {
    let screen = FirstScreen(
      version: "1.0", cores: 2, memory: 24 << 30, seed: 0, surroundings: surroundings, canRecover: canRecover)
    return screen.lines.map(\.plain).joined(separator: "\n") + "\n"
  }

  @Test func withModelsDataAndLessons() {
    var surroundings = Surroundings()
    surroundings.models = ["all-MiniLM-L6-v2", "SmolLM2-135M-Instruct"]
    surroundings.data = ["samples/reviews.tsv"]
    surroundings.lessons = [.init(name: "features", path: "/x/features.luth", title: "The feature-based approach")]
    expectGolden(text(surroundings), "shell/first-screen.txt")
  }

  @Test func lessonsStandInTheOrderOfTeaching() {
    let lessons = Surroundings.lessons(in: Fixtures.package.appendingPathComponent("Samples/lessons").path)
    #expect(lessons.map(\.name).prefix(4) == ["tour", "features", "finetuning-1", "finetuning-2"])
    #expect(lessons.last?.name == "handbook")
    #expect(lessons.first?.title == "A tour of the language")
  }

  @Test func onAnEmptyMachine() {
    expectGolden(text(Surroundings(), canRecover: true), "shell/first-screen-empty.txt")
  }

  @Test func manyModelsFitTheWidth() {
    var surroundings = Surroundings()
    surroundings.models = (0..<40).map { "organisation/a-model-with-a-long-name-\($0)" }
    surroundings.data = [String(repeating: "x", count: 200)]
    for line in text(surroundings, canRecover: true).split(separator: "\n") {
      #expect(TextWidth.of(String(line)) <= 80, "\(line)")
    }
  }

  @Test func oneLongNameIsCutAndNothingCounted() {
    var surroundings = Surroundings()
    surroundings.data = [String(repeating: "x", count: 200)]
    #expect(text(surroundings).contains("x…\n"))
    #expect(!text(surroundings).contains(" more"))
  }
}

@Suite struct ProgressBarTests {
  @Test func showsRateAndTimeLeft() {
    let line = ProgressBar.line(
      Progress("features", done: 30, total: 120, rate: "1,840 tokens/s"), seconds: 10, width: 77, unicode: false)
    #expect(line == "features  #######.......................  25 %  1,840 tokens/s  30 s left")
  }

  @Test func everyLineFits() {
    for width in [20, 40, 77] {
      for label in ["", "x", String(repeating: "long ", count: 40), "你好你好你好你好你好你好"] {
        let line = ProgressBar.line(Progress(label, done: 5, total: 9), seconds: 1e6, width: width, unicode: true)
        #expect(TextWidth.of(line) <= width, "\(line)")
      }
    }
  }

  @Test func nothingTraps() {
    for (done, total) in [(0, 0), (-1, -1), (Int.max, 1), (1, Int.max), (Int.min, Int.max)] {
      _ = ProgressBar.line(Progress("x", done: done, total: total), seconds: 0, width: 77, unicode: true)
    }
  }
}
