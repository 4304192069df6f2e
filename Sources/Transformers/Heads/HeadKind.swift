/// What a head is for.
package enum HeadKind: String, CaseIterable, Sendable {
  case sequenceClassification = "sequence classification"
  case tokenClassification = "token classification"
  case questionAnswering = "question answering"
  case maskedLM = "masked language modelling"
  case causalLM = "causal language modelling"

  /// Whether its outputs are the configuration's labels.
  package var hasLabels: Bool { self == .sequenceClassification || self == .tokenClassification }
  /// Whether it reads one row of each sequence.
  package var readsOneRow: Bool { self == .sequenceClassification }
}
