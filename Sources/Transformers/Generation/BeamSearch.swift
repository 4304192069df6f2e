import Glibc
import NeuralNetworks
import TensorCore

extension PretrainedModel {
  private struct Beam {
    var ids: [Int] = []
    var logProbabilities: [Float] = []
    var score: Float
  }

  /// Beam search over prompts one after the other. An interruption keeps what was reached; where nothing was, texts are
  /// empty.
  ///
  /// - Parameter onStep: told how many steps a prompt's beams have gone; throwing interrupts.
  /// - Throws: ``TransformerError`` or ``TensorError``; whatever else a closure throws only while the first prompt is
  ///   read.
  func beamSearch(
    _ prompts: [[Int]], _ settings: GenerationSettings, _ penalized: [[Int]], _ checkInterruption: (() throws -> Void)?,
    _ onStep: ((_ prompt: Int, _ done: Int) throws -> Void)?
  ) throws -> [GeneratedTokens] {
    var found: [GeneratedTokens] = []
    for (index, prompt) in prompts.enumerated() {
      if found.last?.end != .interrupted {
        do {
          found += try beamSearch(prompt, index, settings, penalized[index], checkInterruption, onStep)
          continue
        } catch let error where error is TransformerError || error is TensorError {
          throw error
        } catch {
          if found.isEmpty { throw error }
        }
      }
      let empty = GeneratedTokens(prompt: index, ids: [], logProbabilities: [], score: nil, end: .interrupted)
      found += Array(repeating: empty, count: settings.count)
    }
    return found
  }

  /// Beam search over one prompt, with transformers' rules for ends, length penalty and stopping.
  func beamSearch(
    _ prompt: [Int], _ number: Int, _ settings: GenerationSettings, _ penalized: [Int],
    _ checkInterruption: (() throws -> Void)?, _ onStep: ((_ prompt: Int, _ done: Int) throws -> Void)?
  ) throws -> [GeneratedTokens] {
    let width = settings.beams
    let filter = LogitsFilter(settings)
    let room = positionLimit.map { $0 - prompt.count } ?? Int.max
    let last = min(settings.maxTokens, room)
    guard last > 0 else {
      let empty = GeneratedTokens(prompt: number, ids: [], logProbabilities: [], score: nil, end: .maxTokens)
      return Array(repeating: empty, count: settings.count)
    }
    let candidates = max(2, 1 + settings.endTokens.count) * width
    let cache = RaggedCache()
    var running = [Beam(score: 0)]
    var finished: [Beam] = []
    var logits = try nextLogits([prompt], cache: cache, checkInterruption: checkInterruption)
    var isInterrupted = false
    for step in 0..<last {
      var found: [(beam: Int, token: Int, score: Float, own: Float)] = []
      for (row, beam) in running.enumerated() {
        var scores = LogitsFilter.logSoftmax(try logits.sliced(axis: 0, row..<(row + 1)).elements)
        let own = scores
        filter.constrain(&scores, tokens: penalized + beam.ids, generated: step)
        for (token, score) in PretrainedModel.best(candidates, scores) {
          found.append((row, token, score + beam.score, own[token]))
        }
      }
      found.sort { $0.score != $1.score ? $0.score > $1.score : ($0.beam, $0.token) < ($1.beam, $1.token) }
      let top = found.prefix(candidates)
      let length = powf(Float(step + 1), Float(settings.lengthPenalty))
      let isFull = finished.count == width && settings.stopsEarly
      var next: [(beam: Beam, row: Int)] = []
      for (rank, candidate) in top.enumerated() {
        var beam = running[candidate.beam]
        beam.ids.append(candidate.token)
        beam.logProbabilities.append(candidate.own)
        beam.score = candidate.score
        let ends = settings.endTokens.contains(candidate.token) || step + 1 == last
        if !ends {
          if next.count < width { next.append((beam, candidate.beam)) }
        } else if rank < width, !isFull {
          beam.score = candidate.score / length
          finished.append(beam)
        }
      }
      finished.sort { $0.score > $1.score }
      finished = Array(finished.prefix(width))
      guard let leader = next.first else { break }
      let isComplete = finished.count == width
      if isComplete, settings.stopsEarly { break }
      if isComplete, let worst = finished.last, leader.beam.score / length <= worst.score { break }
      running = next.map(\.beam)
      cache.select(next.map(\.row))
      do {
        try onStep?(number, step + 1)
        logits = try nextLogits(
          running.map { [$0.ids[$0.ids.count - 1]] }, cache: cache, checkInterruption: checkInterruption)
      } catch let error where error is TransformerError || error is TensorError {
        throw error
      } catch {
        isInterrupted = true
        finished = Array((running + finished).prefix(width))
        break
      }
    }
    // A beam that no end token ended had no more room, in the call or in the model.
    let full: GeneratedTokens.End = last < settings.maxTokens ? .positions : .maxTokens
    return finished.prefix(settings.count).map { beam in
      let ended = beam.ids.last.map { settings.endTokens.contains($0) } ?? false
      return GeneratedTokens(
        prompt: number, ids: beam.ids, logProbabilities: beam.logProbabilities, score: beam.score,
        end: isInterrupted ? .interrupted : ended ? .endToken : full)
    }
  }

  /// The `count` best scores with their places, best first.
  private static func best(_ count: Int, _ scores: [Float]) -> [(Int, Float)] {
    var heap: [(Int, Float)] = []
    for (index, score) in scores.enumerated() {
      if heap.count == count, let least = heap.last, score <= least.1 { continue }
      var place = heap.count
      while place > 0, heap[place - 1].1 < score { place -= 1 }
      heap.insert((index, score), at: place)
      if heap.count > count { heap.removeLast() }
    }
    return heap
  }
}
