import Foundation
import Testing

/// `luthier render`: a script as one page that needs nothing else.
@Suite struct RenderTests {
  private func page(_ script: String) throws -> String {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    try folder.write("page.luth", script)
    let result = try BuiltProgram.run(["render", "page.luth", "-o", "page.html"], in: folder)
    #expect(result.code == 0, "\(result.errors)")
    return try folder.read("page.html")
  }

  @Test func aPageReplacesNothingButPages() throws {
    let folder = try TemporaryFolder()
    try folder.write("page.luth", "1 + 1\n")
    for (output, code) in [("page.luth", Int32(1)), ("page.html", 0), ("page.html", 0)] {
      #expect(try BuiltProgram.run(["render", "page.luth", "-o", output], in: folder).code == code)
    }
    #expect(try folder.read("page.luth") == "1 + 1\n")
  }

  @Test func aFitWithItsCurveAndProse() throws {
    let html = try page(
      #"""
      # # A small *model*
      # What <it> learns.

      # %% Rows
      t = table({text: ["a b", "c d", "a", "c"], label: ["bad", "good", "bad", "good"]})
      m = load("tiny").for_sequence_classification(labels: t.label)

      # %% Training
      # It is **quick**.
      m.fit(t, valid: t, epochs: 2)
      m.confusion(t)
      """#)
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    #expect(html.contains("<h1>A small *model*</h1>"))
    #expect(html.contains("What &lt;it&gt; learns."))
    #expect(html.contains("<a href=\"#training\">Training</a>") && html.contains("<section id=\"training\">"))
    #expect(html.contains("<strong>quick</strong>"))
    // A run shows its figures and its curve; a plot only its picture.
    #expect(html.components(separatedBy: "<svg").count == 3)
    #expect(html.contains("valid accuracy") && !html.contains("true      predicted"))
    // Code without output is one block.
    #expect(html.components(separatedBy: "<pre class=\"code\">").count == 4)
    for outside in ["http://", "https://", "<script", "<link", "src="] {
      let found = html.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "").contains(outside)
      #expect(!found, "\(outside)")
    }
  }

  @Test func aFirstSectionGivesTheTitleOnce() throws {
    let html = try page("# %% A tour\n# Prose.\n1 + 1\n\n# %% More\n2 + 2\n\n# %% And more\n3\n")
    #expect(html.contains("<h1>A tour</h1>") && !html.contains("<h2>A tour</h2>"))
    #expect(html.contains("<h2>More</h2>") && html.contains("<nav"))
  }
}
