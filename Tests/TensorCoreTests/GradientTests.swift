import Foundation
import TensorCore
import Testing

@Suite struct GradientTests {
  @Test(arguments: GradientCase.all) func `gradients agree with central differences`(_ check: GradientCase) throws {
    try check.check()
  }

  @Test func `every operation that records has a case`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/TensorCore")
    var names = Set(
      ElementFunction.allCases.map(\.rawValue) + ElementOperation.allCases.filter { !$0.isFlat }.map(\.rawValue))
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      for part in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "recording(").dropFirst() {
        let line = part.prefix { $0 != "," && $0 != "\n" }
        names.formUnion(line.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
      }
    }
    #expect(names.count > 40)
    #expect(names.subtracting(GradientCase.all.map(\.operation) + ["add"]).isEmpty)
  }

  @Test func `a leaf used twice gets both contributions`() throws {
    let leaf = GraphNode(leaf: "x", shape: [3])
    let x = try Tensor([1, 2, 3]).recorded(as: leaf)
    let gradients = try (x * x + x).sum().backward()
    #expect(gradients[leaf]?.elements == [3, 5, 7])
  }

  @Test func `a power has gradients at 0`() throws {
    let (base, exponent) = (GraphNode(leaf: "a", shape: [3]), GraphNode(leaf: "b", shape: [3]))
    let power = try Tensor.elementwise(
      .power, Tensor([0, 0, 2]).recorded(as: base), Tensor([0, 2, 0]).recorded(as: exponent))
    let gradients = try power.sum().backward()
    #expect(gradients[base]?.elements == [0, 0, 0])
    let slopes = try #require(gradients[exponent]?.elements)
    #expect(slopes.dropLast() == [0, 0] && abs(slopes[2] - log(Float(2))) < 1e-6)
  }

  @Test func `hardswish bends at -3 and 3`() throws {
    let leaf = GraphNode(leaf: "x", shape: [5])
    let y = try Tensor([-4, -3, 0, 3, 6]).recorded(as: leaf).map(.hardswish)
    #expect(y.elements == [0, 0, 0, 3, 6])
    #expect(try y.sum().backward()[leaf]?.elements == [0, -0.5, 0.5, 1.5, 1])
    #expect(ElementFunction(configName: "hardswish") == .hardswish)
  }

  @Test func `a row of zeros has a gradient where rows are normalized`() throws {
    let leaf = GraphNode(leaf: "x", shape: [2, 2])
    let x = try Tensor([0, 0, 3, 4], shape: [2, 2]).recorded(as: leaf)
    #expect(try x.norm(axis: 1).sum().backward()[leaf]?.elements == [0, 0, 0.6, 0.8])
    #expect(try x.normalized(axis: 1).sum().backward()[leaf]?.isFinite == true)
  }

  @Test func `a gated unit has the bits of its two operations`() throws {
    let random = Philox(seed: 5, purpose: "gate")
    let (x, y) = (try Tensor(random.normal(20_011)), try Tensor(random.normal(20_011, at: 1)))
    let (gate, factor) = (GraphNode(leaf: "x", shape: x.shape), GraphNode(leaf: "y", shape: y.shape))
    let (a, b) = (x.recorded(as: gate), y.recorded(as: factor))
    let (one, two) = (try a.gating(b, by: .silu), try a.map(.silu) * b)
    #expect(one.elements == two.elements)
    let (first, second) = (try one.backward(y), try two.backward(y))
    #expect(first[gate]?.elements == second[gate]?.elements && first[factor]?.elements == second[factor]?.elements)
    #expect(throws: TensorError.self) { try x.gating(Tensor(scalar: 1), by: .silu) }
  }

  @Test func `the largest of equals share the gradient`() throws {
    let leaf = GraphNode(leaf: "x", shape: [2, 2])
    let x = try Tensor([2, 1, 2, 0], shape: [2, 2]).recorded(as: leaf)
    #expect(try x.maximum().backward()[leaf]?.elements == [0.5, 0, 0.5, 0])
    #expect(try x.minimum().backward()[leaf]?.elements == [0, 0, 0, 1])
    #expect(try x.maximum(axis: 0).sum().backward()[leaf]?.elements == [1, 1, 0, 0])
  }

  @Test func `a second backward pass is an error, unless the graph was kept`() throws {
    let leaf = GraphNode(leaf: "x", shape: [])
    let x = try Tensor(scalar: 3).recorded(as: leaf)
    let loss = try x * x
    #expect(try loss.backward(keepingGraph: true)[leaf]?.item() == 6)
    #expect(try loss.backward()[leaf]?.item() == 6)
    #expect(throws: TensorError.self) { try loss.backward() }
  }

  @Test func `a chain of a million records is released without recursion`() throws {
    let leaf = GraphNode(leaf: "x", shape: [])
    var x = try Tensor(scalar: 1).recorded(as: leaf)
    for _ in 0..<1_000_000 { x = try x + 0 }
    #expect(try x.item() == 1)
  }

  @Test func `backward lets go of what the operations kept`() throws {
    let leaf = GraphNode(leaf: "w", shape: [4, 4])
    var w = try Tensor(repeating: 1, shape: [4, 4])
    var loss: Tensor? = try Tensor(repeating: 1, shape: [2, 4]).recorded(as: GraphNode(leaf: "x", shape: [2, 4]))
      .linear(weight: w.recorded(as: leaf)).sum()
    _ = try loss?.backward()
    loss = nil
    let copies = Tensor.copies
    try w.withUnsafeMutableBuffer { $0[0] = 2 }
    #expect(Tensor.copies == copies)
  }
}
