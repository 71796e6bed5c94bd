import GraphIR
import TestSupport
import Testing
import Transforms

/// Printed graphs that somebody damaged but the verifier takes: a compilation may start from them.
@Suite("Damaged graphs")
struct DamagedGraphTests {
  @Test("are compiled or refused; no pass traps", arguments: SampleModels.names)
  func mutations(name: String) throws {
    let original = Array(try prepared(name).printed(withOrigins: false).utf8)
    var random = SmallRandom(seed: UInt64(name.utf8.count))
    var compiled = 0
    for _ in 0..<150 {
      var bytes = original
      // Numbers are what a graph is made of: ids, extents, settings.
      for _ in 0...random.below(2) {
        let place = random.below(bytes.count)
        guard let digit = bytes[place...].firstIndex(where: { $0 >= 48 && $0 < 58 }) else {
          continue
        }
        bytes[digit] = UInt8(48 + random.below(10))
      }
      guard let graph = try? GraphReader.read(String(decoding: bytes, as: UTF8.self)),
        (try? graph.verify()) != nil
      else { continue }
      do {
        _ = try run(Pipelines.rolled(.steps(2)), on: graph)
        _ = try run(Pipelines.stream, on: graph)
        compiled += 1
      } catch is Diagnostic {
        continue
      }
    }
    #expect(compiled > 5)
  }
}
