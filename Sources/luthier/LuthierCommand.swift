import ArgumentParser
import Shell

/// What scripts may do beyond the working directory.
struct Permissions: ParsableArguments {
  @Flag(help: "Let scripts download models.")
  var allowNetwork = false

  @Option(help: ArgumentHelp("Let scripts write below this folder too.", valueName: "folder"))
  var allowWrite: [String] = []
}

/// A command that says what the shell is to do.
protocol ShellCommand: ParsableCommand {
  var task: LaunchTask { get }
  var permissions: Permissions { get }
}

struct Luthier: ShellCommand {
  static let configuration = CommandConfiguration(
    commandName: "luthier",
    abstract: "An interactive shell for finetuning language models.",
    usage: """
      luthier [-e <expression> | -i <script> | --recover] [<options>]
      luthier run|check|lesson|render <script>
      """,
    discussion: """
      Without arguments it opens the shell; what comes on standard input runs as a script.
      Exit codes: 0 fine, 1 run-time error or failed check, 2 usage, 65 syntax error, 130 interrupted.
      """,
    version: "luthier \(Launch.version)",
    subcommands: [Run.self, Check.self, Lesson.self, Render.self])

  // Unconditional: `-2 ** 2` is an expression too.
  @Option(
    name: .customShort("e"), parsing: .unconditional,
    help: ArgumentHelp("Run this and show its value.", valueName: "expression"))
  var expression: String?

  @Option(name: .customShort("i"), help: ArgumentHelp("Run a script, then stay in the shell.", valueName: "script"))
  var script: String?

  @Flag(help: "Bring back the session that a crash ended.")
  var recover = false

  @Flag(help: "Show what the start of the shell takes, part by part, and end.")
  var traceStart = false

  @OptionGroup var permissions: Permissions

  func validate() throws {
    if [expression != nil, script != nil, recover].count(where: { $0 }) > 1 {
      throw ValidationError("-e, -i and --recover exclude one another.")
    }
  }

  var task: LaunchTask {
    if let expression { return .evaluate(expression) }
    if traceStart { return .traceStart }
    return .interactive(script: script, recover: recover)
  }
}

struct Run: ShellCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a script.")

  @OptionGroup var permissions: Permissions

  @Argument(help: "A file in Luthier's language (.luth).")
  var script: String

  @Argument(parsing: .captureForPassthrough, help: "What the script finds as `args`, a list of strings.")
  var arguments: [String] = []

  var task: LaunchTask { .run(path: script, arguments: arguments) }
}

struct Check: ShellCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Run a script and compare what it shows with the #> lines kept in it.")

  @Flag(help: "Write what it shows now into the file.")
  var update = false

  @OptionGroup var permissions: Permissions

  @Argument(help: "The script.")
  var script: String

  var task: LaunchTask { .check(path: script, update: update) }
}

struct Lesson: ShellCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson", abstract: "Go through a script cell by cell; Enter runs the next.")

  @OptionGroup var permissions: Permissions

  @Argument(help: "The script.")
  var script: String

  var task: LaunchTask { .lesson(path: script) }
}

struct Render: ShellCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Run a script and make one HTML page of it, with its prose, outputs and plots.")

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where the page goes; beside the script by itself.", valueName: "file"))
  var output: String?

  @OptionGroup var permissions: Permissions

  @Argument(help: "The script.")
  var script: String

  var task: LaunchTask {
    let stem = script.hasSuffix(".luth") ? String(script.dropLast(5)) : script
    return .render(path: script, output: output ?? stem + ".html")
  }
}
