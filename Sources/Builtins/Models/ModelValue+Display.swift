import Language
import NeuralNetworks
import Transformers

extension ModelValue {
  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    switch size {
    case .inline: return [StyledText(model.name, .name)]
    case .line: return [heading]
    case .full: break
    }
    var lines = [heading]
    // What is new is marked in the tree.
    let notes = model.notes.filter { !$0.hasPrefix("new: ") }
    lines += ModelTree(model).lines(height: frame.height - 2 - notes.count - model.methods.count)
    lines += model.methods.map(line)
    lines.append(total)
    for note in notes { lines.append(StyledText(note, .faint).cut(to: frame.width)) }
    return lines.map { $0.cut(to: frame.width) }
  }

  private var heading: StyledText {
    StyledText(model.className, .heading) + StyledText(" · ") + StyledText(model.name, .name)
      + StyledText(" · " + numbers)
  }

  /// How the weights are kept and, where that differs, what products round their inputs to.
  private var numbers: String {
    let rounded: String = model.precision.rawValue
    if model.storedFormat == "float32" { return rounded }
    return model.precision == .float32 ? model.storedFormat : model.storedFormat + ", " + rounded
  }

  /// A method: `lora  LoRA, rank 8, alpha 16 on query, value  73,728  trains`.
  private func line(_ method: AttachedMethod) -> StyledText {
    var line = StyledText("  + ") + StyledText(method.name, .name)
    line += StyledText("   \(method.title), \(method.summary)   ")
    line += StyledText(Numbers.grouped(method.parameterCount), .number)
    let state = method.control.state
    let trains = method.parameters.contains(where: \.isTrainable)
    line +=
      state.isActive
      ? StyledText(trains ? "  trains" : "  frozen", trains ? .accent : .faint)
      : StyledText("  not in use", .faint)
    if state.scale != 1 { line += StyledText("  × \(Numbers.text(Double(state.scale)))") }
    return line
  }

  private var total: StyledText {
    let count = model.parameterCount
    var line = StyledText(Numbers.grouped(count), .number) + StyledText(" parameters")
    let trains = model.trainableCount
    if trains == 0 {
      line += StyledText(", frozen")
    } else if trains < count {
      line += StyledText(", \(Numbers.grouped(trains)) train (\(Numbers.percent(Double(trains) / Double(count))))")
    } else {
      line += StyledText(", all train")
    }
    return line
  }
}

/// A model's parts with their sizes and whether they train: one line for each, equal blocks in a row in one.
struct ModelTree {
  private struct Row {
    var name: String
    var middle: String
    var count: Int
    var state: String
    var isNew: Bool
    /// What must be equal for blocks to share a line.
    var block: (list: String, first: Int, last: Int, each: Int)?
  }

  private var rows: [Row] = []
  private let model: PretrainedModel

  init(_ model: PretrainedModel) {
    self.model = model
    var seen: Set<ObjectIdentifier> = []
    add(model.root, prefix: "", &seen)
  }

  private mutating func add(_ module: any Module, prefix: String, _ seen: inout Set<ObjectIdentifier>) {
    if !module.ownParameters.isEmpty, module === model.root || module === model.backbone {
      for (name, parameter) in module.ownParameters where seen.insert(ObjectIdentifier(parameter)).inserted {
        append(prefix + name, [parameter])
      }
    }
    for (name, child) in module.children {
      if child === model.backbone {
        add(child, prefix: "", &seen)
      } else if child === model.backbone.blocks {
        addBlocks(prefix + name, &seen)
      } else if holdsBlocks(child) {
        add(child, prefix: prefix + name + ".", &seen)
      } else {
        let parameters = child.parameters().filter { seen.insert(ObjectIdentifier($0)).inserted }
        if !parameters.isEmpty { append(prefix + name, parameters, middle: middle(child)) }
      }
    }
  }

  private func holdsBlocks(_ module: any Module) -> Bool {
    module.children.contains { $0.module === model.backbone.blocks || holdsBlocks($0.module) }
  }

  private func middle(_ module: any Module) -> String {
    guard let labels = Optional(model.labels.count), labels > 0, let last = model.head?.modules.last,
      last === module
    else { return "" }
    return labels == 1 ? "1 label" : "\(labels) labels"
  }

  private mutating func addBlocks(_ name: String, _ seen: inout Set<ObjectIdentifier>) {
    for (index, block) in model.backbone.blocks.elements.enumerated() {
      let parameters = block.parameters().filter { seen.insert(ObjectIdentifier($0)).inserted }
      let count = parameters.reduce(0) { $0 + $1.count }
      let state = self.state(parameters)
      if let last = rows.last, let own = last.block, own.list == name, own.each == count, last.state == state {
        rows[rows.count - 1].block?.last = index
        continue
      }
      rows.append(
        Row(name: name, middle: "", count: count, state: state, isNew: false, block: (name, index, index, count)))
    }
  }

  private mutating func append(_ name: String, _ parameters: [NeuralNetworks.Parameter], middle: String = "") {
    rows.append(
      Row(
        name: name, middle: middle, count: parameters.reduce(0) { $0 + $1.count }, state: state(parameters),
        isNew: parameters.contains(where: \.isNew), block: nil))
  }

  private func state(_ parameters: [NeuralNetworks.Parameter]) -> String {
    let trains = parameters.filter(\.isTrainable)
    if trains.isEmpty { return "frozen" }
    if trains.count == parameters.count { return "trains" }
    return "\(Numbers.grouped(trains.reduce(0) { $0 + $1.count })) train"
  }

  func lines(height: Int) -> [StyledText] {
    var cells: [(name: String, middle: String, count: String, state: String, isNew: Bool)] = []
    for row in rows {
      guard let block = row.block else {
        cells.append((row.name, row.middle, Numbers.grouped(row.count), row.state, row.isNew))
        continue
      }
      let places = block.last - block.first + 1
      let name = places == 1 ? "\(block.list) \(block.first)" : "\(block.list) \(block.first)-\(block.last)"
      if places == 1 {
        cells.append((name, "", Numbers.grouped(block.each), row.state, row.isNew))
      } else {
        cells.append((name, "\(places) × \(Numbers.grouped(block.each))", "", row.state, row.isNew))
      }
    }
    let nameWidth = cells.map { TextWidth.of($0.name) }.max() ?? 0
    let middleWidth = max(cells.map { TextWidth.of($0.middle) }.max() ?? 0, 0)
    let countWidth = cells.map { TextWidth.of($0.count) }.max() ?? 0
    // A line of equal blocks has no sum beside it, so the two columns may share the room between them.
    let isTight = cells.contains { cell in
      let both = TextWidth.of(cell.middle) + TextWidth.of(cell.count)
      return !cell.middle.isEmpty && !cell.count.isEmpty && both + 2 > middleWidth + countWidth
    }
    var lines: [StyledText] = []
    for cell in cells {
      var line = StyledText("  ") + StyledText(cell.name, .name).padded(to: nameWidth) + StyledText("   ")
      if middleWidth > 0 { line += StyledText(cell.middle).padded(to: middleWidth + (isTight ? 2 : 0)) }
      line += StyledText(cell.count, .number).padded(to: countWidth, alignRight: true)
      line += StyledText("  ") + StyledText(cell.state, cell.state == "frozen" ? .faint : .accent)
      if cell.isNew { line += StyledText("  new", .good) }
      lines.append(line)
    }
    let room = max(height, 4)
    guard lines.count > room else { return lines }
    return Array(lines.prefix(room - 1)) + [StyledText("  … \(lines.count - room + 1) more parts", .faint)]
  }
}
