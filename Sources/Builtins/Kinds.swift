import Language

/// Kinds of the things that enter the language from outside. Add yours here.
extension Kind {
  package static let tensor = Kind("tensor")
  package static let table = Kind("table")
  package static let column = Kind("column")
  package static let model = Kind("model")
  package static let module = Kind("module")
  package static let tokenizer = Kind("tokenizer")
  package static let tokens = Kind("tokens", phrase: "tokens")
  package static let batch = Kind("batch")
  package static let output = Kind("output")
  package static let classifier = Kind("classifier")
  package static let prediction = Kind("prediction")
  package static let run = Kind("run")
  package static let trainer = Kind("trainer")
  package static let report = Kind("report")
  package static let ladder = Kind("ladder")
  package static let plot = Kind("plot")
  package static let prompt = Kind("prompt")
  package static let trial = Kind("trial")
  package static let shots = Kind("shots", phrase: "shots")
  package static let search = Kind("search", phrase: "a prompt search")
  package static let index = Kind("index")
  package static let hits = Kind("hits", phrase: "chunks found")
  package static let answer = Kind("answer")
}
