import Files
import Glibc
import TensorCore

extension ModelConfiguration {
  /// Rotary positions (Su et al. 2021, arXiv:2104.09864) as a configuration sets them.
  package struct RotarySettings: Equatable, Sendable {
    package var base: Double
    package var scaling: Scaling

    /// How frequencies are changed for longer texts, as transformers computes it.
    package enum Scaling: Equatable, Sendable {
      case none
      case linear(factor: Double)
      /// A divisor for each pair, as GGUF files have them; "longrope" with one set of them in config.json.
      case divided(by: [Float])
      case llama3(factor: Double, low: Double, high: Double, original: Double)
    }

    package init(base: Double, scaling: Scaling) {
      self.base = base
      self.scaling = scaling
    }

    /// Radians per position for each pair of channels; in 32 bits, as the reference has them.
    package func frequencies(headSize: Int) -> [Double] {
      let plain: [Float] = (0..<(headSize / 2)).map { 1 / powf(Float(base), Float(2 * $0) / Float(headSize)) }
      if case .divided(let factors) = scaling { return zip(plain, factors).map { Double($0 / $1) } }
      return plain.map { Double(scaled($0)) }
    }

    private func scaled(_ frequency: Float) -> Float {
      switch scaling {
      case .none, .divided: return frequency
      case .linear(let factor): return frequency / Float(factor)
      case .llama3(let factor, let low, let high, let original):
        let length = 2 * Double.pi / Double(frequency)
        if length < original / high { return frequency }
        if length > original / low { return frequency / Float(factor) }
        let smooth = (original / length - low) / (high - low)
        return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
      }
    }

    /// `rope_scaling` of config.json for divisors, which no field that was read says.
    ///
    /// - Parameter positions: as many as the model knows.
    func scalingField(positions: Int?) -> JSON? {
      guard case .divided(let factors) = scaling else { return nil }
      let list = JSON.array(factors.map { JSON.real(Double($0)) })
      let known: JSON = positions.map { JSON.integer($0) } ?? .null
      return .object([
        ("rope_type", .string("longrope")), ("short_factor", list), ("long_factor", list), ("factor", .real(1)),
        ("attention_factor", .real(1)), ("original_max_position_embeddings", known),
      ])
    }

    /// Angles for rows at `positions`.
    func table(_ positions: [Int], headSize: Int) -> RotaryTable {
      RotaryTable(positions: positions, inverseFrequencies: frequencies(headSize: headSize))
    }
  }

  /// Sets the divisors of rotary frequencies.
  ///
  /// - Throws: ``TransformerError`` where they are not one for each pair of a head's channels.
  mutating func divideFrequencies(by factors: [Float]) throws {
    guard rotary != nil else { return }
    guard factors.count == headSize / 2, factors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw TransformerError.invalidField(
        field: "rope_freqs", got: "\(factors.count) divisors", expected: "\(headSize / 2), above 0")
    }
    rotary?.scaling = .divided(by: factors)
  }
}
