// swift-tools-version: 6.1
import PackageDescription

/// A target imports only what stands above it: arrows point up the list.
let package = Package(
  name: "luthier",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "luthier", targets: ["luthier"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // C at the bottom
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CLineEditor", linkerSettings: [.linkedLibrary("edit")]),
    .target(name: "CTransfer"),

    // numbers, files, models
    .target(name: "Files", dependencies: ["CKernels"]),
    .target(name: "TensorCore", dependencies: ["CKernels", "COpenBLAS"]),
    .target(name: "NeuralNetworks", dependencies: ["TensorCore"]),
    .target(name: "Checkpoints", dependencies: ["Files", "TensorCore"]),
    .target(name: "Hub", dependencies: ["CTransfer", "Files"]),
    .target(name: "Tables", dependencies: ["Files", "TensorCore"]),
    .target(name: "Plots"),
    .target(name: "Tokenizers", dependencies: ["Files", "TensorCore", "Checkpoints"]),
    .target(
      name: "Transformers", dependencies: ["Files", "TensorCore", "NeuralNetworks", "Checkpoints", "Tokenizers"]),
    .target(
      name: "Training",
      dependencies: [
        "Files", "CKernels", "COpenBLAS", "TensorCore", "NeuralNetworks", "Checkpoints", "Tables", "Tokenizers",
        "Transformers",
      ]),
    .target(
      name: "Retrieval",
      dependencies: [
        "Files", "CKernels", "TensorCore", "NeuralNetworks", "Tables", "Tokenizers", "Transformers",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "Prompting",
      dependencies: ["Files", "TensorCore", "Tables", "Tokenizers", "Transformers", "Training"]),

    // the language and what a person sees
    .target(name: "Language"),
    .target(
      name: "Builtins",
      dependencies: [
        "Files", "Hub", "TensorCore", "NeuralNetworks", "Checkpoints", "Tables", "Plots", "Tokenizers", "Transformers",
        "Training", "Prompting", "Retrieval", "Language",
      ]),
    .target(name: "Shell", dependencies: ["Files", "Language", "CLineEditor"]),
    .executableTarget(
      name: "luthier",
      dependencies: [
        "Language", "Builtins", "Shell", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // tests
    .target(name: "TestSupport", dependencies: ["Files", "TensorCore", "Checkpoints"], path: "Tests/TestSupport"),
    .target(name: "CPseudoTerminal", path: "Tests/CPseudoTerminal"),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(name: "HubTests", dependencies: ["Hub", "TestSupport"]),
    .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore", "TestSupport"]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TestSupport"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "TestSupport"]),
    .testTarget(name: "TablesTests", dependencies: ["Tables", "TestSupport"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots", "TestSupport"]),
    .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers", "TestSupport"]),
    .testTarget(name: "TransformersTests", dependencies: ["Transformers", "TestSupport"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "TestSupport"]),
    .testTarget(name: "PromptingTests", dependencies: ["Prompting", "Files", "Tables", "Transformers", "TestSupport"]),
    .testTarget(
      name: "RetrievalTests",
      dependencies: ["Retrieval", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(name: "LanguageTests", dependencies: ["Language", "TestSupport"]),
    .testTarget(name: "BuiltinsTests", dependencies: ["Builtins", "TestSupport"]),
    .testTarget(name: "ShellTests", dependencies: ["Language", "Shell", "Builtins", "TestSupport"]),
    .testTarget(name: "luthierTests", dependencies: ["luthier", "Retrieval", "CPseudoTerminal", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
