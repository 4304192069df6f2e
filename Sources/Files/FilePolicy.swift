/// Whose hand a file operation is.
package enum FilePolicy: Sendable, Equatable {
  /// Lines typed at the prompt: what the user may do, Luthier may do.
  case user
  /// A script: it reads ordinary files only, and writes ordinary files only below `writeRoot` (the working directory
  /// where none is given) and the folders of `--allow-write`, names that begin with a dot excepted.
  case script(writeRoot: String?, allowWrite: [String])

  /// A script without further rights.
  package static let script: FilePolicy = .script(writeRoot: nil, allowWrite: [])
}

/// A file that was read, as the header of a saved session names it.
package struct FileRead: Sendable, Equatable {
  /// As the user wrote it.
  package let path: String
  /// Where it was found.
  package let resolvedPath: String
  /// Its size in bytes when read.
  package let size: Int
}

/// What a folder holds under one name.
package struct FolderEntry: Sendable, Equatable {
  package let name: String
  package let isFolder: Bool
  /// In bytes; 0 for folders.
  package let size: Int
}
