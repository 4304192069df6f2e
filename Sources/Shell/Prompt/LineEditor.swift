import CLineEditor
import Foundation

/// What reading a line at the prompt gave.
enum LineInput: Equatable {
  case line(String)
  /// Ctrl-D on an empty line, or the terminal went away.
  case end
  /// Ctrl-C: the line was dropped.
  case interrupted
}

/// What Tab puts in and shows.
package struct CompletionAnswer: Equatable {
  /// How many characters before the cursor are replaced.
  package var deleting = 0
  /// What is put in at the cursor.
  package var inserting = ""
  /// What is shown below the line, with line feeds; empty for nothing.
  package var showing = ""

  package init(deleting: Int = 0, inserting: String = "", showing: String = "") {
    self.deleting = deleting
    self.inserting = inserting
    self.showing = showing
  }
}

/// libedit on the terminal: prompt, history, completion and paste, for one thread.
final class LineEditor {
  private var handle: OpaquePointer?
  /// Answers Tab, given the part of the text before the cursor.
  var complete: (_ before: String) -> CompletionAnswer = { _ in CompletionAnswer() }
  /// What of a pasted text stands in the line, given the text before the cursor.
  var cleanPaste: (_ text: String, _ before: String) -> String = { text, _ in text }
  /// Forgets a Ctrl-C that came too late for what ran: called when Ctrl-C is a key of the line again.
  var forgetInterruption: () -> Void = {}

  /// Takes the terminal; nil where there is none that libedit can drive.
  init?() {
    let callbacks = luthier_editor_callbacks(
      context: Unmanaged.passUnretained(self).toOpaque(),
      complete: { context, editor in
        guard let context, let editor else { return }
        Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue().answerTab(editor)
      },
      paste: { context, editor, text, count in
        guard let context, let editor, let text else { return }
        let bytes = UnsafeRawBufferPointer(start: text, count: count)
        Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
          .answerPaste(editor, String(decoding: bytes, as: UTF8.self))
      })
    guard let handle = luthier_editor_open(callbacks) else { return nil }
    self.handle = handle
  }

  deinit {
    if let handle { luthier_editor_close(handle) }
  }

  /// Reads one line, or a whole pasted cell.
  ///
  /// - Parameters:
  ///   - initial: what stands in the line from the start.
  ///   - continues: whether the line belongs to the one before, which has not run.
  func read(prompt: String, initial: String = "", continues: Bool = false) -> LineInput {
    guard let handle else { return .end }
    luthier_editor_begin(handle, continues)
    forgetInterruption()
    switch luthier_editor_read(handle, prompt, initial) {
    case luthier_read_line:
      var count = 0
      guard let bytes = luthier_editor_result(handle, &count) else { return .end }
      return .line(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self))
    case luthier_read_interrupted: return .interrupted
    default: return .end
    }
  }

  /// To be called when what a line asks for begins to run: from here on, and from the line's Enter on, Ctrl-C is for it.
  func beginWork() {
    if let handle { luthier_editor_begin_work(handle) }
  }

  /// Makes an entry reachable by the arrows and Ctrl-R.
  func remember(_ entry: String) {
    guard let handle, !entry.isEmpty else { return }
    luthier_editor_add_history(handle, entry)
  }

  private func textBeforeCursor(_ editor: OpaquePointer) -> String {
    var count = 0
    var cursor = 0
    guard let bytes = luthier_editor_text(editor, &count, &cursor) else { return "" }
    let all = UnsafeRawBufferPointer(start: bytes, count: count)
    return String(decoding: all.prefix(cursor), as: UTF8.self)
  }

  private func answerTab(_ editor: OpaquePointer) {
    let answer = complete(textBeforeCursor(editor))
    luthier_editor_delete(editor, CInt(clamping: answer.deleting))
    luthier_editor_insert(editor, answer.inserting)
    if !answer.showing.isEmpty {
      luthier_editor_show(editor, answer.showing)
    } else if answer.inserting.isEmpty {
      luthier_editor_beep(editor)
    }
  }

  private func answerPaste(_ editor: OpaquePointer, _ text: String) {
    luthier_editor_insert(editor, cleanPaste(text, textBeforeCursor(editor)))
  }
}
