import Foundation

extension BadInput {
  private static let rows =
    #"table({text: ["a b", "c d", "a", "c"], label: ["bad", "good", "bad", "good"], stars: [1.0, 4.5, 2.0, 5.0]})"#
  private static let head = #"load("tiny").for_sequence_classification(labels: ["bad", "good"])"#

  /// A case on the tiny model.
  private static func fit(_ name: String, says: [String], _ line: String) -> BadInput {
    BadInput(name: name, says: says, line: line) { try $0.tinyModel("tiny") }
  }

  static let finetuning: [BadInput] = [
    fit("a model without a head", says: ["no head", "for_sequence_classification"], #"load("tiny").fit(\#(rows))"#),
    fit(
      "a label that isn't the model's", says: ["good", "labels: t.label"],
      #"load("tiny").for_sequence_classification(labels: ["bad", "fine"]).fit(\#(rows))"#),
    fit("no label column", says: ["no column \"label\"", "stars"], #"\#(head).fit(\#(rows).drop("label"))"#),
    fit("no text column", says: ["text"], #"\#(head).fit(\#(rows).drop("text"))"#),
    fit("a column misnamed", says: ["no column \"lable\""], #"\#(head).fit(\#(rows), label: "lable")"#),
    fit("one class in the data", says: ["every label is \"bad\""], #"\#(head).fit(\#(rows)[0:1])"#),
    fit("no rows to fit", says: ["no rows"], #"\#(head).fit(\#(rows)[0:0])"#),
    fit("a negative learning rate", says: ["lr must be 0 or more"], #"\#(head).fit(\#(rows), lr: -0.001)"#),
    fit("dropout of one", says: ["dropout"], #"\#(head).fit(\#(rows), dropout: 1.0)"#),
    fit("no epochs", says: ["epochs"], #"\#(head).fit(\#(rows), epochs: 0)"#),
    fit("an unknown optimizer", says: ["optimizer", "adamw"], #"\#(head).fit(\#(rows), optimizer: "adamv")"#),
    fit("an unknown schedule", says: ["schedule", "cosine"], #"\#(head).fit(\#(rows), schedule: "cosin")"#),
    fit("best without validation", says: ["valid"], #"\#(head).fit(\#(rows), keep: "best")"#),
    fit("a weight of no label", says: ["fine"], #"\#(head).fit(\#(rows), class_weight: {fine: 2.0})"#),
    fit(
      "NaN in what is to be learned", says: ["number"],
      #"load("tiny").for_sequence_classification(labels: 1).fit(\#(rows), label: "text")"#),
    fit("a checkpoint that isn't there", says: ["nowhere"], #"resume("nowhere")"#),
    BadInput(name: "a checkpoint of another model", says: ["ck", "settings"], line: #"resume("ck")"#) { folder in
      try folder.checkpoint()
      // The settings of another fit stand beside the state.
      try folder.exchange("ck/data.safetensors", "batch\\\": 2", "batch\\\": 3")
    },
    BadInput(name: "a checkpoint with another head", says: ["classifier"], line: #"resume("ck")"#) { folder in
      try folder.checkpoint()
      try FileManager.default.removeItem(atPath: folder.path + "/ck/model")
      try folder.write(
        "other.luth", "save(load(\"tiny\").for_sequence_classification(labels: 3), \"ck/model\")\n")
      _ = try BuiltProgram.run(["run", "other.luth"], in: folder)
    },
    BadInput(name: "a checkpoint cut short", says: ["state.safetensors"], line: #"resume("ck")"#) { folder in
      try folder.checkpoint()
      let path = folder.path + "/ck/state.safetensors"
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    },
  ]
}

extension TemporaryFolder {
  /// A fit of the tiny model that was stopped after two steps, in `ck`.
  func checkpoint() throws {
    try? FileManager.default.removeItem(atPath: path + "/ck")
    try? FileManager.default.removeItem(atPath: path + "/tiny")
    try tinyModel("tiny")
    try write(
      "checkpoint.luth",
      """
      m = load("tiny").for_sequence_classification(labels: ["bad", "good"])
      t = table({text: ["a b", "c d", "a", "c"], label: ["bad", "good", "bad", "good"]})
      m.fit(t, batch: 2, epochs: 2, steps: 2, checkpoint: "ck", checkpoint_every: 1)

      """)
    _ = try BuiltProgram.run(["run", "checkpoint.luth"], in: self)
  }

  /// Puts one text for another of the same length into a file.
  func exchange(_ name: String, _ old: String, _ new: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    var data = try Data(contentsOf: url)
    guard let range = data.range(of: Data(old.utf8)) else { throw CocoaError(.fileReadCorruptFile) }
    data.replaceSubrange(range, with: Data(new.utf8))
    try data.write(to: url)
  }
}
