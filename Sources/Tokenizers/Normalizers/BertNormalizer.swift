/// BERT's: control characters removed, white space to spaces, spaces around CJK ideographs, accents stripped, lower case.
///
/// Checked against `BertNormalizer` of Hugging Face tokenizers.
struct BertNormalizer: Normalizer {
  let cleansText: Bool
  let spacesIdeographs: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  /// What becomes of each ASCII byte; `removed` for those that go.
  private let ascii: [UInt8]

  private static let removed: UInt8 = 0xFF

  /// What two normalizers of a sequence may differ in.
  struct Settings: Hashable {
    var cleansText: Bool
    var spacesIdeographs: Bool
    var stripsAccents: Bool
    var lowercases: Bool
  }

  init(cleansText: Bool = true, spacesIdeographs: Bool = true, stripsAccents: Bool?, lowercases: Bool) {
    self.cleansText = cleansText
    self.spacesIdeographs = spacesIdeographs
    self.stripsAccents = stripsAccents ?? lowercases
    self.lowercases = lowercases
    var table = [UInt8](repeating: 0, count: 128)
    for i in 0..<128 {
      var byte = UInt8(i)
      if cleansText {
        if byte >= 0x09 && byte <= 0x0D && byte != 0x0B && byte != 0x0C {
          byte = 0x20
        } else if byte < 0x20 || byte == 0x7F {
          byte = Self.removed
        }
      }
      if lowercases && byte >= 0x41 && byte <= 0x5A { byte += 0x20 }
      table[i] = byte
    }
    ascii = table
  }

  /// CJK ideographs as the original BERT lists them (one block begins at 2B920 in the reference).
  static func isIdeograph(_ c: UInt32) -> Bool {
    if c < 0x3400 { return false }
    return c <= 0x4DBF || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF)
      || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F)
      || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0x2F800 && c <= 0x2FA1F)
  }

  /// The whole effect on one scalar that is not ASCII.
  private func expansion(of scalar: UInt32) -> [UInt32] {
    var scalar = scalar
    let bits = ScalarClass.compute(scalar)
    if cleansText {
      if scalar == 0xFFFD || bits & ScalarClass.other != 0 && bits & ScalarClass.space == 0 { return [] }
      if bits & ScalarClass.space != 0 { scalar = 0x20 }
      // 0x85 is white space and a control character: removed as one
      if bits & ScalarClass.other != 0 { return [] }
    }
    var result: [UInt32] = [scalar]
    if stripsAccents {
      result = UnicodeData.decomposition(scalar, compatibility: false).filter {
        ScalarClass.compute($0) & ScalarClass.nonspacingMark == 0
      }
    }
    if lowercases { result = result.flatMap { UnicodeData.lowercase($0) } }
    if spacesIdeographs && Self.isIdeograph(scalar) { result = [0x20] + result + [0x20] }
    return result
  }

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    var result = NormalizedText()
    let map = self.map(in: workspace)
    for i in 0..<text.scalars.count {
      let scalar = text.scalars[i]
      if scalar < 0x80 {
        let byte = ascii[Int(scalar)]
        if byte == Self.removed { continue }
        result.scalars.append(UInt32(byte))
        result.starts.append(text.starts[i])
        result.ends.append(text.ends[i])
        continue
      }
      let (first, count) = map(scalar)
      for k in 0..<count {
        result.scalars.append(map.pool[first + k])
        result.starts.append(text.starts[i])
        result.ends.append(text.ends[i])
      }
    }
    text = result
  }

  private func map(in workspace: Workspace) -> ScalarMap {
    let settings = Settings(
      cleansText: cleansText, spacesIdeographs: spacesIdeographs, stripsAccents: stripsAccents, lowercases: lowercases)
    if let map = workspace.scalars.bert[settings] { return map }
    let map = ScalarMap { self.expansion(of: $0) }
    workspace.scalars.bert[settings] = map
    return map
  }

  func normalize(_ piece: UnsafeBufferPointer<UInt8>, base: Int32, in workspace: Workspace) {
    let text = workspace.text
    text.removeAll()
    text.base = base
    guard let source = piece.baseAddress else { return }
    text.bytes.reserve(piece.count)
    let out = text.bytes.base
    let done: Int = ascii.withUnsafeBufferPointer { table in
      var i: Int = 0
      while i < piece.count {
        let byte = source[i]
        if byte >= 0x80 { break }
        let mapped = table[Int(byte)]
        if mapped == Self.removed { break }
        out[i] = mapped
        i += 1
      }
      return i
    }
    text.bytes.count = done
    if done < piece.count { finish(piece, from: done, base: base, in: workspace) }
  }

  /// The rest of a piece, from the first byte that is not one ASCII character for another.
  private func finish(_ piece: UnsafeBufferPointer<UInt8>, from done: Int, base: Int32, in workspace: Workspace) {
    let text = workspace.text
    guard let source = piece.baseAddress else { return }
    let map = self.map(in: workspace)
    text.alignment = .single
    text.starts.reserve(piece.count + 64)
    for i in 0..<done { text.starts[i] = base + Int32(i) }
    text.starts.count = done
    var i: Int = done
    var scalarIndex: Int32 = base + Int32(done)
    ascii.withUnsafeBufferPointer { table in
      while i < piece.count {
        let byte = source[i]
        if byte < 0x80 {
          let mapped = table[Int(byte)]
          if mapped != Self.removed {
            text.bytes.append(mapped)
            text.starts.append(scalarIndex)
          }
          i += 1
        } else {
          let (scalar, length) = Bytes.decode(source + i)
          let (first, count) = map(scalar)
          for k in 0..<count {
            let value = map.pool[first + k]
            let written = Bytes.append(value, to: text.bytes)
            if written > 1 { text.isASCII = false }
            for _ in 0..<written { text.starts.append(scalarIndex) }
          }
          i += length
        }
        scalarIndex += 1
      }
    }
  }
}
