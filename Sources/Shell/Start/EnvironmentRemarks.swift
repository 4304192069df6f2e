import Files

/// What is said of variables of the environment that can't be understood: in silence they would be without effect.
enum EnvironmentRemarks {
  /// The number of threads that `LUTHIER_THREADS` asks for; nil where it says none.
  static func threads(_ environment: [String: String]) -> Int? {
    environment["LUTHIER_THREADS"].flatMap { Int($0) }.flatMap { (1...256).contains($0) ? $0 : nil }
  }

  static func lines(_ environment: [String: String]) -> [String] {
    func unreadable(_ name: String, _ wanted: String, _ isFine: (String) -> Bool) -> String? {
      guard let text = environment[name], !text.isEmpty, !isFine(text) else { return nil }
      return "\(name) is \"\(text.prefix(40))\", expected \(wanted): it is passed over"
    }
    return [
      unreadable("LUTHIER_THREADS", "a number of threads from 1 to 256") { _ in threads(environment) != nil },
      unreadable("LUTHIER_UNDO", "a size like 500 MB") { ByteCount.parse($0) != nil },
      unreadable("LUTHIER_CACHE", "a size like 500 MB") { ByteCount.parse($0) != nil },
    ].compactMap { $0 }
  }
}
