import Checkpoints
import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

/// Writes trained methods of every family for Scripts/reference/peft_loads.py, which loads them with peft and
/// adapters; only where `LUTHIER_EXPORT` names a folder.
@Suite struct MethodExport {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["LUTHIER_EXPORT"] != nil))
  func methodsForTheReference() throws {
    let root: String = ProcessInfo.processInfo.environment["LUTHIER_EXPORT"] ?? ""
    let access = FileAccess(policy: .user)
    try access.createFolder(root)
    for family in MethodTests.families {
      let base = try MethodTests.model(family)
      try access.createFolder("\(root)/\(family)")
      try base.save("\(root)/\(family)/base", access: access)
      for kind in SomeMethod.allCases {
        let folder: String = "\(root)/\(family)/\(kind.rawValue)"
        try access.createFolder(folder)
        let model = try kind.attached(to: base)
        try MethodTests.train(model)
        try model.saveMethod(kind.rawValue, to: folder + "/adapter", access: access)
        var tensors: [(name: String, value: StorableTensor)] = []
        for sequence in 0..<MethodTests.batch.sequenceCount {
          let range = MethodTests.batch.sequenceOffsets[sequence]..<MethodTests.batch.sequenceOffsets[sequence + 1]
          let ids: [Int] = Array(MethodTests.batch.tokenIDs[range])
          tensors.append(("input_ids.\(sequence)", .indices(IndexTensor(ids))))
          tensors.append(("logits.\(sequence)", .floats(try model.logits(Batch([ids])))))
        }
        try SafetensorsFile.write(tensors, to: folder + "/expected.safetensors", access: access)
      }
    }
  }
}
