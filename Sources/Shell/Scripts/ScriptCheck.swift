import Foundation
import Language

/// Runs a script and compares what it shows with the `#>` lines kept in it.
struct ScriptCheck {
  let session: Session
  let script: Script

  /// What came out.
  struct Report {
    /// Lines to show: each difference with its place, then a summary.
    var lines: [StyledText] = []
    var differences = 0
    var compared = 0
    /// Statements whose output isn't kept in the script.
    var unkept = 0
    /// The new output of each group of statements, as far as the run came.
    var outputs: [[StyledText]] = []
    var ending = ScriptRunner.Ending.fine

    /// One line on all of it.
    var summary: StyledText {
      let outputs = "\(compared) \(compared == 1 ? "output" : "outputs") compared"
      var line =
        differences == 0
        ? StyledText("fine: ", .good) + StyledText(outputs)
        : StyledText("\(differences) of ", .error) + StyledText("\(outputs) \(differences == 1 ? "differs" : "differ")")
      if unkept > 0 { line.append("; \(unkept) not kept in the script (--update writes them)", .faint) }
      return line
    }
  }

  func run() -> Report {
    var report = Report()
    session.isQuiet = true
    let runner = ScriptRunner(session: session)
    do { try runner.begin(script) } catch {
      report.ending = .failed(error, script.program.source)
      return report
    }
    let comparison = OutputComparison(tolerance: script.header.tolerance)
    for group in script.groups {
      var output: [StyledText] = []
      for statement in group.statements {
        do {
          output += try runner.runWhole(statement, of: script)
        } catch LanguageError.interrupted {
          report.ending = .interrupted
          return report
        } catch {
          // An error that is kept is expected: a lesson may show one.
          let kept = script.expected(group).suffix(
            from: min(output.filter { !$0.varies }.count, script.expected(group).count))
          if kept.first?.hasPrefix("error:") == true {
            output += ErrorDisplay.kept(error)
            break
          }
          report.ending = .failed(error, script.program.source)
          return report
        }
        session.forgetRecord()
      }
      report.outputs.append(output)
      compare(group, output, comparison, &report)
    }
    report.lines += changedFiles()
    return report
  }

  /// Files that are not what they were when the script was saved: a reason for differences.
  private func changedFiles() -> [StyledText] {
    script.header.reads.compactMap { reading in
      guard
        let file = session.access.filesRead.first(where: {
          session.folders.shortened($0.path) == reading.path || $0.path == reading.path
        }),
        let digest = Session.digest(of: file.resolvedPath), digest != reading.digest
      else { return nil }
      return StyledText("\(reading.path) is not the file it was: sha256 \(digest.prefix(16))…", .warning)
    }
  }

  private func compare(
    _ group: Script.Group, _ output: [StyledText], _ comparison: OutputComparison, _ report: inout Report
  ) {
    let actual = output.filter { !$0.varies }.map { line -> String in
      var text = line.plain
      while text.last == " " { text.removeLast() }
      return text
    }
    if group.outputs.isEmpty {
      if !output.isEmpty { report.unkept += 1 }
      return
    }
    report.compared += 1
    let differences = comparison.differences(expected: script.expected(group), actual: actual)
    guard !differences.isEmpty else { return }
    report.differences += 1
    let number = group.lines.lowerBound + 1
    let code = script.lines[group.lines.lowerBound]
    report.lines.append(
      StyledText("\(script.program.source.name):\(number)", .heading) + StyledText("  " + code).cut(to: 60))
    for difference in differences {
      if let expected = difference.expected { report.lines.append(StyledText("  - " + expected, .error)) }
      if let got = difference.actual { report.lines.append(StyledText("  + " + got, .good)) }
    }
  }
}
