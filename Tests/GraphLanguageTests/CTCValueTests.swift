import GraphIR
import GraphLanguage
import Reference
import Testing
import Transforms

/// CTC against the sum over every path.
@Suite("CTC is the sum over all paths") struct CTCValueTests {
  private func loss(_ logits: [Double], _ labels: [Int], letters: Int, blank: Int) throws -> Double
  {
    let frames = logits.count / letters
    let found = try computedRoots(
      """
      model m {
        axis frame <= 9
        axis label <= 9
        input logits: real[\(letters)] over frame
        target labels: token(\(letters)) over label
        output ctc(logits over frame, labels over label, blank: \(blank)) as loss
      }
      """,
      lengths: ["frame": frames, "label": labels.count],
      values: ["logits": logits, "labels": labels.map(Double.init)]
    )
    return try #require(found["loss"]?.first)
  }

  /// -log of the sum of the chances of all paths that collapse to the labels.
  private func enumerated(_ logits: [Double], _ labels: [Int], letters: Int, blank: Int) -> Double {
    let frames = logits.count / letters
    var total = 0.0
    var paths = 1
    for _ in 0..<frames { paths *= letters }
    for number in 0..<paths {
      var path: [Int] = []
      var rest = number
      for _ in 0..<frames {
        path.append(rest % letters)
        rest /= letters
      }
      var collapsed: [Int] = []
      for (place, letter) in path.enumerated()
      where letter != blank && (place == 0 || path[place - 1] != letter) {
        collapsed.append(letter)
      }
      guard collapsed == labels else { continue }
      var chance = 1.0
      for (frame, letter) in path.enumerated() {
        let row = logits[(frame * letters)..<((frame + 1) * letters)]
        let powers = row.map { Double.exp($0) }
        chance *= powers[letter] / powers.reduce(0, +)
      }
      total += chance
    }
    return -Double.log(total)
  }

  @Test(
    "the loss is that of all paths",
    arguments: [[1], [2, 1], [1, 1], [1, 2, 1], [2, 2, 2]],
    [0, 3]
  )
  func paths(_ labels: [Int], _ blank: Int) throws {
    for frames in [5, 6] {
      let logits = (0..<(frames * 4)).map { Double(($0 * 29) % 17) / 5 - 1.5 }
      let found = try loss(logits, labels, letters: 4, blank: blank)
      let wanted = enumerated(logits, labels, letters: 4, blank: blank)
      #expect(abs(found - wanted) < 1e-10, "\(labels), \(frames) frames")
    }
  }

  @Test("one frame has one path")
  func oneFrame() throws {
    let logits = [0.5, -1, 2]
    #expect(
      abs(
        try loss(logits, [2], letters: 3, blank: 0)
          - enumerated(logits, [2], letters: 3, blank: 0)
      ) < 1e-12
    )
  }

  @Test("what no path spells is lost for good, but the loss is a number")
  func impossible() throws {
    let found = try loss([0, 0, 0, 0, 0, 0], [1, 1], letters: 3, blank: 0)
    #expect(found > 1e29 && found.isFinite)
  }

  @Test("examples and their logits stay apart")
  func examples() throws {
    let text = """
      model m {
        axis frame <= 9
        axis label <= 9
        input logits: real[3] over frame
        target labels: token(3) over label
        output ctc(logits over frame, labels over label, blank: 0) as each
        loss ctc(logits over frame, labels over label, blank: 0)
      }
      """
    // Two rows: [frame][row][letter] and [label][row].
    let first = (0..<12).map { Double($0 % 5) / 3 }
    let second = (0..<12).map { Double($0 * $0 % 7) / 4 }
    var logits: [Double] = []
    for frame in 0..<4 {
      let places = (frame * 3)..<(frame * 3 + 3)
      logits += first[places] + second[places]
    }
    let found = try computedRoots(
      text,
      lengths: ["batch": 2, "frame": 4, "label": 2],
      values: ["logits": logits, "labels": [1, 2, 2, 2]]
    )
    let wanted = [
      enumerated(first, [1, 2], letters: 3, blank: 0),
      enumerated(second, [2, 2], letters: 3, blank: 0),
    ]
    #expect(agree(found["each"], wanted))
    #expect(agree(found["loss"], [(wanted[0] + wanted[1]) / 2]))
  }

  @Test("its gradient is that of finite differences, at ties too", arguments: [0.0, 1.0])
  func gradient(_ scale: Double) throws {
    let text = """
      model m {
        axis frame = 4
        axis label <= 9
        target labels: token(3) over label
        param logits: real[3] over frame ~ 0
        loss ctc(logits over frame, labels over label, blank: 0)
        train sgd(1)
      }
      """
    let graph = try #require(elaborate(text).graph, "\(elaborate(text).text)")
    let differentiated = try Pass.differentiate.run(graph)
    let logits = (0..<12).map { scale * Double($0 * 7 % 5 - 2) / 3 }
    func run(_ graph: Graph, _ logits: [Double]) throws -> [String: [Double]] {
      try computedRoots(
        graph,
        lengths: ["label": 2],
        values: ["logits": logits, "labels": [1, 2]]
      )
    }
    let found = try #require(run(differentiated, logits)["logits"])
    for place in logits.indices {
      let step = 1e-5
      var (above, below) = (logits, logits)
      above[place] += step
      below[place] -= step
      let (high, low) = (try run(graph, above)["loss"]?[0], try run(graph, below)["loss"]?[0])
      let slope = (try #require(high) - #require(low)) / (2 * step)
      #expect(abs(found[place] - slope) < 1e-8, "\(place)")
    }
  }
}
