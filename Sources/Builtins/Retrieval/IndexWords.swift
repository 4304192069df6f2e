import Files
import Language
import Retrieval
import Tables
import Transformers

/// A small index for examples.
let tinyIndex: String = #"i = index(none, tiny); i.add(["a b c", "c d. e f", "x y z"]);"#

extension Builtin {
  /// Words that keep documents to be searched.
  static let indexWords: [Builtin] = [makeIndex, addDocuments, removeDocuments, describeIndex]

  private static let makeIndex = Builtin(
    "index", area: .index, returns: .index,
    summary: "Open an index of documents, or make one: their pieces with a vector each, in a file or in memory.",
    details: [
      "One SQLite file; several processes may read while one writes.",
      "The model makes the vectors, pooled as it was trained to be; a file that was made with another is refused.",
      "Without a model only words can be searched.",
    ],
    parameters: [
      .positional("path", .either([.path, .nothing]), default: .nothing, "a file, or none for memory"),
      .positional("model", .either([.kind(.model), .nothing]), default: .nothing, "makes the vectors"),
      .named(
        "vectors", .choice(VectorKind.allCases.map(\.rawValue)), shown: "float32",
        "How a new index keeps them; int8 takes a quarter of the room."),
    ],
    keywords: [
      "vector database", "store", "faiss", "chroma", "rag", "retrieval", "embeddings", "semantic search", "sqlite",
      "VectorStoreIndex",
    ],
    python: #"faiss.IndexFlatIP(384)  # and a database of texts beside it"#,
    examples: [
      Example("index(none, tiny).len()", gives: 0),
      Example(#"i = index(none, tiny); i.add(["a b", "c d"]); i.len()"#, gives: 2),
      Example("index(none)", fails: "model"),
    ],
    seeAlso: ["add", "search", "ask", "recall"], makesNew: true
  ) { call in
    let path = try call.stringIfAny("path")
    let model: ModelValue? = call.objectIfAny("model")
    let kind = try call.stringIfAny("vectors").flatMap { VectorKind(rawValue: $0) }
    let access: FileAccess = try call.service()
    if let model, model.model.tokenizer == nil { throw call.error("\(model.model.name) has no tokenizer", at: "model") }
    do {
      return .object(IndexValue(try DocumentIndex(path: path, model: model?.model, kind: kind, access: access)))
    } catch let error as RetrievalError {
      throw call.error("\(error)", at: place(of: error), help: help(for: error))
    }
  }

  /// The argument an error is about.
  private static func place(of error: RetrievalError) -> String? {
    switch error {
    case .otherModel, .noModel: "model"
    case .badInput(let field, _, _): field
    default: "path"
    }
  }

  /// What to do about it.
  static func help(for error: RetrievalError) -> String? {
    switch error {
    case .otherModel: "load the model it was made with, or make another index: index(\"other.db\", model)"
    case .notAnIndex: "choose a name that nothing has yet, or an index that was made here"
    case .newerSchema: "open it with that Luthier, or make it anew from its documents"
    case .locked: "wait until that process is done, then do it again"
    case .readOnly: "copy the file to where you may write"
    case .diskFull: "make room, then add the same again: it goes on where it stopped"
    case .damaged: "make it anew from its documents"
    case .empty: "add documents first: add(index, \"samples/handbook\")"
    case .noModel: "open it with its model: index(path, model), or search with mode: \"words\""
    case .badInput, .database: nil
    }
  }

  /// Runs what works on an index, with its errors placed and explained.
  static func retrieving<Result>(_ call: Call, at argument: String? = nil, _ body: () throws -> Result) throws -> Result
  {
    do { return try body() } catch let error as RetrievalError {
      if case .badInput(let field, _, _) = error {
        throw call.error("\(error)", at: call.builtin.parameters.contains { $0.name == field } ? field : argument)
      }
      throw call.error("\(error)", at: argument, help: help(for: error))
    }
  }

  private static let addDocuments = Builtin(
    "add", area: .index, on: [.index], returns: .report,
    summary: "Add documents to an index: cut into chunks, each with its vector.",
    details: [
      "documents: a folder or file of .txt and .md, a list of files or texts, or a table with a column text "
        + "(title, source or id, and others to filter by).",
      "What is there already is not embedded again; a changed text takes its old one's place.",
      "Stopped or killed, add the same again and it goes on.",
    ],
    parameters: [
      .positional("documents", .any, "a folder, files, texts, or a table"),
      .named(
        "chunk", .either([.int, .nothing]), default: 200,
        "Tokens a chunk has at most; none leaves documents whole."),
      .named("overlap", .int, default: 40, "Tokens that neighbours share, at most; a fifth of a small chunk."),
      .named("text", .string, default: "text", "The table's column."),
      .named("first", .int, shown: "all", "Only the first so many documents."),
    ],
    keywords: ["insert", "upsert", "ingest", "chunk", "split", "from_documents", "add_texts", "embed"],
    python: "index.add(model.encode(chunks))",
    examples: [
      Example(#"i = index(none, tiny); i.add(["a b c", "x y z"]).added"#, gives: 2),
      Example(#"i = index(none, tiny); i.add(["a b"]); i.add(["a b"]).unchanged"#, gives: 1),
      Example(#"i = index(none, tiny); i.add(["a b", "c d", "e f"], first: 2).added"#, gives: 2),
      Example(#"i = index(none, tiny); i.add("no such folder/")"#, fails: "no such folder"),
    ],
    seeAlso: ["index", "search", "remove"]
  ) { call in
    let value: IndexValue = try call.receiver()
    let access: FileAccess = try call.service()
    return try retrieving(call, at: "documents") {
      let settings = try chunking(call, value.index)
      var reader = DocumentReader(access: access)
      var sources = try DocumentArguments.sources(call, &reader)
      if let first = try call.intIfAny("first") {
        guard first >= 0 else { throw call.error("first: expected 0 or more, got \(first)", at: "first") }
        sources = Array(sources.prefix(first))
      }
      call.willChange(value)
      let report = try value.index.add(sources, settings, reader: reader) { done, total, tokens in
        try call.progress("add", done, total, rate: tokens == 0 ? "" : "\(Numbers.grouped(tokens)) tokens")
      }
      if report.isStopped { call.stoppedEarly(replayWith: "first", .int(report.done)) }
      return .object(AddedValue.report(report))
    }
  }

  /// The chunk and overlap asked for. Where none is given, no more than the model reads at once; where only the chunk is
  /// given and it is small, an overlap of its fifth, as 40 is of 200.
  private static func chunking(_ call: Call, _ index: DocumentIndex) throws -> ChunkSettings {
    var size = try call.intIfAny("chunk")
    if !call.isGiven("chunk"), let wanted = size, let room = index.largestChunk, room < wanted {
      size = max(room, 1)
      call.note("chunks of \(room) tokens: \(index.recipe.model) reads no more at once")
    }
    var overlap = try call.int("overlap")
    if !call.isGiven("overlap"), let size, overlap > size / 2 { overlap = size / 5 }
    return try ChunkSettings(size: size, overlap: overlap)
  }

  private static let removeDocuments = Builtin(
    "remove", area: .index, on: [.index], returns: .nothing,
    summary: "Take documents out of an index, by source or title.",
    parameters: [.positional("names", .either([.string, .strings]), "a source or title, or several")],
    keywords: ["delete", "drop", "forget"], python: "index.remove_ids(ids)",
    examples: [
      Example(
        #"i = index(none, tiny); i.add(table({text: ["a b", "c"], id: ["one", "two"]})); i.remove("one"); i.len()"#,
        gives: 1),
      Example("\(tinyIndex) i.remove(\"nothing\")", fails: "nothing"),
    ],
    seeAlso: ["add", "describe"]
  ) { call in
    let value: IndexValue = try call.receiver()
    let names: [String]
    if case .string(let name) = call.value("names") { names = [name] } else { names = try call.strings("names") }
    return try retrieving(call, at: "names") {
      call.willChange(value)
      let removed: Int
      do { removed = try value.index.remove(names) } catch RetrievalError.badInput(_, _, let got) {
        let near = Nearest.question(
          String(got.dropFirst().dropLast()), in: try value.index.sources() + value.index.documents().map(\.title))
        throw call.error("no document of the index has the source or title \(got)", at: "names", help: near)
      }
      call.note("\(call.receiverName ?? "index"): took out \(IndexValue.documents(removed))")
      return .nothing
    }
  }

  private static let describeIndex = Builtin(
    "describe", area: .index, on: [.index], returns: .table, summary: "What an index holds, and whether it is sound.",
    keywords: ["info", "statistics", "integrity"], python: "index.ntotal, index.d",
    examples: [Example("index(none, tiny).describe().what[3]", gives: "documents")], seeAlso: ["index", "recall"]
  ) { call in
    let value: IndexValue = try call.receiver()
    return try retrieving(call) { .table(try IndexTables.described(value.index)) }
  }
}
