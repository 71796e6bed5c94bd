import GraphIR
import TestSupport
import Testing

/// Printed graphs that somebody damaged: whatever they say, they are read or refused.
@Suite("Damaged printed graphs")
struct ReaderMutationTests {
  /// What is put in besides single bytes: what lines, types and settings are made of.
  private static let pieces: [[UInt8]] = [
    "[", "]", "][", "%", "%0", " : ", " = ", "\n", "  ", "\n  \n", "#", "# a 1 1 1",
    "\n  # a 1 1 1",
    "-1", "99999999999", "9223372036854775807", "nan", "inf", " over ", "time", "batch", ",",
    "results", "\nmain\n", "\nscan 0 time forward 0 0 1 h\n", "given 0 : real", "generate x -\n",
    "tuple", "token(", "scan[0]", "project[1]", "variable[9]", "root a store 77 train\n", "\u{E9}",
    "axis a = -3\n", "axis b <= 0\n",
  ].map { Array($0.utf8) }

  @Test("are read and verified, or refused; never trapped on", arguments: 0..<8)
  func mutations(seed: Int) throws {
    let original = Array(try SampleGraph.make().printed(withOrigins: seed.isMultiple(of: 2)).utf8)
    var random = SmallRandom(seed: UInt64(seed))
    var (read, sound) = (0, 0)
    for _ in 0..<250 {
      let bytes = Self.damaged(original, &random)
      guard let graph = try? GraphReader.read(String(decoding: bytes, as: UTF8.self)) else {
        continue
      }
      read += 1
      guard (try? graph.verify()) != nil else { continue }
      sound += 1
      #expect(try GraphReader.read(graph.printed()).printed() == graph.printed())
    }
    // Some damage is harmless; were none or all of it read, the test would show nothing.
    #expect(0 < sound && sound < read && read < 250)
  }

  private static func damaged(_ original: [UInt8], _ random: inout SmallRandom) -> [UInt8] {
    var bytes = original
    for _ in 0...random.below(2) {
      let place = random.below(bytes.count)
      switch random.below(5) {
      case 0: bytes[place] = UInt8(random.below(128))
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(9)))
      case 2:
        let end = min(bytes.count, place + 1 + random.below(40))
        bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
      case 3:
        // Another number in the place of one.
        guard let digit = bytes[place...].firstIndex(where: { $0 >= 48 && $0 < 58 }) else { break }
        bytes[digit] = UInt8(48 + random.below(10))
      default: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: place)
      }
      if bytes.isEmpty { bytes = [10] }
    }
    return bytes
  }
}
