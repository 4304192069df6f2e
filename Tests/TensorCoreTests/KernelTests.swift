import CKernels
import Foundation
import TensorCore
import Testing

@Suite struct KernelTests {
  /// In units of the last place of a float near the expected value; tiny values count absolutely.
  static func worst(_ function: ElementFunction, _ xs: [Float], _ exact: (Double) -> Double) throws -> Double {
    let got = try Tensor(xs).map(function).elements
    return zip(xs, got).reduce(0) { worst, pair in
      let expected = exact(Double(pair.0))
      let unit = Double(max(Float(abs(expected)), 1e-37).ulp)
      return max(worst, abs(Double(pair.1) - expected) / unit)
    }
  }

  static func grid(_ low: Double, _ high: Double) -> [Float] {
    (0...20011).map { Float(low + (high - low) * Double($0) / 20011) }
  }

  @Test func `elementary functions are near float rounding`() throws {
    #expect(try Self.worst(.exp, Self.grid(-87, 88), { Foundation.exp($0) }) < 2)
    #expect(try Self.worst(.log, Self.grid(1e-6, 40), { Foundation.log($0) }) < 3)
    #expect(try Self.worst(.tanh, Self.grid(-12, 12), { Foundation.tanh($0) }) < 3)
    #expect(try Self.worst(.erf, Self.grid(-5, 5), { Foundation.erf($0) }) < 3)
    #expect(try Self.worst(.sigmoid, Self.grid(-80, 80), { 1 / (1 + Foundation.exp(-$0)) }) < 4)
    #expect(try Self.worst(.sqrt, Self.grid(0, 100), { $0.squareRoot() }) <= 0.5)
    #expect(
      try Self.worst(.softplus, Self.grid(-80, 40), { max($0, 0) + Foundation.log1p(Foundation.exp(-abs($0))) }) < 4)
  }

  @Test func `GELU is near its definition in double precision`() throws {
    for x in Self.grid(-8, 8) {
      let expected = 0.5 * Double(x) * (1 + Foundation.erf(Double(x) / 2.0.squareRoot()))
      let got = try Tensor(scalar: x).map(.gelu).item()
      #expect(abs(Double(got) - expected) < 4e-7 * max(1, abs(Double(x))))
    }
  }

  @Test func `special values`() throws {
    let special = try Tensor([.nan, .infinity, -.infinity, 0, 200, -200])
    let exp = try special.map(.exp).elements
    #expect(exp[0].isNaN && exp[1] == .infinity && exp[2] == 0 && exp[3] == 1 && exp[4] == .infinity && exp[5] == 0)
    let log = try special.map(.log).elements
    #expect(log[0].isNaN && log[1] == .infinity && log[2].isNaN && log[3] == -.infinity && log[5].isNaN)
    let tanh = try special.map(.tanh).elements
    #expect(tanh[0].isNaN && tanh[1] == 1 && tanh[2] == -1 && tanh[3] == 0 && tanh[4] == 1)
    let relu = try special.map(.relu).elements
    #expect(relu[0].isNaN && relu[1] == .infinity && relu[2] == 0)
    let erf = try special.map(.erf).elements
    #expect(erf[0].isNaN && erf[1] == 1 && erf[2] == -1)
    let gelu = try special.map(.gelu).elements
    #expect(gelu[0].isNaN && gelu[1] == .infinity && gelu[4] == 200)
    #expect(try special.map(.reluSquared).elements[0].isNaN)
    #expect(try Tensor([1, .nan, 2]).softmax().elements.allSatisfy { $0.isNaN })
    #expect(try Tensor([-.infinity, 0]).softmax().elements == [0, 1])
    #expect(try Tensor([1, .nan, 2]).maximum().item().isNaN)
    #expect(try Tensor([3, .nan, 9]).argmax(axis: 0).elements == [1])
  }

  @Test func `a floored quotient belongs to its remainder`() throws {
    let a = try Tensor([1, 6, -7, 7, 5, 8_388_609])
    let b = try Tensor([0.1, 0.1, 2, -2, .infinity, 1])
    #expect(try Tensor.elementwise(.floorDivide, a, b).elements == [9, 59, -4, -4, 0, 8_388_609])
  }

  @Test func `a result written over an input has the bits of one beside it`() {
    let x = Self.grid(-6, 6)
    func over(_ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
      var copy = x
      copy.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) }
      return copy
    }
    var beside = x
    for function in [ck_gelu, ck_silu, ck_tanh, ck_softplus, ck_identity] {
      ck_map(function, x, &beside, x.count)
      #expect(beside == over { ck_map(function, $0, $0, x.count) })
      ck_map_backward(function, x, x, &beside, x.count)
      #expect(beside == over { ck_map_backward(function, x, $0, $0, x.count) })
    }
    ck_binary(ck_multiply, x, 1, x, 1, &beside, x.count)
    #expect(beside == over { ck_binary(ck_multiply, $0, 1, $0, 1, $0, x.count) })
    ck_dropout_row(x, &beside, nil, nil, x.count, 0.3, 1, 2, 3, 4)
    #expect(beside == over { ck_dropout_row($0, $0, nil, nil, x.count, 0.3, 1, 2, 3, 4) })
  }
}
