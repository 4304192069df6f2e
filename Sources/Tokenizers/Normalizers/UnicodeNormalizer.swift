/// The Unicode normalization forms.
///
/// Source: Unicode Standard Annex 15. Alignments follow the reference: what a scalar becomes stands in its place,
/// and marks that change places take the places they come to.
struct UnicodeNormalizer: Normalizer {
  let isCompatibility: Bool
  let composes: Bool
  var changesASCII: Bool { false }

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    guard text.scalars.contains(where: { $0 >= 0xA0 }) else { return }
    let map = isCompatibility ? workspace.scalars.compatibility : workspace.scalars.canonical
    var changes: [NormalizedText.Change] = []
    changes.reserveCapacity(text.scalars.count)
    var classes: [UInt8] = []
    // Where the marks behind the last scalar that is none begin.
    var marks = 0
    func append(_ scalar: UInt32, _ change: Int, _ order: UInt8) {
      if order == 0 { Self.sort(&changes, &classes, from: marks) }
      changes.append(NormalizedText.Change(scalar: scalar, change: change))
      classes.append(order)
      if order == 0 { marks = changes.count }
    }
    for scalar in text.scalars {
      if scalar < 0xA0 {
        append(scalar, 0, 0)
        continue
      }
      let (first, count) = map(scalar)
      for k in 0..<count {
        let value = map.pool[first + k]
        append(value, k == 0 ? 0 : 1, UnicodeData.combiningClass(value))
      }
    }
    Self.sort(&changes, &classes, from: marks)
    if composes { compose(&changes, classes, workspace.scalars) }
    text.transform(changes)
  }

  /// Sorts the marks from `first` on by class; equal ones stay in order.
  private static func sort(_ changes: inout [NormalizedText.Change], _ classes: inout [UInt8], from first: Int) {
    let marks = first..<changes.count
    guard marks.dropFirst().contains(where: { classes[$0 - 1] > classes[$0] }) else { return }
    let order = marks.sorted { (classes[$0], $0) < (classes[$1], $1) }
    let (sorted, sortedClasses) = (order.map { changes[$0] }, order.map { classes[$0] })
    changes.replaceSubrange(marks, with: sorted)
    classes.replaceSubrange(marks, with: sortedClasses)
  }

  private func compose(_ changes: inout [NormalizedText.Change], _ classes: [UInt8], _ maps: ScalarMaps) {
    var result: [NormalizedText.Change] = []
    var resultClasses: [UInt8] = []
    var starter = -1
    for i in changes.indices {
      let change = changes[i]
      let order = classes[i]
      if starter >= 0 {
        // blocked if something between has the same or a higher class
        let last = resultClasses.count - 1
        let isBlocked = last > starter && (resultClasses[last] >= order || resultClasses[last] == 0)
        if !isBlocked {
          let composed = composition(result[starter].scalar, change.scalar, maps)
          if composed != 0 {
            result[starter].scalar = composed
            // an old scalar that is not inserted is swallowed
            result[starter].change += change.change - 1
            continue
          }
        }
      }
      if order == 0 { starter = result.count }
      result.append(change)
      resultClasses.append(order)
    }
    changes = result
  }

  private func composition(_ first: UInt32, _ second: UInt32, _ maps: ScalarMaps) -> UInt32 {
    // nothing below U+0300 composes with what comes before it
    if second < 0x300 { return 0 }
    let key = UInt64(first) << 32 | UInt64(second)
    if let known = maps.compositions[key] { return known }
    let composed = UnicodeData.composition(first, second)
    maps.compositions[key] = composed
    return composed
  }
}
