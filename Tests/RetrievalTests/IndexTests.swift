import Files
import Foundation
import Retrieval
import TensorCore
import TestSupport
import Testing
import Transformers

@Suite(.serialized) struct IndexTests {
  private func documents(_ count: Int, seed: UInt64 = 1, words: Int = 60) -> [Document] {
    (0..<count).map { number in
      Document(
        source: "doc \(number)", title: "Title \(number)", text: Tiny.text(seed + UInt64(number), words: words),
        isMarkdown: number % 2 == 0, columns: JSONObject([("year", .integer(1900 + number))]))
    }
  }

  private func add(_ documents: [Document], to index: DocumentIndex, _ settings: ChunkSettings? = nil) throws
    -> AddReport
  {
    try index.add(
      documents.map { .given($0) }, settings ?? .standard, reader: DocumentReader(access: Fixtures.access))
  }

  @Test func theSameTextTwiceIsOneEntry() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let all = documents(5)
    let first = try add(all, to: index)
    #expect(first.added == 5 && first.chunks > 5)
    let before = try index.dump()
    let again = try add(all, to: index)
    #expect(again.added == 0 && again.unchanged == 5 && again.chunks == 0)
    #expect(try index.dump() == before)
    var twin = all[2]
    twin.source = "another name"
    #expect(try add([twin], to: index).copies == 1)
    #expect(try index.contents().documents == 5)
    #expect(try index.remove(["doc 2"]) == 0, "the text is still there under its other name")
    #expect(try index.contents().documents == 5)
    #expect(try index.remove(["another name"]) == 1)
    #expect(try index.contents().documents == 4)
  }

  /// Some of them wait for their batch when it is stopped: they don't count, so that as many again give the same index.
  @Test(arguments: [0, 1, 5, 8]) func aStoppedAddCountsWhatIsIn(stop: Int) throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let settings = try ChunkSettings(size: 8, overlap: 2)
    let all = documents(10)
    let report = try index.add(
      all.map { .given($0) }, settings, reader: DocumentReader(access: Fixtures.access)
    ) { done, _, _ in
      if done == stop { throw CancellationError() }
    }
    #expect(report.isStopped)
    #expect(report.done == (try index.contents().documents))
    let again = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    #expect(try add(Array(all.prefix(report.done)), to: again, settings).added == report.done)
    #expect(try again.documents().map(\.source) == index.documents().map(\.source))
  }

  /// The question's vector is made then: the stop was taken for the end of that alone, and lost.
  @Test(arguments: [1, 2]) func aSearchStoppedWhileItsQuestionIsReadEnds(check: Int) throws {
    struct Stopped: Error {}
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    _ = try add(documents(3), to: index)
    #expect(throws: Stopped.self) {
      var checks = 0
      _ = try index.search(["a word"], k: 2) {
        checks += 1
        if checks == check { throw Stopped() }
      }
    }
  }

  @Test func twoTextsInOneCallThatAreTheSame() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let bare = [Document(text: Array("a b c".utf8)), Document(text: Array("a b c".utf8)), Document(text: [120])]
    let report = try add(bare, to: index)
    #expect(report.added == 2 && report.unchanged == 1)
  }

  @Test func aChangedDocumentReplacesItsChunks() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    var all = documents(4)
    _ = try add(all, to: index)
    all[1].text = Array("b b b b x1 end.".utf8)
    let report = try add(all, to: index)
    #expect(report.replaced == 1 && report.unchanged == 3)
    let fresh = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    _ = try add(all, to: fresh)
    #expect(Set(try index.allChunks().map(\.text)) == Set(try fresh.allChunks().map(\.text)))
    #expect(try index.contents().documents == 4)
    // Cut otherwise, everything is cut anew.
    let other = try ChunkSettings(size: 10, overlap: 0)
    #expect(try add(all, to: index, other).replaced == 4)
    #expect(try index.settings()?.size == 10)
  }

  @Test func searchFindsWhatBruteForceFinds() throws {
    let model = try Tiny.model()
    for kind in VectorKind.allCases {
      let index = try DocumentIndex(path: nil, model: model, kind: kind, access: Fixtures.access)
      _ = try add(documents(40), to: index)
      let questions = (0..<11).map { String(decoding: Tiny.text(900 + UInt64($0), words: 8), as: UTF8.self) }
      let found = try index.search(questions, k: 7)
      let chunks = try index.allChunks().map(\.text)
      let rows = try index.vectorRows()
      let asked = try model.features(questions, FeatureOptions(normalize: true)).values.elements
      for (place, hits) in found.enumerated() {
        let question = asked[(place * index.size)..<((place + 1) * index.size)].map { Double($0) }
        let scores = rows.map { row in zip(row, question).reduce(0.0) { $0 + $1.0 * $1.1 } }
        let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        #expect(hits.map(\.text) == order.prefix(7).map { chunks[$0] }, "\(kind) question \(place)")
        expectClose(hits.map(\.score), order.prefix(7).map { scores[$0] }, absolute: 1e-9)
      }
      // Alone and among others a question finds the same.
      for place in [0, 5, 10] {
        #expect(try index.search([questions[place]], k: 7)[0].map(\.chunk) == found[place].map(\.chunk))
      }
    }
  }

  @Test func filtersLetThroughWhatTheySay() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    _ = try add(documents(12), to: index)
    for mode in SearchMode.allCases {
      let found = try index.search(
        ["a b c word"], k: 50, mode: mode, filter: .columns([("year", [.integer(1903), .integer(1907)])]))[0]
      #expect(Set(found.map(\.title)).isSubset(of: ["Title 3", "Title 7"]) && !found.isEmpty, "\(mode)")
      let tested = try index.search(["a word"], k: 50, mode: mode, filter: .test { $0["year"]?.int ?? 0 < 1902 })[0]
      #expect(Set(tested.map(\.title)).isSubset(of: ["Title 0", "Title 1"]) && !tested.isEmpty, "\(mode)")
    }
    #expect(throws: RetrievalError.self) {
      try index.search(["a"], k: 5, filter: .columns([("yaer", [.integer(1)])]))
    }
  }

  @Test func wordsAreFoundExactly() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let texts = ["the luthier's bench", "Längste Geige", "an \"odd\" AND (query) NEAR it", "nothing here"]
    _ = try add(texts.map { Document(text: Array($0.utf8)) }, to: index)
    #expect(try index.search(["luthier"], k: 3, mode: .words)[0].map(\.text) == [texts[0]])
    #expect(try index.search(["langste"], k: 3, mode: .words)[0].map(\.text) == [texts[1]])
    #expect(try index.search(["NEAR(\"odd\" * OR"], k: 3, mode: .words)[0].map(\.text) == [texts[2]])
    #expect(try index.search(["—!?"], k: 3, mode: .words)[0].isEmpty)
  }

  @Test func whatWasDoneCanBeTakenBackAndBroughtForth() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let all = documents(6)
    var states: [(place: Int, texts: [String], found: [Int64])] = []
    func keep() throws {
      let found = try index.contents().chunks == 0 ? [] : try index.search(["a b word"], k: 5)[0].map(\.chunk)
      states.append((index.place, try index.allChunks().map(\.text), found))
    }
    try keep()
    _ = try add(Array(all.prefix(3)), to: index)
    try keep()
    var changed = all[1]
    changed.text = Array("x x x".utf8)
    _ = try add([changed, all[4]], to: index)
    try keep()
    _ = try index.remove(["doc 0", "doc 4"])
    try keep()
    let order = [2, 1, 0, 3, 1, 3, 0, 2]
    for target in order {
      // A state is put back by its place, and its own place is remembered anew each time, as undo and redo do.
      try index.restore(to: states[target].place)
      #expect(try index.allChunks().map(\.text) == states[target].texts, "state \(target)")
      if !states[target].found.isEmpty {
        #expect(try index.search(["a b word"], k: 5)[0].map(\.chunk) == states[target].found)
      }
    }
  }

  @Test func recallCountsDocuments() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let all = documents(30)
    _ = try add(all, to: index)
    let questions = all.map { String(decoding: $0.text, as: UTF8.self) }
    let recall = try index.recall(
      Array(questions), right: all.map { $0.source ?? "" }, cutoffs: [10, 1, 3], mode: .vectors)
    #expect(recall.cutoffs == [1, 3, 10])
    #expect(recall.found[0] <= recall.found[1] && recall.found[1] <= recall.found[2])
    let ranks = recall.ranks.compactMap { $0 }
    #expect(recall.found[2] == ranks.count && ranks.allSatisfy { (1...10).contains($0) })
    expectClose(recall.meanReciprocalRank, ranks.reduce(0) { $0 + 1 / Double($1) } / 30, absolute: 1e-12)
    #expect(throws: RetrievalError.self) {
      try index.recall(["a"], right: ["no such document"], cutoffs: [1], mode: .vectors)
    }
  }

  @Test func equalChunksStandInTheDocumentsOrder() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    // The same words, other white space: other documents, equal vectors.
    let all = (1...40).map { Document(source: "s\($0)", text: Array(("a b" + String(repeating: " ", count: $0)).utf8)) }
    _ = try add(all, to: index)
    let found = try index.search(["a b"], k: 10)[0]
    #expect(found.map(\.source) == (1...10).map { "s\($0)" })
  }
}
