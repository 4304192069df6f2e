import Files
import Foundation
import Language

/// What the shell says when it opens, within 80 columns.
package struct FirstScreen {
  var version: String
  var cores: Int
  var memory: Int
  var seed: Int
  var surroundings: Surroundings
  /// Whether a crashed session can be brought back.
  var canRecover = false
  var width = 77

  package init(
    version: String, cores: Int, memory: Int, seed: Int, surroundings: Surroundings, canRecover: Bool = false,
    width: Int = 77
  ) {
    self.version = version
    self.cores = cores
    self.memory = memory
    self.seed = seed
    self.surroundings = surroundings
    self.canRecover = canRecover
    self.width = width
  }

  package var lines: [StyledText] {
    var lines = [StyledText("luthier \(version)", .heading)]
    lines[0].append("   \(cores) \(cores == 1 ? "core" : "cores"), \(gigabytes) memory, seed \(seed)")
    lines.append(StyledText())
    lines += row("models", surroundings.models, none: "none yet: ./Scripts/start brings one, or load(\"path\")")
    lines += row("data", surroundings.data, none: "none here: read(\"path\") takes csv, tsv, json, jsonl, folders")
    lines += row("lessons", surroundings.lessons.map(\.name), none: "none here: :lesson path")
    lines += row("help", ["the steps of finetuning, with a line of code each"], none: "")
    if canRecover {
      lines.append(StyledText())
      lines.append(
        StyledText("The last session ended without :quit.  luthier --recover brings it back.", .warning))
    }
    lines.append(StyledText())
    lines.append(StyledText("Tab completes   ?fit explains   :undo takes back   Ctrl-D leaves", .faint))
    return lines
  }

  private var gigabytes: String {
    let gigabytes = Double(memory) / Double(1 << 30)
    return gigabytes >= 10 ? "\(Int(gigabytes.rounded())) GB" : Numbers.fixed(gigabytes, 1) + " GB"
  }

  /// A name and what belongs to it, cut to one line, the rest counted.
  private func row(_ name: String, _ items: [String], none: String) -> [StyledText] {
    var line = StyledText("  " + TextWidth.padded(name, to: 10), .name)
    if items.isEmpty {
      line.append(none, .faint)
      return [line]
    }
    var shown = ""
    for (place, item) in items.enumerated() {
      let next = (shown.isEmpty ? "" : shown + "   ") + TextWidth.visible(item)
      let rest = items.count - place - 1
      let more = rest > 0 ? "   … \(rest) more" : ""
      if TextWidth.of(next + more) > width - 12 {
        let left = items.count - max(1, place)
        if shown.isEmpty { shown = TextWidth.cut(next, to: width - (left > 0 ? 30 : 12)) }
        if left > 0 { shown += "   … \(left) more" }
        break
      }
      shown = next
    }
    line.append(shown)
    return [line]
  }
}
