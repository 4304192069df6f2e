import Language
import Testing

/// Tab with the real words and a real model.
@Suite struct ModelCompletionTests {
  private func texts(_ before: String) throws -> [String] {
    let interpreter = try Transcript().interpreter
    return CompletionEngine(interpreter) { _ in [] }.complete(before).items.map(\.text)
  }

  @Test func patternsAreOfferedWherePatternsAreTaken() throws {
    #expect(try texts("tiny.freeze(\"").contains("embeddings"))
    #expect(try texts("tiny.parameters(\"enc") == ["encoder"])
  }

  @Test func aTextIsNoPattern() throws {
    #expect(try !texts("tiny.features(").contains("\"encoder\""))
    #expect(try texts("tiny.tokenize(\"enc").isEmpty)
  }

  @Test func aWholeModuleLeadsOn() throws {
    #expect(try texts("tiny.freeze(\"encoder") == ["encoder", "encoder.layer"])
    #expect(try texts("tiny[\"encoder.layer") == ["encoder.layer", "encoder.layer.0", "encoder.layer.1"])
    #expect(try texts("tiny[\"pooler.dense.w") == ["pooler.dense.weight"])
  }
}
