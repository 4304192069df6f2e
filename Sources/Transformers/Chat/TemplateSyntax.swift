/// An expression of a chat template.
indirect enum TemplateExpression: Equatable {
  case constant(TemplateValue)
  case name(String)
  case list([TemplateExpression])
  case dictionary([DictionaryItem])
  case member(TemplateExpression, String)
  case index(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, TemplateExpression?, TemplateExpression?, TemplateExpression?)
  case call(TemplateExpression, TemplateArguments)
  case filter(TemplateExpression, String, TemplateArguments)
  case test(TemplateExpression, String, [TemplateExpression], negated: Bool)
  case not(TemplateExpression)
  case minus(TemplateExpression)
  case binary(String, TemplateExpression, TemplateExpression)
  case choice(TemplateExpression, TemplateExpression, TemplateExpression?)

  struct DictionaryItem: Equatable {
    var key: TemplateExpression
    var value: TemplateExpression
  }
}

struct TemplateArguments: Equatable {
  var plain: [TemplateExpression] = []
  var named: [Named] = []

  struct Named: Equatable {
    var name: String
    var value: TemplateExpression
  }
}

/// A statement of a chat template.
indirect enum TemplateStatement: Equatable {
  case text(String)
  case output(TemplateExpression)
  case choice([Branch], otherwise: [TemplateStatement])
  case loop(
    names: [String], over: TemplateExpression, where: TemplateExpression?, [TemplateStatement],
    otherwise: [TemplateStatement])
  case set(String, member: String?, TemplateExpression)
  case capture(String, [TemplateStatement])
  case macro(String, [Parameter], [TemplateStatement])
  case leave
  case goOn

  struct Branch: Equatable {
    var condition: TemplateExpression
    var body: [TemplateStatement]
  }

  struct Parameter: Equatable {
    var name: String
    var standard: TemplateExpression?
  }
}
