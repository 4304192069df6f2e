import CKernels

/// Questions as the product wants them.
final class Packed: @unchecked Sendable {  // written in init only
  private let questions: UnsafePointer<Float>
  private let asked: Int
  private let size: Int
  private let panels: UnsafeMutablePointer<Float>?

  init(_ questions: UnsafePointer<Float>, asked: Int, size: Int, isWanted: Bool) {
    self.questions = questions
    self.asked = asked
    self.size = size
    guard isWanted else {
      panels = nil
      return
    }
    let panels = UnsafeMutablePointer<Float>.allocate(capacity: ck_packed_count(size, asked))
    let width = ck_panel_columns()
    ck_pack(questions, size, 1, size, asked, 0, (asked + width - 1) / width, panels)
    self.panels = panels
  }

  deinit { panels?.deallocate() }

  /// `[rows, questions]`.
  func scores(of x: UnsafePointer<Float>, rows: Int, into scores: UnsafeMutablePointer<Float>) {
    if let panels {
      ck_gemm(x, size, 0, panels, size, size, asked, 0, asked, scores, asked, rows, nil, 0)
    } else {
      ck_narrow_product(x, size, questions, size, nil, scores, asked, rows, asked, size, 0)
    }
  }
}

/// What each part of the rows found, for each question.
final class Heaps: @unchecked Sendable {  // each part is written by one thread
  private let parts: Int
  private let questions: Int
  /// Places for each question in each part.
  let room: Int
  private let base: UnsafeMutablePointer<ck_found>
  private let numbers: UnsafeMutablePointer<Int>

  init(parts: Int, questions: Int, room: Int) {
    self.parts = parts
    self.questions = questions
    self.room = room
    base = .allocate(capacity: parts * questions * room)
    numbers = .allocate(capacity: parts * questions)
    numbers.initialize(repeating: 0, count: parts * questions)
  }

  deinit {
    base.deallocate()
    numbers.deallocate()
  }

  func found(_ part: Int) -> UnsafeMutablePointer<ck_found> { base + part * questions * room }
  func counts(_ part: Int) -> UnsafeMutablePointer<Int> { numbers + part * questions }

  /// The best rows of a question over all parts, by the scores found.
  func merged(_ question: Int, best count: Int) -> [Int] {
    var all: [ck_found] = []
    for part in 0..<parts {
      let heap = found(part) + question * room
      for place in 0..<counts(part)[question] { all.append(heap[place]) }
    }
    all.sort { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
    return all.prefix(count).map { Int($0.row) }
  }
}

/// What one thread needs while it scores.
final class Scratch {
  let scores: UnsafeMutablePointer<Float>
  let rows: UnsafeMutablePointer<Float>

  init(scores: Int, rows: Int) {
    self.scores = .allocate(capacity: max(scores, 1))
    self.rows = .allocate(capacity: max(rows, 1))
  }

  deinit {
    scores.deallocate()
    rows.deallocate()
  }
}
