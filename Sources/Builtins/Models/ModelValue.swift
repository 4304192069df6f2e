import Files
import Language
import NeuralNetworks
import TensorCore
import Transformers

/// A pretrained model in the language: a thing with identity, whose submodules are its fields.
package final class ModelValue: LanguageObject {
  package let model: PretrainedModel

  package init(_ model: PretrainedModel) { self.model = model }

  package var kind: Kind { .model }
  package var hasIdentity: Bool { true }

  package var summary: String {
    let count = Numbers.grouped(model.parameterCount)
    let share = model.trainableCount == 0 ? "all frozen" : "\(Numbers.grouped(model.trainableCount)) of them train"
    return "\(model.className) \(model.name): \(count) parameters, \(share)"
  }

  package func nextSteps(name: String) -> [String] {
    switch model.headKind {
    case nil:
      return [
        "\(name).features([\"a text\", \"another\"])", "\(name)(\"a text\").last_hidden_state",
        "\(name).parameters()", "clf = \(name).for_sequence_classification(labels: 2)",
      ]
    case .sequenceClassification?, .tokenClassification?:
      return ["\(name).fit(data)", "\(name).predict(\"a text\")", "\(name).freeze()", "\(name).unfreeze(\"head\")"]
    case .questionAnswering?:
      return ["\(name).fit(questions)", "\(name).answer(\"a question?\", \"a text\")", "\(name).evaluate(questions)"]
    case .maskedLM?:
      return ["\(name).fill(\"a {mask} text\")", "\(name).fit(texts)", "\(name).perplexity(\"a text\")"]
    case .causalLM?:
      return ["\(name).generate(\"a text\")", "\(name).fit(texts)", "\(name).perplexity(\"a text\")"]
    }
  }

  // MARK: fields, indexing

  package var fieldNames: [String] {
    var names = ["config"]
    if model.tokenizer != nil { names.append("tokenizer") }
    if !model.labels.isEmpty { names.append("labels") }
    return names + model.root.children.map(\.name) + model.root.ownParameters.map(\.name)
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "config": return ModelValue.value(model.savedConfiguration())
    case "tokenizer": return model.tokenizer.map { .object(TokenizerValue($0)) }
    case "labels": return model.labels.isEmpty ? nil : .strings(model.labels)
    default: return try ModuleValue(self, model.root).field(name)
    }
  }

  /// `model["encoder.layer.0"]`: a module, or a parameter's values.
  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(.string(let name)) = subscripts[0] else {
      throw LanguageError.message(
        "a model is indexed by a dotted name", help: "\(model.name)[\"\(model.parameters.first?.name ?? "...")\"]")
    }
    if let parameter = model.parameter(named: name) { return .object(TensorValue(parameter.value.detached)) }
    if let module = model.root.module(at: name) { return .object(ModuleValue(self, module)) }
    let known = model.root.namedParameters().map(\.name)
    throw LanguageError.message("no parameter or module \"\(name)\"", help: Nearest.question(name, in: known))
  }

  package func stringCompletions(for prefix: String, parameter: Language.Parameter?) -> [Completion] {
    var found: [Completion] = []
    if let parameter {
      guard parameter.type == .pattern else { return [] }  // a text, a pooling: nothing of the model's
      for group in ParameterSelection.groups where group.hasPrefix(prefix) && !model.group(group).isEmpty {
        found.append(Completion(group, detail: "group"))
      }
    }
    var seen: Set<String> = []
    let depth = prefix.split(separator: ".", omittingEmptySubsequences: false).count
    for (name, parameter) in model.root.namedParameters() where name.hasPrefix(prefix) {
      let parts = name.split(separator: ".")
      let text = parts.prefix(depth).joined(separator: ".")
      // A module that stands there whole leads on to what it holds.
      let isWhole = text == prefix && parts.count > depth
      let shown = isWhole ? parts.prefix(depth + 1).joined(separator: ".") : text
      let count = parts.count - depth - (isWhole ? 1 : 0)
      if isWhole, seen.insert(text).inserted { found.append(Completion(text)) }
      if seen.insert(shown).inserted {
        found.append(Completion(shown, detail: count == 0 ? "\(parameter.shape)" : ""))
      }
    }
    return found
  }

  // MARK: calling

  package var callForm: Builtin? { ModelValue.form }
  package func call(_ call: Call) throws -> Value { try run(call) }

  // MARK: state

  package func snapshot() -> (any ObjectSnapshot)? { ModelSnapshot(model) }

  package var heldBytes: Int { model.parameters.reduce(0) { $0 + ($1.stored?.matrix.byteCount ?? $1.count * 4) } }

  /// A JSON value as a value of the language.
  static func value(_ json: JSON) -> Value {
    switch json {
    case .null: return .nothing
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .int(number)
    case .bigInteger(let digits): return .float(Double(digits) ?? .infinity)
    case .real(let number): return .float(number)
    case .string(let text): return .string(text)
    case .array(let elements): return (try? .list(elements.map(value))) ?? .nothing
    case .object(let object):
      return (try? .record(object.members.map { ($0.key, value($0.value)) })) ?? .nothing
    }
  }
}

/// A model's parameters, flags and settings at one moment.
final class ModelSnapshot: ObjectSnapshot {
  private let model: PretrainedModel
  private let state: PretrainedModel.State

  init(_ model: PretrainedModel) {
    self.model = model
    state = model.state()
  }

  /// Bytes of values that the model has since replaced.
  var heldBytes: Int {
    zip(state.contents, model.parameters).reduce(0) { total, pair in
      guard case .floats(let old) = pair.0 else { return total }
      return pair.1.content.tensor?.sharesStorage(with: old) ?? false ? total : total + old.count * 4
    }
  }

  func restore() { model.restore(state) }
}
