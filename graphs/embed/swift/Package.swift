// swift-tools-version: 6.2

import PackageDescription

// Two programs in Swift. From this folder:
//
//     swift run -c release learn ../../../build/smoother
//     swift run -c release follow ../../../build/smoother < NUMBERS
//
// In a package of one's own the path is an address: .package(url: "...", branch: "main").
let package = Package(
  name: "Embedding",
  dependencies: [.package(name: "Rondo", path: "../../..")],
  targets: [
    // Compiles a definition at run time, and trains it.
    .executableTarget(name: "learn", dependencies: [.product(name: "Rondo", package: "Rondo")]),
    // Runs what was compiled before: there is no compiler in it.
    .executableTarget(
      name: "follow",
      dependencies: [.product(name: "ModelRuntime", package: "Rondo")]
    ),
  ],
  swiftLanguageModes: [.v6]
)
