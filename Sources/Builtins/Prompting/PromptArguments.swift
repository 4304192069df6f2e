import Files
import Language
import Prompting
import Tables
import Transformers

/// What words about prompts take from a call.
extension Call {
  /// The labels of a prompt with their words: a record, or a list whose elements are label and word at once.
  func promptLabels(_ name: String) throws -> [Prompt.Label] {
    switch value(name) {
    case .nothing: return []
    case .record(let record):
      return try record.fields.map { key, value in
        switch value {
        case .string(let word): return Prompt.Label(key.text, [word])
        case .list(let list):
          return Prompt.Label(
            key.text,
            try list.elements.map { element in
              guard case .string(let word) = element else {
                throw error("\(name): the words of \(key.text) are strings, got \(element.kind.phrase)", at: name)
              }
              return word
            })
        case let other:
          throw error("\(name): \(key.text) is \(other.kind.phrase), expected a word or a list of words", at: name)
        }
      }
    default:
      var labels: [Prompt.Label] = []
      for word in try column(name).strings where !labels.contains(where: { $0.name == word }) {
        labels.append(Prompt.Label(word, [word]))
      }
      return labels
    }
  }

  /// A row: a record, or the only row of a table.
  func promptRow(_ name: String) throws -> PromptRow {
    switch value(name) {
    case .record(let record):
      var cells: [String: String] = [:]
      var label: String?
      for (key, value) in record.fields {
        cells[key.text] = try Column(values: [value]).strings.first ?? ""
        if key.text == "label", !value.isNothing { label = cells[key.text] }
      }
      return PromptRow(cells, label: label)
    case .object(let table as TableValue) where table.table.rowCount == 1:
      return PromptRow.rows(of: table.table)[0]
    case let other:
      throw error("\(name): expected a row, got \(other.kind.phrase)", at: name, help: "take one: reviews[0]")
    }
  }

  /// Prompts with their names: one, a list, or a record.
  ///
  /// - Parameter known: names that are taken.
  func prompts(_ name: String, known: [String] = []) throws -> [(name: String, prompt: Prompt)] {
    var found: [(name: String, prompt: Prompt)] = []
    func add(_ value: Value, _ given: String?) throws {
      guard let prompt: PromptValue = value.object() else {
        throw error(
          "\(name): \(given.map { "\($0) is " } ?? "")\(value.kind.phrase), expected a prompt", at: name,
          help: "make one: prompt(\"{text}\\nSentiment: {label}\", labels: {...})")
      }
      var name = given ?? prompt.prompt.name
      if name == nil {
        let taken = known + found.map(\.name)
        name = (1...(taken.count + 1)).map { "prompt \($0)" }.first { !taken.contains($0) }
      }
      found.append((name ?? "prompt", prompt.prompt))
    }
    switch value(name) {
    case .list(let list): for element in list.elements { try add(element, nil) }
    case .record(let record): for (key, value) in record.fields { try add(value, key.text) }
    case let single: try add(single, nil)
    }
    guard !found.isEmpty else { throw error("there is no prompt", at: name) }
    var names = known
    for prompt in found {
      guard !names.contains(prompt.name) else {
        throw error(
          "two prompts are named \"\(prompt.name)\"", at: name, help: "name them: {short: p1, long: p2}, or name:")
      }
      names.append(prompt.name)
    }
    return found
  }

  /// Rows of a table; a split says which of its parts are meant.
  func rows(_ name: String) throws -> Table {
    switch value(name) {
    case .object(let table as TableValue): return table.table
    case .record(let record) where record["train"] != nil:
      throw error("\(name): this is a split", at: name, help: "say which part: valid, or test at the very end")
    case let other: throw error("\(name): expected a table, got \(other.kind.phrase)", at: name)
    }
  }

  /// Settings of a trial.
  func trialSettings() throws -> TrialSettings {
    var settings = TrialSettings()
    settings.shots = objectIfAny("shots", as: ShotsValue.self)?.shots
    if has("shots"), settings.shots == nil {
      throw error(
        "shots: expected shots, got \(value("shots").kind.phrase)", at: "shots", help: "reviews.train.shots(k: 4)")
    }
    settings.calibrates = try bool("calibrate")
    settings.scoring = Scoring(rawValue: try string("scoring")) ?? .sum
    settings.seed = seedBits
    if case .bool(true) = value("chat") { settings.wrap = chatWrapper(try receiver(as: ModelValue.self).model) }
    if isGiven("overflow") { settings.overflow = TrialSettings.Overflow(rawValue: try string("overflow")) ?? .error }
    if let orders = try intIfAny("orders") {
      guard orders >= 1, orders <= 1000 else {
        throw error("orders: expected 1 to 1,000, got \(orders)", at: "orders")
      }
      if orders > 1, settings.shots == nil {
        throw error("orders: there are no shots to put in order", at: "orders", help: "give shots: rows.shots(k: 4)")
      }
      settings.orders = orders
    }
    if let label = try stringIfAny("label") { settings.label = label }
    return settings
  }

  /// How a context becomes a user's message, by a model's chat template.
  func chatWrapper(_ model: PretrainedModel) -> (String) throws -> String {
    { text in try model.chatText([ChatMessage(role: "user", content: text)]) }
  }

  /// Progress of a trial that Ctrl-C ends.
  func reporting(_ label: String) -> Trial.ReportProgress {
    { done, total in try self.progress(label, done, total) }
  }
}

extension Parameter {
  /// What words that ask a model with prompts take alike.
  static let asking: [Parameter] = [
    .named("shots", .kind(.shots), shown: "none", "Labelled examples before each row: rows.shots(k: 4)."),
    .named("calibrate", .bool, default: false, "Divide out what the model favours without any content."),
    .named(
      "scoring", .choice(Scoring.allCases.map(\.rawValue)), default: "sum",
      "sum of the words' log-likelihoods, per token, per byte, or less the unconditional one."),
    .named("chat", .bool, default: false, "Each prompt as a message, by the model's chat template."),
  ]
}
