import Files
import Language
import Retrieval
import Tables

/// What stands for documents in a call: a table, texts, files, folders.
enum DocumentArguments {
  static func sources(_ call: Call, _ reader: inout DocumentReader) throws -> [DocumentSource] {
    switch call.value("documents") {
    case .string(let text):
      let sources = try one(text, &reader, call)
      guard !sources.isEmpty else {
        throw call.error("there is no .txt or .md file in \(quoted(text))", at: "documents")
      }
      return sources
    case .list(let list):
      var sources: [DocumentSource] = []
      for (place, element) in list.elements.enumerated() {
        guard case .string(let text) = element else {
          throw call.error("element \(place) is \(element.kind.phrase), expected a text or a file", at: "documents")
        }
        sources += DocumentReader.isDocument(text) ? try one(text, &reader, call) : [given(text)]
      }
      return sources
    case .object(let table as TableValue):
      let column = try call.string("text")
      _ = try call.texts(of: table.table, column: column, at: "documents")
      return try Document.rows(of: table.table, text: column).map { .given($0) }
    case .object(is ColumnValue): return try call.texts("documents").map { given($0) }
    case let other:
      throw call.error("expected a folder, files, texts or a table, got \(other.kind.phrase)", at: "documents")
    }
  }

  private static func given(_ text: String) -> DocumentSource { .given(Document(text: Array(text.utf8))) }

  /// A path where something stands there or it looks like one; a text otherwise.
  private static func one(_ text: String, _ reader: inout DocumentReader, _ call: Call) throws -> [DocumentSource] {
    if text.utf8.count < 4096, reader.access.exists(text) { return try reader.find(text) }
    let isPath = !text.contains("\n") && (DocumentReader.isDocument(text) || text.hasSuffix("/") || !text.contains(" "))
    guard isPath else { return [given(text)] }
    let folder = PathText.folder(of: text)
    let names = ((try? reader.access.list(folder)) ?? []).map(\.name).filter { !$0.hasPrefix(".") }
    let near = Nearest.find(PathText.name(of: text), in: names).map { folder == "." ? $0 : PathText.join(folder, $0) }
    throw call.error(
      "there is no file or folder \(quoted(text))", at: "documents",
      help: near.first.map { "did you mean \"\($0)\"?" } ?? "to add the text itself, give it in a list: [\"...\"]")
  }
}
