import Language

extension Shell {
  /// The lines of `help`, `help words`, `help fit`, `?fit`, `help "learning rate"`.
  func help(_ topic: String) throws -> [StyledText] {
    if topic.isEmpty { return HelpScreen.lines(interpreter.builtins) }
    throw ShellError.nothing("no help yet")
  }

  /// What Tab puts in and shows.
  func completion(text: String, before: String) -> CompletionAnswer {
    CompletionAnswer()
  }
}
