import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

/// Models for machines without a system.
@Suite("Embedded models") struct EmbeddedTests {
  /// Roots, a draw, tokens, a stream, a state to copy, products.
  private static let text = """
    model sensor {
      axis time <= 6
      input x: real[3] over time
      target y: token(5) over time
      layer rnn = gru(4), score = linear(5)
      logits = score(dropout(rnn(x), 0.25)) / sqrt(1 + sum(square(x)))
      output logits
      loss cross_entropy(logits, y)
      train adam(rate: 0.01, clip_norm: 1)
      stream over time
    }
    """

  private static func generated(
    _ host: Compiler.Host,
    arithmetic: Compiler.Arithmetic = .fast,
    _ change: (inout Compiler.Options) -> Void = { _ in }
  ) throws -> GeneratedModel {
    var options = Compiler.Options(batch: 2, arithmetic: arithmetic)
    options.host = host
    change(&options)
    return try Compiler(options: options)
      .generate(Definition(name: "sensor", bytes: Array(text.utf8)))
  }

  /// A folder with a model's C and header.
  private static func withC(_ model: GeneratedModel, _ body: (String) throws -> Void) throws {
    try inFolder { folder in
      try Platform.replace(Platform.join(folder, "sensor.c"), with: model.source)
      try Platform.replace(Platform.join(folder, "sensor.h"), with: model.header)
      try body(folder)
    }
  }

  /// What a program prints that must succeed.
  private static func output(_ program: String, _ arguments: [String]) throws -> String {
    let result = try Platform.run(
      program,
      arguments,
      environment: [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C")],
      seconds: 120
    )
    let text = String(decoding: result.output, as: UTF8.self)
    try #require(result.ending == .exited(0), "\(program) \(arguments): \(text)")
    return text
  }

  /// A program of the system's; nil if there is none.
  private static func installed(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first(where: Platform.isExecutable)
  }

  private static let warnings = [
    "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion", "-Werror",
  ]

  @Test(
    "ask for memcpy and memset alone, and have nothing that is written",
    .enabled(if: installed("gcc") != nil && installed("nm") != nil, "there is no gcc or nm"),
    arguments: zip(Compiler.Arithmetic.allCases, [["-DRONDO_SCALAR"], []])
  )
  func needs(_ arithmetic: Compiler.Arithmetic, _ flags: [String]) throws {
    let (gcc, nm) = (try #require(Self.installed("gcc")), try #require(Self.installed("nm")))
    let model = try Self.generated(.embedded, arithmetic: arithmetic) {
      $0.checksItself = true
    }
    let source = String(decoding: model.source, as: UTF8.self)
    for word in ["pthread", "calloc", "stdlib", "memmove", "THREADED", "__atomic"] {
      #expect(!source.contains(word), "\(word)")
    }
    try Self.withC(model) { folder in
      let object = Platform.join(folder, "sensor.o")
      _ = try Self.output(
        gcc,
        ["-std=c99", "-O1", "-ffreestanding", "-fno-pic"] + flags + Self.warnings
          + ["-c", Platform.join(folder, "sensor.c"), "-o", object]
      )
      let undefined = try Self.output(nm, ["-u", object]).split(separator: "\n")
        .compactMap { $0.split(separator: " ").last }
      #expect(Set(undefined).isSubset(of: ["memcpy", "memset"]), "\(undefined)")
      let symbols = try Self.output(nm, [object]).split(separator: "\n")
      #expect(
        !symbols.contains { $0.contains(" D ") || $0.contains(" B ") || $0.contains(" b ") }
      )
    }
  }

  @Test("give the bits of a shared library", arguments: Compiler.Arithmetic.allCases)
  func sameBits(_ arithmetic: Compiler.Arithmetic) throws {
    var all: [[String: TensorData]] = []
    for host in Compiler.Host.allCases {
      let model = try Self.generated(host, arithmetic: arithmetic)
      try inFolder { folder in
        let library = try CCompiler.quick().compile(
          model.source,
          header: model.header,
          name: model.name,
          options: .init(optimization: 0),
          scratch: folder
        )
        try Artifact(model, library).write(to: folder)
        let session = try Session(CompiledModel(folder: folder))
        try session.initialize(seed: 3)
        let x = (0..<36).map { Float($0 % 7) / 5 - 0.4 }
        let inputs: [String: TensorData] = [
          "x": .float(x), "y": .int((0..<12).map { Int32($0 % 5) }), "seed": .seed(9),
        ]
        for entry in ["train", "gradients", "infer"] {
          let names = Set(session.model.manifest.entry(entry)?.inputs.map(\.name) ?? [])
          all.append(
            try session.run(
              entry,
              batch: 2,
              lengths: ["time": [5, 3]],
              inputs: inputs.filter { names.contains($0.key) }
            )
          )
        }
      }
    }
    #expect(all.count == 6 && Array(all[..<3]) == Array(all[3...]))
  }

  /// A program with static memory: streams three positions and prints the last answer's bits.
  private static let program = """
    #include "sensor.h"
    #ifdef PRINTS
    #include <stdio.h>
    #endif
    static sensor_memory memory, other;
    static float logits[2 * 5];
    int main(void) {
      sensor_context context, second;
      const float x[6] = {0.5f, -1.0f, 2.0f, 0.25f, 0.0f, 1.0f};
      int i;
      if (sensor_bind(&context, 0, sizeof memory) != SENSOR_NULL_POINTER) return 1;
      if (sensor_bind(&context, &memory, sizeof memory - 1) != SENSOR_BAD_SIZE) return 1;
      if (sensor_bind(&context, &memory, sizeof memory)) return 2;
      if (sensor_bind(&second, &other, sizeof other)) return 2;
      if (sensor_initialize(&context, 2, 5) || sensor_begin(&context, 2)) return 3;
      for (i = 0; i < 3; i += 1) {
        if (sensor_step(&context, 2, x, logits)) return 4;
      }
      if (sensor_copy_state(&second, 1, &context, 0)) return 5;
      if (sensor_copy_state(&context, 1, &context, 1)) return 6;
    #ifdef PRINTS
      for (i = 0; i < 10; i += 1) printf("%a\\n", (double)logits[i]);
    #endif
      return 0;
    }
    """

  @Test("run in static memory, and answer as a shared library does")
  func runs() throws {
    let compiler = try CCompiler.find(environment: Platform.environment)
    let model = try Self.generated(.embedded)
    try Self.withC(model) { folder in
      let (main, output) = (Platform.join(folder, "main.c"), Platform.join(folder, "main"))
      try Platform.replace(main, with: Array(Self.program.utf8))
      let built = try compiler.execute(
        ["-std=c99", "-O1", "-DPRINTS"] + Self.warnings
          + ["-I", folder, main, Platform.join(folder, "sensor.c"), "-o", output],
        scratch: folder,
        seconds: 120,
        outputLimit: 1 << 20
      )
      try #require(
        built.ending == .exited(0),
        "\(String(decoding: built.output, as: UTF8.self))"
      )
      let printed = try Self.output(output, []).split(separator: "\n").compactMap {
        Float($0)
      }
      let plain = try Self.generated(.shared)
      let library = try compiler.compile(
        plain.source,
        header: plain.header,
        name: plain.name,
        options: .init(optimization: 0),
        scratch: folder
      )
      let place = Platform.join(folder, "shared")
      try Artifact(plain, library).write(to: place)
      let session = try Session(CompiledModel(folder: place))
      try session.initialize(seed: 5)
      _ = try session.run("begin", batch: 2)
      var last: [String: TensorData] = [:]
      for _ in 0..<3 {
        let x: [Float] = [0.5, -1, 2, 0.25, 0, 1]
        last = try session.run("step", batch: 2, inputs: ["x": .float(x)])
      }
      #expect(last["logits"] == .float(printed))
    }
  }

