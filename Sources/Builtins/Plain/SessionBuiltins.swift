import Language

/// Words for showing and for the session.
extension Builtin {
  static let sessionFamily: [Builtin] = [printValues, seedSession]

  static let printValues = Builtin(
    "print", area: .looking, returns: .nothing, summary: "Shows values, on one line where they are plain.",
    parameters: [.rest("values", .any, "What to show.")], keywords: ["show", "output", "write"], python: "print(x, y)",
    examples: [
      Example(#"print("epoch", 3)"#, gives: .nothing), Example(#""loss".print()"#, gives: .nothing),
    ], seeAlso: ["str"]
  ) { call in
    let values: [Value] = call.rest()
    if values.count == 1, case .object = values[0] {
      call.context.host?.show(values[0].display())
      return .nothing
    }
    let text: String = values.map(TextTools.text).joined(separator: " ")
    let lines: [String] = TextTools.parts(text, "\n")
    call.context.host?.show(lines.map { StyledText($0) })
    return .nothing
  }

  static let seedSession = Builtin(
    "seed", area: .session, returns: .nothing, summary: "Sets the seed that calls without seed: use.",
    details: ["It is 0 at the start. What ran before never enters: the same call gives the same result."],
    parameters: [.positional("n", .int, "Any int.")], keywords: ["random", "reproducible", "chance", "manual_seed"],
    python: "torch.manual_seed(n)",
    examples: [Example("seed(7)", gives: .nothing), Example("seed(0.5)", fails: "takes an int")],
    seeAlso: ["rand", "shuffle"]
  ) { call in
    call.context.sessionSeed = try call.int("n")
    return .nothing
  }
}
