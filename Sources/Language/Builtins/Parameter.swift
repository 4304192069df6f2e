/// One parameter of a builtin.
package struct Parameter: Sendable {
  package enum Role: Sendable {
    /// Given by its place, or by its label.
    case positional
    /// Given by its label only.
    case named
    /// Any number of further arguments without label.
    case rest
    /// Any further labelled arguments (`lr: [...]` in `sweep`).
    case labels
  }

  package let name: String
  package let type: ValueType
  package let role: Role
  /// What it is where not given; nil where it must be given.
  package let defaultValue: Value?
  /// How the default is shown where it isn't a plain value: `auto`, `the rest`.
  package let shownDefault: String?
  package let help: String

  private init(
    _ name: String, _ type: ValueType, _ role: Role, _ defaultValue: Value?, _ shownDefault: String?, _ help: String
  ) {
    self.name = name
    self.type = type
    self.role = role
    self.defaultValue = defaultValue
    self.shownDefault = shownDefault
    self.help = help
  }

  package var isRequired: Bool { defaultValue == nil && (role == .positional || role == .named) }

  /// A parameter that must be given.
  package static func positional(_ name: String, _ type: ValueType, _ help: String = "") -> Parameter {
    Parameter(name, type, .positional, nil, nil, help)
  }
  package static func positional(
    _ name: String, _ type: ValueType, default value: Value, _ help: String = ""
  ) -> Parameter {
    Parameter(name, type, .positional, value, nil, help)
  }
  /// A parameter that is `none` where not given; `shown` says what that means (`auto`).
  package static func positional(
    _ name: String, _ type: ValueType, shown: String, _ help: String = ""
  ) -> Parameter {
    Parameter(name, type, .positional, .nothing, shown, help)
  }

  /// A labelled parameter that must be given.
  package static func named(_ name: String, _ type: ValueType, _ help: String) -> Parameter {
    Parameter(name, type, .named, nil, nil, help)
  }
  package static func named(_ name: String, _ type: ValueType, default value: Value, _ help: String) -> Parameter {
    Parameter(name, type, .named, value, nil, help)
  }
  /// A labelled parameter that is `none` where not given; `shown` says what that means (`auto`; empty: nothing said).
  package static func named(_ name: String, _ type: ValueType, shown: String, _ help: String) -> Parameter {
    Parameter(name, type, .named, .nothing, shown, help)
  }

  /// Any number of further arguments; read with ``Call/rest(_:)``.
  package static func rest(_ name: String, _ type: ValueType, _ help: String = "") -> Parameter {
    Parameter(name, type, .rest, .nothing, nil, help)
  }
  /// Any further labelled arguments; read with ``Call/labels(_:)``.
  package static func labels(_ name: String, _ type: ValueType, _ help: String = "") -> Parameter {
    Parameter(name, type, .labels, .nothing, nil, help)
  }
}
