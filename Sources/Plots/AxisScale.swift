import Foundation

/// A range of numbers with round places to label.
struct AxisScale {
  let lower: Double
  let upper: Double
  let ticks: [Double]
  private let decimals: Int

  /// - Parameters:
  ///   - values: what is to be shown; numbers that aren't finite are left out.
  ///   - wanted: about how many ticks.
  ///   - rounds: whether the range is widened to ticks at both ends.
  init(_ values: [Double], ticks wanted: Int, rounds: Bool) {
    let finite: [Double] = values.filter { $0.isFinite }
    var low: Double = finite.min() ?? 0
    var high: Double = finite.max() ?? 1
    if low == high {
      let room: Double = low == 0 ? 1 : abs(low) * 0.1
      low -= room
      high += room
    }
    if !(high - low).isFinite {
      low /= 4
      high /= 4
    }
    var step: Double = AxisScale.niceStep((high - low) / Double(max(1, wanted)))
    if step < 1, finite.allSatisfy({ $0 == $0.rounded() }) { step = 1 }
    let firstTick: Double = rounds ? (low / step).rounded(.down) : (low / step).rounded(.up)
    let lastTick: Double = rounds ? (high / step).rounded(.up) : (high / step).rounded(.down)
    var places: [Double] = []
    if firstTick.isFinite, lastTick.isFinite, lastTick - firstTick < 100 {
      var tick: Double = firstTick
      while tick <= lastTick {
        places.append(tick * step == 0 ? 0 : tick * step)
        tick += 1
      }
    }
    if rounds, let first = places.first, let last = places.last, last > first {
      low = min(low, first)
      high = max(high, last)
    }
    if places.isEmpty { places = [low, high] }
    lower = low
    upper = high
    ticks = places
    let digits: Double = -log10(step).rounded(.down)
    decimals = digits.isFinite ? Int(max(0, min(8, digits))) : 0
  }

  /// Where a value lies: 0 at the lower end, 1 at the upper.
  func share(_ value: Double) -> Double { Plots.share(of: value, from: lower, to: upper) }

  func label(_ value: Double) -> String {
    let size: Double = max(abs(lower), abs(upper))
    if size >= 1e7 || (size > 0 && size < 1e-4) { return String(format: "%.2g", value) }
    return AxisScale.fixed(value, decimals)
  }

  private static func niceStep(_ rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 1 }
    let power: Double = pow(10, log10(rough).rounded(.down))
    for factor in [1.0, 2, 5] where rough <= factor * power * 1.000001 { return factor * power }
    return 10 * power
  }

  /// A number with so many decimals, the same in every locale.
  static func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
}

/// Where a value lies between two others, from 0 to 1; 0.5 where they don't say, also for extreme numbers.
func share(of value: Double, from low: Double, to high: Double) -> Double {
  let share: Double = (value / 2 - low / 2) / (high / 2 - low / 2)
  return share.isNaN ? 0.5 : min(1, max(0, share))
}

/// A number in few characters: three significant decimals, whole numbers plain with commas.
func brief(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "NaN" : (value > 0 ? "inf" : "-inf") }
  if value == value.rounded(), abs(value) < 1e9 { return grouped(Int(value)) }
  let size: Double = abs(value)
  if size >= 1e6 || size < 1e-3 { return String(format: "%.3g", value) }
  return AxisScale.fixed(value, size >= 100 ? 1 : 3)
}

/// A whole number with commas: 12,440.
func grouped(_ number: Int) -> String {
  let digits: [Character] = Array(String(number.magnitude))
  var result: String = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return result
}
