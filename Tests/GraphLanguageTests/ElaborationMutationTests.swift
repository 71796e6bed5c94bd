import GraphIR
import GraphLanguage
import Testing

@Suite("Elaboration never traps") struct ElaborationMutationTests {
  @Test("a definition with words changed is accepted or refused", arguments: Definitions.names)
  func mutations(_ name: String) throws {
    let text = String(decoding: try Definitions.file(name).bytes, as: UTF8.self)
    let words = split(text)
    var random = SplitMix(state: UInt64(truncatingIfNeeded: text.utf8.count))
    for _ in 0..<30 {
      var mutated = words
      for _ in 0..<(1 + Int(random.next() % 3)) {
        let place = Int(random.next() % UInt64(mutated.count))
        let other = words[Int(random.next() % UInt64(words.count))]
        switch random.next() % 3 {
        case 0: mutated[place] = other
        case 1: mutated.remove(at: place)
        default: mutated.insert(other, at: place)
        }
      }
      let file = SourceFile(name: name, text: mutated.joined())
      // What could not be read is left out of the tree, and the rest is elaborated all the same.
      let (tree, _) = Parser.parse(file)
      let open = Elaborator.openSizes(of: tree)
      let sizes = Dictionary(open.map { ($0.name, 7) }) { first, _ in first }
      switch Elaborator.elaborate(tree, sizes: sizes) {
      case .success(let graph):
        #expect(throws: Never.self, "\(mutated.joined())") { try graph.verify() }
      case .failure(let diagnostics):
        #expect(
          diagnostics.all.allSatisfy { $0.kind != .bug },
          "\(diagnostics.all.map(\.message)) \(mutated.joined())"
        )
      }
    }
  }

  /// The words, signs and spaces of a text.
  private func split(_ text: String) -> [String] {
    var words: [String] = []
    for character in text {
      let isWord = character.isLetter || character.isNumber || character == "_"
      if isWord, let last = words.last?.last, last.isLetter || last.isNumber || last == "_" {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
    }
    return words.isEmpty ? [""] : words
  }
}

/// Numbers that look random and are the same in every run.
private struct SplitMix {
  var state: UInt64

  /// The next number.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
