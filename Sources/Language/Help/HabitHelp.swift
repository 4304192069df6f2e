/// Help on words from elsewhere.
enum HabitHelp {
  /// What a foreign word is here, one line each; empty where none is meant.
  static func lines(_ query: String) -> [StyledText] {
    let joined: String = query.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.joined(separator: "_")
    guard joined.utf8.count > 1 else { return [] }
    var seen: Set<String> = []
    // A word that stands in several places (`learning_rate`, a field and a label) is said once, as a label.
    let found: [Habits.Habit] = Habits.all.reversed().filter { habit in
      let foreign: String = habit.foreign.lowercased()
      guard !Habits.shared.contains(foreign) else { return false }
      guard foreign == joined || joined.utf8.count > 4 && foreign.contains(joined) else { return false }
      return seen.insert("\(habit.foreign) \(habit.says.isEmpty ? habit.ours : habit.says)").inserted
    }.reversed()
    let column: Int = min(24, found.map { TextWidth.of($0.foreign) }.max() ?? 0)
    return found.prefix(5).map { HelpText.row($0.foreign, says($0), column: column, .faint) }
  }

  private static func says(_ habit: Habits.Habit) -> String {
    let ours: String = habit.place == .label ? "\(habit.ours):" : habit.ours
    if habit.ours.isEmpty { return habit.says }
    return habit.says.isEmpty ? "here: \(ours)" : "here: \(ours); \(habit.says)"
  }
}
