import Language
import Plots
import Training

extension Builtin {
  /// The word that draws features in a plane.
  static let scatterWords: [Builtin] = [scatter]

  private static let scatter = Builtin(
    "scatter", area: .looking, on: [.tensor], subject: "features", returns: .plot,
    summary: "Draw features in a plane: their first two principal components.",
    parameters: [
      .named(
        "label", .either([.kind(.column), .list, .kind(.tensor), .kind(.table)]), shown: "",
        "a label for each row, told apart by mark")
    ],
    keywords: ["pca", "principal components", "tsne", "umap", "visualise", "embedding plot"],
    python: "PCA(2).fit_transform(x)",
    examples: [Example(#"scatter(tensor([[0.0, 1.0], [2.0, 1.5], [4.0, 0.0]]), label: ["a", "b", "a"])"#, kind: .plot)],
    seeAlso: ["features", "plot", "heatmap"]
  ) { call in
    let features: FeatureMatrix = try call.featureMatrix(call.tensor("features"), "features")
    let components = try PrincipalComponents(features)
    let points: [Point] = components.coordinates.map { Point($0[0], $0.count > 1 ? $0[1] : 0) }
    var groups: [Series] = [Series("", points)]
    if call.has("label") {
      let labels = try LabelValues(call.value("label"), in: call, "label")
      guard labels.count == points.count else {
        throw call.error("\(points.count) rows of features, \(labels.count) labels", at: "label")
      }
      let set: LabelSet = labels.set
      guard set.count <= 8 else {
        throw call.error("\(set.count) labels are too many to tell apart; at most 8", at: "label")
      }
      let classes: [Int] = try labels.indices(in: set)
      groups = set.names.enumerated().map { index, name in
        Series(name, points.indices.filter { classes[$0] == index }.map { points[$0] })
      }
    }
    let share: [String] = components.explained.map { Numbers.percent($0, 0) }
    let chart = ScatterChart(
      xLabel: "component 1 (\(share.first ?? ""))", yLabel: "component 2 (\(share.count > 1 ? share[1] : "0 %"))",
      groups: groups)
    return .object(
      PlotValue(
        chart, "\(points.count) rows in the plane of their first two principal components",
        fields: [("explained", .floats(components.explained))]))
  }
}
