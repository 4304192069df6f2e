import NeuralNetworks
import Transformers

extension PretrainedModel {
  /// Every projection of the model that a method can go to, with its dotted path; those tied to the embeddings are none.
  package var projections: [(path: String, projection: Linear)] {
    var found: [(path: String, projection: Linear)] = []
    var seen: Set<ObjectIdentifier> = []
    let tied: ObjectIdentifier = ObjectIdentifier(backbone.wordEmbeddings.weight)
    func walk(_ module: any Module) {
      if let linear = module as? Linear {
        if ObjectIdentifier(linear.weight) != tied, seen.insert(ObjectIdentifier(linear)).inserted {
          found.append((linear.path, linear))
        }
        return
      }
      for child in module.children { walk(child.module) }
    }
    walk(root)
    return found
  }

  /// Projections that patterns name: dotted parts (`query`, `attention.self.query`, `layer.3`), globs, or "all-linear"
  /// for every projection of the blocks.
  ///
  /// - Throws: ``TrainingError/noTarget(pattern:available:)`` for a pattern that names none.
  package func projections(matching patterns: [String]) throws -> [(path: String, projection: Linear)] {
    let all = projections
    let inBlocks: String = backbone.blocks.path + "."
    var chosen: Set<String> = []
    for pattern in patterns {
      let matching = all.filter { item in
        pattern == "all-linear"
          ? item.path.hasPrefix(inBlocks) : ParameterSelection.matches(pattern, item.path)
      }
      guard !matching.isEmpty else {
        throw TrainingError.noTarget(pattern: pattern, available: PretrainedModel.lastNames(all.map(\.path)))
      }
      chosen.formUnion(matching.map(\.path))
    }
    return all.filter { chosen.contains($0.path) }
  }

  /// The last parts of paths, each once: what a pattern would match.
  static func lastNames(_ paths: [String]) -> [String] {
    var names: [String] = []
    for path in paths {
      let name: String = path.split(separator: ".").last.map(String.init) ?? path
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Paths as a summary says them: their last parts, or, where they share one, the last two.
  static func shortTargets(_ paths: [String], limit: Int = 6) -> String {
    let names: [String] = lastNames(paths)
    let rest: Int = names.count - limit
    return names.prefix(limit).joined(separator: ", ") + (rest > 0 ? ", … \(rest) more" : "")
  }
}
