import NeuralNetworks
import TensorCore

extension PretrainedModel {
  /// A digest of all parameters' values: tells models of other weights apart, also after training.
  ///
  /// Not cryptographic: 128 bits by multiplication and rotation. Of large tensors some 4,096 places
  /// spread over them stand for the whole, so that a first embedding needn't read all of a file.
  package func contentHash() -> String {
    let version = parameters.reduce(0) { $0 &+ $1.version } &+ methodsVersion
    if let known = weightsHash, hashedVersion == version { return known }
    var sums = SIMD2<UInt64>(0x9e37_79b9_7f4a_7c15, UInt64(parameters.count))
    for parameter in parameters {
      for byte in parameter.name.utf8 { sums[0] = (sums[0] ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      let hash =
        switch parameter.content {
        case .floats(let tensor): tensor.withUnsafeBuffer { PretrainedModel.hash(UnsafeRawBufferPointer($0)) }
        case .stored(let weight): weight.matrix.withUnsafeBytes(PretrainedModel.hash)
        }
      sums[0] = (sums[0] ^ hash[0]) &* 0xbf58_476d_1ce4_e5b9
      sums[1] = (sums[1] &+ hash[1]) &* 0x94d0_49bb_1331_11eb
      sums[0] ^= sums[0] >> 31
      sums[1] ^= sums[1] >> 29
    }
    for method in methods {
      let state = method.control.state
      sums[1] = (sums[1] ^ UInt64(state.scale.bitPattern) &+ (state.isActive ? 3 : 1)) &* 0x94d0_49bb_1331_11eb
    }
    let text = String(sums[0], radix: 16) + "-" + String(sums[1], radix: 16)
    weightsHash = text
    hashedVersion = version
    return text
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
    var lanes = SIMD4<UInt64>(1, 2, 3, UInt64(bytes.count / 4))
    let words = bytes.count / 8
    let step = words > 1 << 15 ? max(words / 4096, 4) : 4
    var word = 0
    while word + 4 <= words {
      let block = SIMD4<UInt64>(
        bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: word * 8 + 8, as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: word * 8 + 16, as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: word * 8 + 24, as: UInt64.self))
      for lane in 0..<4 {
        lanes[lane] = (lanes[lane] ^ block[lane]) &* 0x9e37_79b9_7f4a_7c15
        lanes[lane] ^= lanes[lane] >> 32
      }
      word += step
    }
    for byte in min(words / 4 * 32, bytes.count)..<bytes.count {
      lanes[0] = (lanes[0] ^ UInt64(bytes[byte])) &* 0x0000_0100_0000_01b3
    }
    return SIMD2(lanes[0] &* 31 &+ lanes[1] ^ lanes[2] &* 17, lanes[3] &* 31 &+ lanes[2] ^ lanes[1] &* 17)
  }
}
