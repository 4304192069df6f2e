import Foundation
import TestSupport

/// A JSON fixture decoded as `type`.
func decoded<T: Decodable>(_ path: String, as type: T.Type) throws -> T {
  try JSONDecoder().decode(type, from: Data(contentsOf: Fixtures.url(path)))
}
