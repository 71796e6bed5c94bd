import Foundation
import GraphIR
import Reference
import Testing

@Suite("Functions.h")
struct FunctionsTests {
  /// Every so many floats are tried; fewer where Swift is not optimised.
  private static let stride: UInt64 = {
    #if DEBUG
      9973
    #else
      997
    #endif
  }()

  /// The elementary functions; how far they are off is measured by `FunctionSweep`.
  private static let functions: [UnaryOp] = [
    .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos,
  ]

  /// Widths that the machine has, by what the compiler is told.
  private static let builds: [CDriver.Build] = [0, 1].flatMap { fused in
    [
      CDriver.Build(fused: fused),
      CDriver.Build(fused: fused, flags: ["-O0"]),
      CDriver.Build(fused: fused, flags: ["-O3", "-DRONDO_SCALAR"]),
    ]
  }

  @Test(
    "it compiles without a warning",
    arguments: [["-std=c99"], ["-std=c11"], ["-x", "c++", "-std=c++17"]],
    builds
  )
  func warnings(_ language: [String], _ build: CDriver.Build) throws {
    let folder = try CDriver.newFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("empty.c")
    let text = """
      #include <stddef.h>
      #include <stdint.h>
      #include <string.h>
      #define RONDO_FUSED \(build.fused)
      #include "Functions.h"
      typedef int not_empty;
      """
    try text.write(to: source, atomically: true, encoding: .utf8)
    _ = try CDriver.output(
      "cc",
      language + build.flags + [
        "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion",
        "-Werror", "-I", CDriver.headers.path, "-c", source.path, "-o", source.path + ".o",
      ]
    )
  }

  @Test("strict C and Swift give the same bits, at every width", arguments: builds.prefix(3))
  func sameBits(_ build: CDriver.Build) throws {
    let driver = try CDriver(build)
    for op in Self.functions {
      let data = try driver.ask(["bits", "\(op)", "\(Self.stride)"])
      let words = data.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
      try #require(words.count == (1 << 32 - 1) / Int(Self.stride) + 1)
      var different = 0
      for (place, word) in words.enumerated() {
        let x = Float(bitPattern: UInt32(UInt64(place) * Self.stride))
        let y: Float = op.value(x)
        if (y.isNaN ? 0x7fc0_0000 : y.bitPattern) != word { different += 1 }
      }
      #expect(different == 0, "\(op)")
    }
  }

  @Test("all widths give the same bits in fast mode too")
  func sameFastBits() throws {
    let drivers = try Self.builds.suffix(3).map { try CDriver($0) }
    for op in Self.functions {
      let answers = try drivers.map { try $0.ask(["bits", "\(op)", "9973"]) }
      #expect(Set(answers).count == 1, "\(op)")
    }
  }

  @Test("a scalar function is its vector's twin", arguments: builds)
  func twins(_ build: CDriver.Build) throws {
    #expect(try CDriver(build).words(["twins", "99991"]) == ["0"])
  }

  @Test("parts of vectors touch nothing else; multiply_add rounds as it says", arguments: builds)
  func vectors(_ build: CDriver.Build) throws {
    let driver = try CDriver(build)
    #expect(try driver.words(["parts"]) == ["0"])
    #expect(try driver.words(["fma", "200000"]) == ["0"])
  }

  @Test("chance has the same bits in C and Swift", arguments: builds.prefix(3))
  func chance(_ build: CDriver.Build) throws {
    let data = try CDriver(build).ask(["philox", "5000"])
    let words = data.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
    try #require(words.count == 10_000)
    for i in 0..<5000 {
      let n = UInt32(i)
      let seed = UInt64(i) &* 0x0123_4567_89ab_cdef
      let counter = Philox.Counter(draw: n, example: n * 3, position: n * 5, element: n * 7)
      #expect(Philox.uniform(seed: seed, at: counter).bitPattern == words[i])
      #expect(Philox.normal(seed: seed, at: counter).bitPattern == words[5000 + i])
    }
  }
}
