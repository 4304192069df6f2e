import Language

/// Errors as lines: message, the place with carets, help.
enum ErrorDisplay {
  /// An error as a script keeps it: without its place, which moves as the script is edited.
  static func kept(_ error: any Error) -> [StyledText] {
    guard let error = error as? LanguageError else { return Diagnostic("\(error)").lines() }
    var diagnostic = error.diagnostic
    diagnostic.range = nil
    return diagnostic.lines()
  }

  static func lines(_ error: any Error, source: SourceText? = nil, width: Int = 77) -> [StyledText] {
    guard let error = error as? LanguageError else { return Diagnostic("\(error)").lines(width: width) }
    if case .interrupted = error { return [StyledText("interrupted; the session is as it was before", .warning)] }
    var diagnostic = error.diagnostic
    if diagnostic.source == nil { diagnostic.source = source }
    var title = "error"
    if let source = diagnostic.source, !source.name.isEmpty, let range = diagnostic.range {
      let line = source.line(at: min(range.start, source.bytes.count)) + source.firstLine
      title = "\(TextWidth.visible(source.name)):\(line): error"
    }
    return diagnostic.lines(width: width, title: title)
  }
}
