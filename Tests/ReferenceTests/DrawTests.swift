import Foundation
import Testing

@Suite("The draw of a token")
struct DrawTests {
  private struct Drawn {
    /// How often each token came, of a thousand even steps.
    var counts: [Int: Int] = [:]
    /// The log probability that came with each.
    var logProbabilities: [Int: Double] = [:]
  }

  private let driver: CDriver

  init() throws { driver = try CDriver(CDriver.Build(fused: 0, flags: ["-O1", "-march=native"])) }

  private func draw(
    _ logits: [Double],
    temperature: Double = 1,
    topK: Int = 0,
    topP: Double = 1,
    from other: CDriver? = nil
  ) throws -> Drawn {
    let question = ["draw", "\(temperature)", "\(topK)", "\(topP)", "1000"]
    let words = try (other ?? driver).words(question + logits.map { "\($0)" })
    var drawn = Drawn()
    for place in stride(from: 0, to: words.count, by: 2) {
      let token = try #require(Int(words[place]))
      drawn.counts[token, default: 0] += 1
      drawn.logProbabilities[token] = Double(words[place + 1])
    }
    return drawn
  }

  private func logits(_ probabilities: [Double]) -> [Double] { probabilities.map { log($0) } }

  @Test("tokens come as often as softmax says, with its log probability")
  func frequencies() throws {
    let drawn = try draw(logits([0.1, 0.2, 0.3, 0.4]))
    for (token, share) in [0.1, 0.2, 0.3, 0.4].enumerated() {
      #expect(abs((drawn.counts[token] ?? 0) - Int(share * 1000)) <= 1)
      #expect(abs((drawn.logProbabilities[token] ?? 0) - log(share)) < 1e-6)
    }
  }

  @Test("temperature sharpens the draw but not the log probability, 0 takes the first greatest")
  func temperature() throws {
    let sharp = try draw(logits([0.2, 0.8]), temperature: 0.5)
    #expect(abs((sharp.counts[0] ?? 0) - 59) <= 1)
    #expect(abs((sharp.logProbabilities[0] ?? 0) - log(0.2)) < 1e-6)
    #expect(try draw([1, 3, 3, 2], temperature: 0).counts == [1: 1000])
  }

  @Test("top-k keeps k, at a tie those of lower index")
  func topK() throws {
    #expect(Set(try draw([1, 2, 2, 2, 0], topK: 2).counts.keys) == [1, 2])
    #expect(Set(try draw([1, 3, 2, 2, 0], topK: 3).counts.keys) == [1, 2, 3])
    #expect(Set(try draw([1, 3, 2, 2, 0], topK: 99).counts.keys) == [0, 1, 2, 3, 4])
    #expect(Set(try draw([-0.0, 0, 0], topK: 1).counts.keys) == [0])
    #expect(Set(try draw([-5, -4, -3], topK: 2).counts.keys) == [1, 2])
  }

  @Test("the nucleus is the fewest likeliest that reach p, within top-k")
  func nucleus() throws {
    let some = logits([0.1, 0.4, 0.3, 0.2])
    #expect(Set(try draw(some, topP: 0.39).counts.keys) == [1])
    #expect(Set(try draw(some, topP: 0.69).counts.keys) == [1, 2])
    #expect(Set(try draw(some, topP: 0.71).counts.keys) == [1, 2, 3])
    #expect(Set(try draw(some, topP: 0).counts.keys) == [1])
    #expect(Set(try draw([1, 1, 1, 1], topP: 0.5).counts.keys) == [0, 1])
    #expect(Set(try draw(some, topK: 2, topP: 0.5).counts.keys) == [1])
    #expect(Set(try draw(some, topK: 2, topP: 0.6).counts.keys) == [1, 2])
  }

  @Test("what is not finite is handled")
  func special() throws {
    #expect(try draw([.nan, .nan]).counts == [0: 1000])
    #expect(try draw([.nan, 1, -.infinity]).counts == [1: 1000])
    let infinite = try draw([.infinity, 0, .infinity])
    #expect(infinite.counts == [0: 500, 2: 500])
    #expect(abs((infinite.logProbabilities[2] ?? 0) - log(0.5)) < 1e-6)
    #expect(Set(try draw([0, 3, 1], temperature: 1e-40).counts.keys) == [1])
  }

  @Test("many tokens are drawn alike at every width")
  func widths() throws {
    let many = (0..<301).map { sin(Double($0)) * 4 }
    let answers = try [[], ["-DRONDO_SCALAR"], ["-march=native"]].map { flags in
      let driver = try CDriver(CDriver.Build(fused: 0, flags: ["-O1"] + flags))
      return try draw(many, temperature: 0.8, topK: 200, topP: 0.9, from: driver)
    }
    #expect(answers.allSatisfy { $0.counts == answers[0].counts })
    #expect(answers.allSatisfy { $0.logProbabilities == answers[0].logProbabilities })
    let weights = many.map { exp($0 / 0.8) }.sorted(by: >)
    let whole = weights.prefix(200).reduce(0, +)
    var (size, mass) = (0, 0.0)
    while mass < 0.9 * whole {
      mass += weights[size]
      size += 1
    }
    let greatest = many.indices.sorted { many[$0] > many[$1] }.prefix(size)
    #expect(Set(answers[0].counts.keys).isSubset(of: Set(greatest)))
  }
}
