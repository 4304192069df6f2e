/// A builtin's form on one line.
package enum Signature {
  /// `tokenize(model, text, special: true)`: of several kinds of first argument the first is named.
  package static func line(_ form: Builtin) -> String {
    "\(form.name)(\(form.parameters.map(parameter).joined(separator: ", ")))"
  }

  /// `text`, `special: true`, `patterns...`.
  package static func parameter(_ parameter: Parameter) -> String {
    switch parameter.role {
    case .rest: return "\(parameter.name)..."
    case .labels: return "\(parameter.name): ..."
    case .positional:
      guard parameter.defaultValue != nil else { return parameter.name }
      return "\(parameter.name): \(defaultText(parameter))"
    case .named:
      let text: String = defaultText(parameter)
      return text.isEmpty ? "\(parameter.name):" : "\(parameter.name): \(text)"
    }
  }

  /// The default as it is shown; empty where there is none to show.
  package static func defaultText(_ parameter: Parameter) -> String {
    if let shown = parameter.shownDefault { return shown }
    guard let value = parameter.defaultValue else { return "" }
    return value.inline(width: 30)
  }
}
