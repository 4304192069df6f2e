import Files
import Foundation

/// What is here to begin with: models, data and lessons, found by looking at folders only.
package struct Surroundings {
  package var models: [String] = []
  /// As `read` takes them.
  package var data: [String] = []
  package var lessons: [Lesson] = []

  /// A lesson that came along or lies in the working directory.
  package struct Lesson {
    package var name: String
    package var path: String
    package var title: String

    package init(name: String, path: String, title: String) {
      self.name = name
      self.path = path
      self.title = title
    }
  }

  static let dataEndings = ["csv", "tsv", "jsonl", "json", "conll"]

  package init() {}

  init(environment: [String: String], folders: UserFolders, access: FileAccess) {
    let workingDirectory = access.workingDirectory
    models = Self.modelNames(environment: environment, folders: folders)
    data = Self.names(in: workingDirectory, endings: ["csv", "tsv", "jsonl", "conll"])
    if let samples = access.samplesFolder, samples != workingDirectory {
      data += Self.names(in: samples, endings: Self.dataEndings + [""]).map { "samples/" + $0 }
      lessons = Self.lessons(in: samples + "/lessons") + Self.lessons(in: samples)
    }
    lessons += Self.lessons(in: workingDirectory)
  }

  private static func entries(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < 10_000, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func ending(_ name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: 46) else { return "" }
    return String(name[name.utf8.index(after: dot)...])
  }

  private static func names(in folder: String, endings: [String]) -> [String] {
    entries(folder).filter { name in
      let ending = ending(name)
      guard endings.contains(ending) else { return false }
      return !ending.isEmpty || (name != "lessons" && isFolder(folder + "/" + name))
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Luthier's own models, then those of the hub's cache as `organisation/name`.
  private static func modelNames(environment: [String: String], folders: UserFolders) -> [String] {
    var names = entries(folders.cache + "/models").filter { isFolder(folders.cache + "/models/" + $0) }
    let home = environment["HOME"] ?? ""
    let hub =
      environment["HF_HUB_CACHE"] ?? environment["HF_HOME"].map { $0 + "/hub" } ?? home + "/.cache/huggingface/hub"
    for entry in entries(hub) where entry.hasPrefix("models--") {
      names.append(entry.dropFirst(8).replacingOccurrences(of: "--", with: "/"))
    }
    return names
  }

  /// A folder's lessons in the order that their headers give them, then those without a place, by name.
  package static func lessons(in folder: String) -> [Lesson] {
    var found: [(place: Int, lesson: Lesson)] = []
    for name in entries(folder) where ending(name) == "luth" {
      let path = folder + "/" + name
      let lines = beginning(of: path)
      let title = lines.first { $0.hasPrefix("# %% ") }.map { String($0.dropFirst(5)) } ?? ""
      let lesson = Lesson(name: String(name.dropLast(5)), path: path, title: title)
      found.append((ScriptHeader(lines: lines).lesson ?? Int.max, lesson))
    }
    return found.sorted { ($0.place, $0.lesson.name) < ($1.place, $1.lesson.name) }.map(\.lesson)
  }

  /// The first lines of a lesson: its header and its title.
  private static func beginning(of path: String) -> [Substring] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return [] }
    return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }
}
