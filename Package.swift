// swift-tools-version: 6.2

import PackageDescription

/// What every Swift target of the house is built with: Swift 6 mode, no warning left standing.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The rooms in the order data moves through them; who may import whom is held by `RoomsTests`.
let rooms: [Target] = [
  .target(name: "GraphIR"),
  .target(
    name: "GraphLanguage",
    dependencies: ["GraphIR"],
    resources: [.embedInCode("Library/library.graph")]
  ),
  .target(name: "Reference", dependencies: ["GraphIR"]),
  .target(name: "Transforms", dependencies: ["GraphIR", "Reference"]),
  .target(name: "Lowering", dependencies: ["GraphIR"]),
  .target(
    name: "CBackend",
    dependencies: ["GraphIR", "Lowering"],
    resources: [
      .embedInCode("Resources/ModelABI.h"),
      .embedInCode("Resources/Functions.h"),
      .embedInCode("Resources/Workers.h"),
      .embedInCode("Resources/Weights.h"),
      .embedInCode("Resources/SelfTest.h"),
      .embedInCode("Resources/Trial.h"),
      .embedInCode("Resources/Checks.h"),
      .embedInCode("Resources/Loops.h"),
      .embedInCode("Resources/Arithmetic.h"),
      .embedInCode("Resources/GenerateTokens.h"),
      .embedInCode("Resources/GenerateReals.h"),
    ]
  ),
  .target(name: "ModelABI"),
  .target(name: "ModelRuntime", dependencies: ["ModelABI"]),
  .target(
    name: "Rondo",
    dependencies: [
      "GraphIR", "GraphLanguage", "Reference", "Transforms", "Lowering", "CBackend", "ModelABI",
      "ModelRuntime",
    ],
    resources: [
      .embedInCode("Resources/FunctionSweep.h"), .embedInCode("Resources/ModelDriver.h"),
      .embedInCode("Resources/Binding.py"), .embedInCode("Resources/Peak.h"),
    ]
  ),
  .target(name: "Workbench", dependencies: ["Rondo", "ModelRuntime"]),
  .executableTarget(name: "RondoTool", dependencies: ["Rondo", "ModelRuntime", "Workbench"]),
]

/// Folders of texts and arrays beside tests, read where they stand.
let facts = [
  "GraphLanguage": ["Definitions"], "CBackend": ["Golden"],
  "Rondo": ["Boundary", "Conformance", "FuzzCases"],
]

/// One test target a room, mirroring `Sources`; what they share is in `TestSupport`.
let tests: [Target] =
  [
    .target(
      name: "TestSupport",
      dependencies: [
        "GraphIR", "GraphLanguage", "Reference", "Transforms", "Lowering", "CBackend", "Rondo",
        "ModelRuntime",
      ],
      path: "Tests/TestSupport"
    )
  ]
  + rooms.filter { $0.name != "ModelABI" }.map { room in
    .testTarget(
      name: room.name + "Tests",
      dependencies: [.target(name: room.name), "TestSupport"] + room.dependencies,
      exclude: facts[room.name] ?? []
    )
  }
  + [
    // The definitions in `graphs`, by the command, from their data to what they are to come to.
    .testTarget(
      name: "SystemsTests",
      dependencies: ["Rondo", "ModelRuntime", "Workbench", "RondoTool", "TestSupport"],
      exclude: ["Answers", "Cross"]
    )
  ]

for target in rooms + tests where target.name != "ModelABI" {
  target.swiftSettings = settings
}

let package = Package(
  name: "Rondo",
  products: [
    .executable(name: "rondo", targets: ["RondoTool"]),
    .library(name: "Rondo", targets: ["Rondo", "ModelRuntime"]),
    // For programs that only run what was compiled before: there is no compiler in it.
    .library(name: "ModelRuntime", targets: ["ModelRuntime"]),
  ],
  targets: rooms + tests,
  cLanguageStandard: .c11
)
