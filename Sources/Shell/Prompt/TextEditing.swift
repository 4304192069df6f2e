import CLineEditor
import Foundation
import Language

/// `:edit`: a text goes to $EDITOR and comes back to the prompt.
enum TextEditing {
  /// The text that then stands at the prompt.
  static func edit(_ shell: Shell, _ what: String) throws -> String {
    if case .object(let object)? = shell.interpreter.value(of: what), let text = object.editableText {
      return try object.statement(name: what, edited: try editedText(text, shell.environment, ending: "txt"))
    }
    let text: String
    var isString = false
    if what.isEmpty {
      text = ""
    } else if let cell = Int(what) {
      let sources = shell.session.entries.filter { $0.saved.cell == cell }.map {
        $0.saved.source + ($0.saved.isSilent ? ";" : "")
      }
      guard !sources.isEmpty else { throw ShellError.nothing("there is no cell \(cell)") }
      text = sources.joined(separator: "\n")
    } else if case .string(let value)? = shell.interpreter.value(of: what) {
      text = value
      isString = true
    } else if let value = shell.interpreter.value(of: what) {
      let lines = shell.session.entries.reversed().first { $0.saved.source.hasPrefix(what + " =") }
      guard let lines else {
        throw ShellError.nothing("\(what) is \(value.kind.phrase): a cell, a prompt or a string can be edited")
      }
      text = lines.saved.source
    } else {
      throw ShellError.nothing("there is no cell or name \(what)")
    }
    let edited = try editedText(text, shell.environment, ending: isString ? "txt" : "luth")
    return isString ? "\(what) = \(StringEscapes.literal(edited))" : edited
  }

  private static func editedText(_ text: String, _ environment: [String: String], ending: String) throws -> String {
    let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
    var template = Array("/tmp/luthier-XXXXXX.\(ending)".utf8CString)
    let descriptor = mkstemps(&template, Int32(ending.utf8.count + 1))
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw ShellError.failed(operation: "edit", path: path, reason: "can't be made") }
    let bytes = Array((text.isEmpty || text.hasSuffix("\n") ? text : text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    defer { unlink(path) }
    let code = luthier_run_on_terminal("exec \(editor) \"$1\"", path)
    guard code == 0 else {
      let reason = code == 127 ? "it can't be started; EDITOR names the program to use" : "it ended with \(code)"
      throw ShellError.failed(operation: "edit with", path: editor, reason: reason)
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ShellError.failed(operation: "read", path: path, reason: "it is gone")
    }
    var result = String(decoding: data, as: UTF8.self)
    while result.hasSuffix("\n") { result.removeLast() }
    return result
  }
}
