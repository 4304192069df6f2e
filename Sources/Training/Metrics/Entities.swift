/// A named entity found in tags: its type and the words it covers.
package struct Entity: Hashable, Sendable {
  package let type: String
  /// Which sentence.
  package let sentence: Int
  /// First and last word in the sentence, both included.
  package let first: Int
  package let last: Int

  package init(type: String, sentence: Int, first: Int, last: Int) {
    self.type = type
    self.sentence = sentence
    self.first = first
    self.last = last
  }
}

/// How tags become entities.
package enum EntityScheme: Sendable {
  /// As conlleval (and seqeval by default) reads them: an `I-` of a new type, or after `O`, begins an entity;
  /// `E-` and `S-` are understood.
  case lenient
  /// IOB2 as seqeval's strict mode reads it: an entity begins with `B-` and goes on with `I-` of the same type; any
  /// other `I-` is no entity.
  case strictIOB2
}

/// A tag cut in its prefix and its type: `B-PER` is `B`, `PER`.
struct TagParts {
  let prefix: Character
  let type: String

  init(_ tag: String) {
    prefix = tag.first ?? "O"
    let rest: Substring = tag.dropFirst()
    if let dash: Substring.Index = rest.firstIndex(of: "-") {
      let name = String(rest[rest.index(after: dash)...])
      type = name.isEmpty ? "_" : name
    } else {
      type = rest.isEmpty ? "_" : String(rest)
    }
  }

  var isOutside: Bool { prefix == "O" || prefix == "." }
}

/// The entities that the tags of several sentences mark.
package func entities(in sentences: [[String]], scheme: EntityScheme = .lenient) -> [Entity] {
  var found: [Entity] = []
  for (sentence, tags) in sentences.enumerated() {
    let parts: [TagParts] = tags.map { TagParts($0) }
    let spans: [(type: String, range: ClosedRange<Int>)] =
      scheme == .lenient ? lenientSpans(parts) : strictSpans(parts)
    for span in spans {
      found.append(
        Entity(type: span.type, sentence: sentence, first: span.range.lowerBound, last: span.range.upperBound))
    }
  }
  return found
}

private func lenientSpans(_ tags: [TagParts]) -> [(type: String, range: ClosedRange<Int>)] {
  var spans: [(type: String, range: ClosedRange<Int>)] = []
  var open: (type: String, first: Int)?
  var previous: TagParts = TagParts("O")
  for (place, tag) in tags.enumerated() {
    let changesType: Bool = !tag.isOutside && tag.type != previous.type
    let followsEnd: Bool = previous.isOutside || previous.prefix == "E" || previous.prefix == "S"
    let starts: Bool =
      tag.prefix == "B" || tag.prefix == "S" || changesType
      || (followsEnd && (tag.prefix == "I" || tag.prefix == "E"))
    if let entity = open, starts || tag.isOutside || followsEnd {
      spans.append((entity.type, entity.first...(place - 1)))
      open = nil
    }
    if starts { open = (tag.type, place) }
    previous = tag
  }
  if let entity = open { spans.append((entity.type, entity.first...(tags.count - 1))) }
  return spans
}

private func strictSpans(_ tags: [TagParts]) -> [(type: String, range: ClosedRange<Int>)] {
  var spans: [(type: String, range: ClosedRange<Int>)] = []
  var place: Int = 0
  while place < tags.count {
    guard tags[place].prefix == "B" else {
      place += 1
      continue
    }
    let type: String = tags[place].type
    var end: Int = place + 1
    while end < tags.count, tags[end].prefix == "I", tags[end].type == type { end += 1 }
    spans.append((type, place...(end - 1)))
    place = end
  }
  return spans
}
