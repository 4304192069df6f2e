/// Numbers as text.
package enum Numbers {
  /// With commas: 22,713,986.
  package static func grouped(_ number: Int) -> String {
    var digits: [Character] = Array(String(number.magnitude))
    var place: Int = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// A float as it would be typed: the shortest text that reads back as the same number.
  package static func text(_ number: Double) -> String { "\(number)" }

  /// A fixed number of decimals, as metrics are shown: 0.693.
  package static func fixed(_ number: Double, _ decimals: Int = 3) -> String {
    guard number.isFinite else { return "\(number)" }
    guard abs(number) < 1e15 else { return "\(number)" }
    let places: Int = min(max(0, decimals), 9)
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let magnitude: Double = (abs(number) * scale).rounded(.toNearestOrEven)
    guard magnitude < 9e18 else { return "\(number)" }
    let whole = Int(magnitude)
    var digits = String(whole)
    while digits.count <= places { digits = "0" + digits }
    let sign: String = number < 0 && whole > 0 ? "-" : ""
    if places == 0 { return sign + digits }
    return sign + digits.dropLast(places) + "." + digits.suffix(places)
  }

  /// A share in percent: 0.65 %.
  package static func percent(_ share: Double, _ decimals: Int = 2) -> String { fixed(share * 100, decimals) + " %" }
}
