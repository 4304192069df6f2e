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
    for scalar in text.scalars {
      if scalar < 0xA0 {
        changes.append(NormalizedText.Change(scalar: scalar, change: 0))
        classes.append(0)
        continue
      }
      let (first, count) = map(scalar)
      for k in 0..<count {
        let value = map.pool[first + k]
        let order = UnicodeData.combiningClass(value)
        changes.append(NormalizedText.Change(scalar: value, change: k == 0 ? 0 : 1))
        classes.append(order)
        if order == 0 { continue }
        // marks are sorted by class, equal ones stay in order
        var i = changes.count - 1
        while i > 0 && classes[i - 1] > order {
          changes.swapAt(i, i - 1)
          classes.swapAt(i, i - 1)
          i -= 1
        }
      }
    }
    if composes { compose(&changes, classes, workspace.scalars) }
    text.transform(changes)
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
