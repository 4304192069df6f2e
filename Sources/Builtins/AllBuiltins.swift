import Language

extension Builtin {
  /// Every word. A family is a static list in its own file and one line here.
  package static let all: [Builtin] = families.flatMap { $0 }

  private static let families: [[Builtin]] = [
    loadWords,
    saveWords,
    saveModelWords,
    modelWords,
    headWords,
    featureWords,
    generationWords,
    likelihoodWords,
    attentionWords,
    readWords,
    dataWords,
    dataGroupWords,
    columnWords,
    columnTextWords,
    textFamily,
    numberFamily,
    listFamily,
    reducingFamily,
    sessionFamily,
    makingTensors,
    reducingTensors,
    elementwiseTensors,
    shapingTensors,
    logisticRegressionWords,
    classifierFileWords,
    predictWords,
    answerWords,
    evaluationWords,
    compareWords,
    plotWords,
    scatterWords,
    explainWords,
    fitWords,
    trainerWords,
    tokenWords,
    addingWords,
    methodWords,
    methodFileWords,
  ]
}
