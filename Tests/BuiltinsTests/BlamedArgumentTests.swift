import Foundation
import TestSupport
import Testing

/// Errors that come from below a word point at the argument they are about, not at the whole call.
@Suite struct BlamedArgumentTests {
  @Test func settingsOfWriting() throws {
    let session = try TinySession()
    try session.run("m = load(\"\(Fixtures.tests.path)/Fixtures/gguf/llama3.gguf\")")
    for (code, place) in [
      (#"m.generate("a", temperature: -1.5)"#, "-1.5"), (#"m.generate("a", temperature: 0.5, top_p: 7.0)"#, "7.0"),
      (#"m.generate("a", max_tokens: -3)"#, "-3"), (#"m.generate("a", beams: 0)"#, "0"),
      (#"m.generate("a", n: 3, beams: 2)"#, "3"), (#"m.chat("a", temperature: 0.5, top_k: 0)"#, "0"),
    ] {
      #expect(session.blamed(code) == place, "\(code)")
    }
  }

  @Test func filesThatAreNotWhole() throws {
    let session = try TinySession()
    let work = try TemporaryFolder()
    try work.put("cut.gguf", Array("GGUF".utf8) + [3, 0, 0, 0])
    try work.put("other.model", [0xFF, 0xFF, 0xFF, 0xFF, 0x20])
    try work.put("half.conll", "Anna\tB-PER\nleft\n")
    #expect(session.blamed("read(\"\(work.at("half.conll"))\")")?.hasSuffix("half.conll\"") == true)
    for code in ["load(\"\(work.at("cut.gguf"))\")", "tokenizer(\"\(work.at("other.model"))\")"] {
      #expect(session.blamed(code)?.hasPrefix("\"") == true, "\(code): \(session.failure(code) ?? "no error")")
    }
    // The file is named as it was given, not as such files are usually called.
    #expect(session.failure("tokenizer(\"\(work.at("other.model"))\")")?.contains("other.model") == true)
  }

  @Test func whatIsFitted() throws {
    let session = try TinySession()
    try session.run(
      """
      s = table({tokens: [["a"], ["b"]], tags: [["O"], ["B-X"]]})
      other = table({tokens: [["a"], ["b"]], tags: [["O"], ["S-X"]]})
      tagger = tiny.for_token_classification(labels: s.tags)
      qa = tiny.for_question_answering()
      m = tiny.for_masked_lm()
      """)
    #expect(session.blamed(#"m.fit([""])"#) == #"[""]"#)
    #expect(session.blamed(#"tiny.for_token_classification(labels: ["O", "O"])"#) == #"["O", "O"]"#)
    #expect(session.blamed("tagger.fit(s, max_length: 2)") == "2")
    #expect(session.blamed(#"qa.answer("a?", "a b", stride: 500)"#) == "500")
    // Of a split the part is named, and the row.
    #expect(session.blamed("tagger.fit({train: s, valid: other})") == "{train: s, valid: other}")
    #expect(
      session.failure("tagger.fit({train: s, valid: other})")?.hasPrefix("fit: valid: row 1: no label \"S-X\"") == true)
    #expect(session.failure("tagger.fit(s, valid: other)")?.hasPrefix("fit: row 1: no label \"S-X\"") == true)
    #expect(session.blamed("tagger.fit(s, valid: other)") == "other")
    #expect(
      session.failure("tiny.attention(\"a\", layer: 2)") == "attention: there is no layer 2: the model has 2 layers "
        + "(0 to 1, or -1 for the last)")
  }

  @Test func oneRowIsOneRow() throws {
    let session = try TinySession()
    try session.run(#"m = tiny.for_masked_lm(); m.fit("a b c", epochs: 1)"#)
    #expect(session.notes.contains("batch is 16, the data has 1 row: one batch an epoch"))
  }
}
