import NeuralNetworks

/// A set of parameters as a person names it: a dotted prefix, a glob, or a group that every family has.
package enum ParameterSelection {
  /// Groups that every family has.
  package static let groups = ["head", "embeddings", "blocks", "norms", "biases"]

  /// Whether a pattern names a dotted name. Without `*` its dotted parts must stand whole and in a row anywhere in the
  /// name; with `*` it is a glob over the whole name.
  package static func matches(_ pattern: String, _ name: String) -> Bool {
    if pattern.utf8.contains(UInt8(ascii: "*")) { return glob(Array(pattern.utf8), Array(name.utf8)) }
    let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard !pattern.isEmpty, wanted.count <= parts.count else { return false }
    return (0...(parts.count - wanted.count)).contains { start in
      parts[start..<(start + wanted.count)].elementsEqual(wanted)
    }
  }

  /// `*` stands for any characters. Linear in pattern times name.
  private static func glob(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

extension PretrainedModel {
  /// Parameters that a pattern names, in order; a tied one is found by any of its names.
  ///
  /// - Throws: ``TransformerError/noMatch(pattern:available:)``.
  package func parameters(matching pattern: String) throws -> [Parameter] {
    var found: [Parameter] = []
    var seen: Set<ObjectIdentifier> = []
    func take(_ parameter: Parameter) {
      if seen.insert(ObjectIdentifier(parameter)).inserted { found.append(parameter) }
    }
    if ParameterSelection.groups.contains(pattern) {
      group(pattern).forEach(take)
    } else {
      for (name, parameter) in root.namedParameters() where ParameterSelection.matches(pattern, name) {
        take(parameter)
      }
    }
    guard !found.isEmpty else {
      throw TransformerError.noMatch(pattern: pattern, available: availablePatterns)
    }
    return found
  }

  /// The parameters of a group; empty where the model has none of it.
  package func group(_ name: String) -> [Parameter] {
    switch name {
    case "head":
      let tied = Set(backbone.wordEmbeddings.parameters().map(ObjectIdentifier.init))
      return (head?.modules ?? []).flatMap { $0.parameters() }.filter { !tied.contains(ObjectIdentifier($0)) }
    case "embeddings": return backbone.embeddingModule.parameters()
    case "blocks": return backbone.blocks.parameters()
    case "norms": return PretrainedModel.norms(root)
    case "biases":
      return parameters.filter { $0.name.split(separator: ".").last?.hasSuffix("bias") ?? false }
    default: return []
    }
  }

  private static func norms(_ module: any Module) -> [Parameter] {
    if module is any Norm { return module.parameters() }
    return module.children.flatMap { norms($0.module) }
  }

  /// The last blocks and everything after them: the final norm and the head.
  package func parameters(ofLastBlocks count: Int) throws -> [Parameter] {
    guard count >= 0, count <= blockCount else {
      throw TransformerError.badInput(field: "last_blocks", expected: "0 to \(blockCount)", got: "\(count)")
    }
    let blocks = backbone.blocks.elements.suffix(count).flatMap { $0.parameters() }
    return blocks + (backbone.finalNorm?.parameters() ?? []) + group("head")
  }

  /// Patterns to offer where one matched nothing: groups and the first parts of names.
  package var availablePatterns: [String] {
    var parts: [String] = []
    for (name, _) in root.namedParameters() {
      let words = name.split(separator: ".").map(String.init)
      let depth = words.firstIndex { Int($0) != nil } ?? max(words.count - 1, 1)
      let prefix = words.prefix(depth + (depth < words.count && Int(words[depth]) != nil ? 1 : 0))
      let shown = prefix.joined(separator: ".")
      if !parts.contains(shown) { parts.append(shown) }
    }
    let groups = ParameterSelection.groups.filter { !group($0).isEmpty }.map { "\"\($0)\"" }
    let rest = parts.count - 8
    return groups + parts.prefix(8) + (rest > 0 ? ["… \(rest) more"] : [])
  }

  /// Freezes what the patterns name; everything where there are none. Gives how many parameters it froze.
  @discardableResult
  package func freeze(_ patterns: [String] = []) throws -> Int { try set(patterns, lastBlocks: nil, trainable: false) }

  /// Unfreezes what the patterns name, the last blocks and head, or, where neither is given, everything.
  @discardableResult
  package func unfreeze(_ patterns: [String] = [], lastBlocks: Int? = nil) throws -> Int {
    try set(patterns, lastBlocks: lastBlocks, trainable: true)
  }

  private func set(_ patterns: [String], lastBlocks: Int?, trainable: Bool) throws -> Int {
    var chosen = try patterns.flatMap { try parameters(matching: $0) }
    if let lastBlocks { chosen += try parameters(ofLastBlocks: lastBlocks) }
    if patterns.isEmpty, lastBlocks == nil { chosen = parameters }
    var changed = 0
    for parameter in chosen where parameter.isTrainable != trainable {
      parameter.isTrainable = trainable
      changed += parameter.count
    }
    return changed
  }
}
