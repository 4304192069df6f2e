import Files
import Foundation
import TestSupport
import Testing
import Transformers

/// SmolLM2-135M-Instruct, where it is on this machine, against `real/smollm2_prompts.json`
/// (Scripts/reference/prompt_scores.py --small).
@Suite struct SmolLM2Prompts {
  private static let folder: String? = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? "/"
    return [
      "\(home)/.cache/luthier/models/SmolLM2-135M-Instruct", "\(home)/.cache/luthier-peers/models/smol",
    ].first { FileManager.default.fileExists(atPath: $0) }
  }()

  @Test func labelScores() throws {
    guard let folder = Self.folder, Fixtures.exists("real/smollm2_prompts.json") else {
      print("parity real/smollm2_prompts: skipped, the model or the file is not here")
      return
    }
    var report = ParityReport("real/smollm2_prompts")
    let model = try PretrainedModel.load(folder, access: Fixtures.access)
    for (number, json) in (try Fixtures.json("real/smollm2_prompts.json").array ?? []).enumerated() {
      try PromptCase(json).compare(with: model, "SmolLM2, case \(number)", tolerance: 1e-3)
      report.compared()
    }
    report.finish()
  }
}