  @Test(
    "compile for a microcontroller, which calculates in float without a library",
    .enabled(if: installed("arm-none-eabi-gcc") != nil, "there is no arm-none-eabi-gcc")
  )
  func microcontroller() throws {
    let gcc = try #require(Self.installed("arm-none-eabi-gcc"))
    let model = try Self.generated(.embedded)
    try Self.withC(model) { folder in
      let object = Platform.join(folder, "sensor.o")
      let target = ["-mcpu=cortex-m7", "-mthumb", "-mfpu=fpv5-d16", "-mfloat-abi=hard"]
      let flags = ["-std=c99", "-O2", "-ffreestanding"] + Self.warnings + target
      _ = try Self.output(gcc, flags + ["-c", Platform.join(folder, "sensor.c"), "-o", object])
      guard let nm = Self.installed("arm-none-eabi-nm") else { return }
      let undefined = try Self.output(nm, ["-u", object]).split(separator: "\n")
        .compactMap { $0.split(separator: " ").last.map(String.init) }
      // The processor's own conventions have names for arithmetic that it has no instruction for.
      let others = undefined.filter { !$0.hasPrefix("__aeabi_") }
      #expect(Set(others).isSubset(of: ["memcpy", "memset"]), "\(undefined)")
      #expect(!undefined.contains { $0.hasPrefix("__aeabi_d") }, "\(undefined)")
    }
  }
}
