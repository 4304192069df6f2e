import Language

extension Shell {
  /// The lines of `help`, `help words`, `help fit`, `?fit`, `help "learning rate"`, `help undo`.
  func help(_ topic: String) throws -> [StyledText] {
    if topic.isEmpty { return HelpScreen.lines(interpreter.builtins) }
    let name = topic.hasPrefix(":") ? String(topic.dropFirst()) : topic
    guard interpreter.value(of: topic) == nil, let word = ShellWord.all.first(where: { $0.name == name }) else {
      return try Help.lines(topic, interpreter)
    }
    // The shell's own line, with the page of the word of that name or with what else speaks of it.
    let line = [word.line.cut(to: HelpText.width)]
    let others = (try? Help.lines(name, interpreter)) ?? []
    return interpreter.builtins.contains(name) ? others + line : line + others
  }

  /// What Tab puts in and shows, given the part of the line before the cursor.
  func completion(before: String) -> CompletionAnswer {
    let width = min(terminal.columns - 1, 100)
    return CompletionMenu.answer(candidates(before: before), width: width) { terminal.rendered($0) }
  }

  private func candidates(before: String) -> CompletionList {
    let engine = CompletionEngine(interpreter) { [unowned self] in paths($0) }
    guard openText.isEmpty else { return engine.complete(openText + before) }
    let line = before.drop { $0 == " " }
    if line.hasPrefix(":") {
      let words = line.dropFirst()
      guard let space = words.firstIndex(of: " ") else {
        let fitting = ShellWord.all.filter { $0.name.hasPrefix(words) }
        return CompletionList(
          prefix: String(words), groups: [.init("", fitting.map { Completion($0.name, detail: $0.summary) })])
      }
      let rest = String(words[space...].drop { $0 == " " })
      return argument(of: String(words[..<space]), rest)
    }
    for help in ["?", "help "] where line.hasPrefix(help) { return engine.complete(String(line.dropFirst(help.count))) }
    return engine.complete(before)
  }

  private func argument(of word: String, _ prefix: String) -> CompletionList {
    switch word {
    case "lesson":
      let lessons = surroundings().lessons.filter { $0.name.hasPrefix(prefix) }
      return CompletionList(
        prefix: prefix, groups: [.init("", lessons.map { Completion($0.name, detail: $0.title) })])
    case "edit", "type", "time", "help": return CompletionEngine(interpreter) { _ in [] }.complete(prefix)
    case "ls", "cd", "run", "check", "save": return CompletionList(prefix: prefix, groups: [.init("", paths(prefix))])
    default: return CompletionList(prefix: prefix)
    }
  }

  /// Files and folders that go on from a path begun.
  private func paths(_ prefix: String) -> [Completion] {
    var folder = ""
    var name = prefix[...]
    if let slash = prefix.utf8.lastIndex(of: 47) {
      folder = String(prefix[...slash])
      name = prefix[prefix.utf8.index(after: slash)...]
    }
    let entries = (try? session.access.list(folder.isEmpty ? "." : folder)) ?? []
    return entries.filter { $0.name.hasPrefix(name) && (name.hasPrefix(".") || !$0.name.hasPrefix(".")) }.map {
      Completion(folder + $0.name + ($0.isFolder ? "/" : ""), detail: $0.isFolder ? "" : Numbers.bytes($0.size))
    }
  }
}

/// Models and data that are here, for `load("` and `read("`.
final class SurroundingsSource: ArgumentSource {
  private unowned let shell: Shell

  init(_ shell: Shell) { self.shell = shell }

  func completions(word: String, parameter: String, prefix: String) -> [Completion] {
    let here = shell.surroundings()
    let names = word == "load" ? here.models : word == "read" ? here.data : []
    return names.filter { $0.hasPrefix(prefix) }.map { Completion($0) }
  }
}
