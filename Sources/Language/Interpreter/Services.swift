/// Things that builtins need from outside (file access, caches, permissions), one of each type.
package struct Services {
  private var values: [ObjectIdentifier: Any] = [:]

  package init() {}

  package mutating func add<Service>(_ service: Service, as type: Service.Type = Service.self) {
    values[ObjectIdentifier(type)] = service
  }

  package func find<Service>(_ type: Service.Type = Service.self) -> Service? {
    values[ObjectIdentifier(type)] as? Service
  }
}
