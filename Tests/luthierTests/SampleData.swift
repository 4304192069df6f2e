import Foundation
import Testing

/// The data in Samples teaches, so it must be sound: balanced, readable, and no text nearly like another,
/// or a held-out part would not be held out.
@Suite struct SampleData {
  static let samples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Samples")

  static func rows(of name: String) throws -> [[String]] {
    let text = try String(contentsOf: samples.appending(path: name), encoding: .utf8)
    return text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  static func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init))
  }

  /// The pair of texts that share the largest part of their words, and that part (Jaccard's index).
  static func nearest(_ texts: [String]) -> (share: Double, first: String, second: String) {
    let sets: [Set<String>] = texts.map(words)
    var worst: (share: Double, first: String, second: String) = (0, "", "")
    for i in sets.indices {
      for j in sets.indices where j > i {
        let smaller: Int = min(sets[i].count, sets[j].count)
        let larger: Int = max(sets[i].count, sets[j].count)
        guard Double(smaller) > worst.share * Double(larger) else { continue }
        let common: Int = sets[i].intersection(sets[j]).count
        let share: Double = Double(common) / Double(sets[i].count + sets[j].count - common)
        if share > worst.share { worst = (share, texts[i], texts[j]) }
      }
    }
    return worst
  }

  @Test func reviewsAreBalancedAndDistinct() throws {
    let rows = try Self.rows(of: "reviews.tsv")
    #expect(rows.first == ["text", "label"])
    let reviews = rows.dropFirst()
    #expect(reviews.count >= 440)
    #expect(reviews.allSatisfy { $0.count == 2 && !$0[0].isEmpty })
    let positive = reviews.count { $0[1] == "positive" }
    #expect(positive * 2 == reviews.count)
    #expect(reviews.count { $0[1] == "negative" } == positive)
    let nearest = Self.nearest(reviews.map { $0[0] })
    #expect(nearest.share < 0.5, "\(nearest)")
  }

  @Test func topicsAreBalancedAndDistinct() throws {
    let rows = try Self.rows(of: "topics.tsv").dropFirst()
    let counts = Dictionary(grouping: rows, by: { $0[1] }).mapValues(\.count)
    #expect(rows.count == 200 && Set(counts.values) == [25], "\(counts)")
    let nearest = Self.nearest(rows.map { $0[0] })
    #expect(nearest.share < 0.6, "\(nearest)")
  }

  @Test func entityTagsAreIOB2() throws {
    let text = try String(contentsOf: Self.samples.appending(path: "entities.conll"), encoding: .utf8)
    let sentences = text.components(separatedBy: "\n\n")
    #expect(sentences.count == 150)
    for sentence in sentences {
      var before = "O"
      for line in sentence.split(separator: "\n") {
        let fields = line.split(separator: "\t").map(String.init)
        #expect(fields.count == 2, "\(line)")
        let tag = fields.last ?? ""
        if tag.hasPrefix("I-") { #expect(before.dropFirst(2) == tag.dropFirst(2), "\(sentence)") }
        #expect(["O", "person", "location", "organization"].contains(tag == "O" ? tag : String(tag.dropFirst(2))))
        before = tag
      }
    }
  }

  @Test func answersStandWhereTheySay() throws {
    struct File: Decodable { var data: [Article] }
    struct Article: Decodable { var paragraphs: [Paragraph] }
    struct Paragraph: Decodable { var context: String, qas: [Question] }
    struct Question: Decodable { var id: String, question: String, answers: [Answer] }
    struct Answer: Decodable { var text: String, answer_start: Int }
    let data = try Data(contentsOf: Self.samples.appending(path: "questions.json"))
    let paragraphs = try JSONDecoder().decode(File.self, from: data).data.flatMap(\.paragraphs)
    #expect(paragraphs.count == 40)
    for paragraph in paragraphs {
      let scalars = Array(paragraph.context.unicodeScalars)
      for question in paragraph.qas {
        for answer in question.answers {
          let found = scalars.dropFirst(answer.answer_start).prefix(answer.text.unicodeScalars.count)
          #expect(found.elementsEqual(answer.text.unicodeScalars), "\(question.id)")
        }
      }
    }
  }
}
