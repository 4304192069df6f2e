import NeuralNetworks
import TensorCore

/// The block of BERT and its kin: attention, add and norm, feed-forward, add and norm (Vaswani et al. 2017).
package final class EncoderBlock: Block {
  /// The parts, as a family names and holds them.
  struct Parts {
    let query: Linear
    let key: Linear
    let value: Linear
    let attentionOutput: Linear
    let attentionNorm: LayerNorm
    let up: Linear
    let down: Linear
    let outputNorm: LayerNorm
    /// Modules below which adapters and prefixes hang, and whose paths name the dropouts.
    let attentionOwner: any Module
    let attentionOutputOwner: any Module
    let outputOwner: any Module
    /// nil for a family that has none there.
    let attentionOutputDropout: Double?
    let outputDropout: Double
  }

  private let parts: Parts
  private let attention: AttentionSettings
  private let activation: ElementFunction
  private let afterAttention: SublayerPoint
  private let afterFeedForward: SublayerPoint
  private let point: AttentionPoint

  init(path: String, layer: Int, _ configuration: ModelConfiguration, _ parts: Parts) {
    self.parts = parts
    activation = configuration.activation
    attention = AttentionSettings(configuration, isCausal: false, module: parts.attentionOwner.path)
    point = AttentionPoint(layer: layer, owner: parts.attentionOwner)
    afterAttention = SublayerPoint(
      layer: layer, place: .attention, owner: parts.attentionOutputOwner, norm: parts.attentionNorm)
    afterFeedForward = SublayerPoint(
      layer: layer, place: .feedForward, owner: parts.outputOwner, norm: parts.outputNorm)
    super.init(path: path, layer: layer)
    attentionPoint = point
    sublayerPoints = [afterAttention, afterFeedForward]
  }

  override func callAsFunction(_ stream: Stream, _ pass: ForwardContext, selection: RowSelection?) throws -> Stream {
    let keys = try parts.key(stream.hidden, pass)
    let values = try parts.value(stream.hidden, pass)
    var input = stream.hidden
    var layout = stream.layout
    if let selection {
      input = try input.gatheredRows(selection.rows)
      layout = layout.selecting(selection)
      pass.places = layout.places
    }
    let query = try parts.query(input, pass)
    let attended = try attend(
      query, keys, values, stream.layout, selection: selection, at: point, attention, pass)
    var output = try parts.attentionOutput(attended, pass)
    output = try pass.dropped(
      output, rate: parts.attentionOutputDropout, module: parts.attentionOutputOwner.path)
    let middle = try afterAttention.join(output, input: input, residual: input, pass)
    var result = try parts.up.feedForward(middle, activation, parts.down, pass)
    result = try pass.dropped(result, rate: parts.outputDropout, module: parts.outputOwner.path)
    let hidden = try afterFeedForward.join(result, input: middle, residual: middle, pass)
    return Stream(hidden: hidden, layout: layout)
  }

  /// Attention by itself over the rows of one sequence, as upstream's module of that name computes it.
  ///
  /// - Parameter joins: whether the residual and the norm belong to it (BERT) or not (DistilBERT).
  func attentionAlone(_ rows: Tensor, _ pass: ForwardContext, joins: Bool) throws -> Tensor {
    let layout = RowLayout.single(rows.shape.first ?? 0)
    let attended = try attend(
      parts.query(rows, pass), parts.key(rows, pass), parts.value(rows, pass), layout, selection: nil, at: point,
      attention, pass)
    let output = try parts.attentionOutput(attended, pass)
    return joins ? try afterAttention.join(output, input: rows, residual: rows, pass) : output
  }
}
