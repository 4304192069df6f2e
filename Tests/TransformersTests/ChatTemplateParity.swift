import Files
import Foundation
import TestSupport
import Testing
import Transformers

/// Conversations against transformers' rendering of chat templates (Scripts/reference/chat_templates.py).
@Suite struct ChatTemplateParity {
  @Test func conversationsAreWrittenAsTransformersWritesThem() throws {
    let path = Fixtures.tests.appendingPathComponent("Fixtures/chat/cases.json").path
    var compared = 0
    for example in try #require(try Fixtures.access.readJSON(path).array) {
      let name = example["name"]?.string ?? ""
      let messages = (example["messages"]?.array ?? []).map {
        ChatMessage(role: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "")
      }
      let template = try ChatTemplate(try #require(example["template"]?.string))
      let invites = example["add_generation_prompt"]?.bool ?? true
      func render() throws -> String { try template.render(messages, bos: "<s>", eos: "</s>", invites: invites) }
      if let reason = example["refused"]?.string {
        let problem = #expect(throws: TemplateError.self, "\(name)") { try render() }
        #expect(problem?.reason == reason && problem?.isRefusal == true, "\(name)")
      } else {
        #expect(try render() == example["text"]?.string, "\(name)")
      }
      compared += 1
    }
    print("parity chat: \(compared) compared, 0 not yet ()")
    #expect(compared > 100)
  }

  @Test(arguments: [
    ("{% if messages %}", "endif"), ("{{ messages", "}}"), ("{% endfor %}", "endfor"), ("{# open", "comment"),
    ("{{ 'open }}", "string"), ("{% frobnicate %}", "frobnicate"), ("{{ messages | frobnicate }}", "frobnicate"),
    ("{{ messages is frobnicate }}", "frobnicate"), ("{{ frobnicate(1) }}", "frobnicate"),
    ("{{ strftime_now('%Y') }}", "date"), ("{% for x in 3 %}{% endfor %}", "a number"), ("{{ 1 // 0 }}", "zero"),
    ("{{ 9223372036854775807 + 1 }}", "too large"), ("{{ none.x.y }}", "undefined"),
    ("{{ 1 + 'a' }}", "a number + a string"),
    ("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "million steps"),
    (
      "{% set x = range(100000) | join('0123456789') %}{% for i in range(100000) %}{% set y = x ~ 'a' %}{% endfor %}",
      "million steps"
    ),
    ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "100 deep"), ("{{ range(0, 9223372036854775807) }}", "100,000"),
    ("{{ messages[0][0:1:2] }}", "step"), ("{{ @ }}", "@"), ("{{ }}", "missing"), ("{% set x.y = 1 %}", "namespace"),
    ("{{ (1 }}", "missing"), ("{{ 1 2 }}", "2"), ("{{ 'a' | tojson(indent=2) }}", "indent"),
    ("{{ 'x' * 9 }}", "a string *"), ("{{ range(-9223372036854775807, 9223372036854775807) }}", "100,000"),
  ])
  func whatIsWrongOrUnknownIsNamed(_ template: String, _ part: String) {
    let problem = #expect(throws: TemplateError.self, "\(template)") {
      try ChatTemplate(template).render([ChatMessage(role: "user", content: "a")])
    }
    #expect(problem?.reason.contains(part) ?? false, "\(template): \(problem?.reason ?? "")")
  }

  /// A value that each of 200 turns makes anew from itself would fill all memory.
  @Test(arguments: [
    "n.x + n.x", "n.x ~ n.x", "[n.x]", "[n.x, n.x]", "{'a': n.x, 'b': n.x}", "n.x | replace('a', n.x)",
    "n.x.replace('a', n.x)", "n.x | list | join(n.x)",
  ])
  func valuesDoNotGrowWithoutEnd(_ expression: String) {
    let template = "{% set n = namespace(x='aa') %}{% for i in range(200) %}{% set n.x = \(expression) %}{% endfor %}"
    let problem = #expect(throws: TemplateError.self, "\(expression)") { try ChatTemplate(template).render([]) }
    #expect(problem?.reason == "a value grows too large", "\(expression): \(problem?.reason ?? "")")
  }

  @Test func deepTemplatesEndInAnError() {
    for (open, close) in [("(", ")"), ("[", "]"), ("not ", "")] {
      let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
      #expect(throws: TemplateError.self) { try ChatTemplate("{{ \(deep) }}") }
    }
    let blocks = String(repeating: "{% if 1 %}", count: 100_000) + String(repeating: "{% endif %}", count: 100_000)
    #expect(throws: TemplateError.self) { try ChatTemplate(blocks) }
    let chain = "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}"
    #expect(throws: TemplateError.self) { try ChatTemplate(chain).render([]) }
  }
}
