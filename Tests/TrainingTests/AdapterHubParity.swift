import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

@Suite("AdapterHub parity") struct AdapterHubParity {
  @Test func adapters() throws {
    var report = ParityReport("adapterhub")
    for name in Fixtures.folders(in: "adapterhub") where !name.hasPrefix("base_") {
      let item = try MethodCase("adapterhub", name)
      let path: String = Fixtures.url(item.folder + "/adapter").path
      let loaded = try item.base.loadingMethod(path, name: nil, access: Fixtures.access)
      #expect(loaded.notes == [])
      let model: PretrainedModel = loaded.model
      // The reference's head trains too, with the values of the base.
      let names: [String] = (item.meta["trainable_names"]?.object?.keys ?? []).map(item.own)
      for name in names { model.parameter(named: name)?.isTrainable = true }
      try item.compare(model)
      #expect(loaded.method.parameterCount == item.meta["adapter_parameters"]?.int, "\(item.folder) parameters")
      #expect(model.parameterCount == item.meta["all_parameters"]?.int, "\(item.folder) all parameters")
      try model.use([])
      let off: [Float] = try item.mine(model)
      #expect(off == (try item.mine(item.base)))
      expectClose(off, try item.logits("logits_adapter_off", virtual: 0), absolute: 1e-4, "\(item.folder) off")
      let unloaded: PretrainedModel = try model.unloaded()
      #expect(try unloaded.logits(item.batch).elements == item.base.logits(item.batch).elements)
      #expect(throws: TrainingError.self) {
        try model.use([loaded.method.name])
        _ = try model.merged()
      }
      report.compared(name)
    }
    report.finish()
  }
}
