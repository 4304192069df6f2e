import Files
import Language

/// Words on text in files.
extension Builtin {
  static let fileTextFamily: [Builtin] = [readText]

  static let readText = Builtin(
    "read_text", area: .plain, returns: .string, summary: "A file's text (UTF-8).",
    parameters: [.positional("path", .path, "The file; beside the script, then in the working directory.")],
    keywords: ["open", "file", "load"], python: "open(path).read()",
    examples: [Example(#"read_text("no-such-file.txt")"#, fails: "no-such-file.txt")], seeAlso: ["read", "lines"]
  ) { call in .string(try call.service(FileAccess.self).readText(try call.string("path"))) }
}
