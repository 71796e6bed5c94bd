import GraphIR
import Reference
import TestSupport
import Testing
import Transforms

@Suite("Passes keep the meaning")
struct MeaningTests {
  /// Walks a list, holding the roots that are there before and after each pass against each other.
  private func walk(_ passes: [Pass], _ name: String) throws {
    var graph = try SampleModels.graph(name)
    var before = try values(of: graph)
    for pass in Pipelines.prepare + passes {
      graph = try run([pass], on: graph)
      let after = try values(of: graph)
      #expect(Set(before.keys).isSubset(of: after.keys), "\(pass.name) lost roots")
      for (key, value) in before {
        guard let other = after[key] else { continue }
        #expect(distance(value, other) < 1e-10, "\(pass.name) changed \(key)")
      }
      before = after
    }
  }

  @Test("with rolled loops, several steps a turn", arguments: SampleModels.names)
  func rolled(name: String) throws {
    try walk(Pipelines.rolled(.steps(3)), name)
  }

  @Test("with every step written out after the gradient", arguments: SampleModels.names)
  func unrolledLate(name: String) throws {
    try walk(Pipelines.rolled(.full), name)
  }

  @Test("with every step written out before the gradient", arguments: SampleModels.names)
  func reference(name: String) throws {
    try walk(Pipelines.reference, name)
  }

  @Test(
    "the gradients of rolled loops are those of the written-out ones",
    arguments: SampleModels.names
  )
  func gradients(name: String) throws {
    let rolled = try values(of: run(Pipelines.rolled(.auto), on: prepared(name)))
    let reference = try values(of: run(Pipelines.reference, on: prepared(name)))
    #expect(rolled.keys == reference.keys)
    let gradients = rolled.filter { if case .gradient = $0.key.kind { true } else { false } }
    #expect(gradients.contains { $0.value.values.contains { $0 != 0 } })
    for (key, value) in rolled {
      let other = try #require(reference[key])
      #expect(distance(value, other) < 1e-10, "\(key)")
    }
  }

  @Test("simplifying twice is simplifying once", arguments: SampleModels.names)
  func idempotence(name: String) throws {
    let whole = try run(Pipelines.rolled(.auto), on: prepared(name))
    let reference = try run(Pipelines.reference, on: prepared(name))
    for graph in [try prepared(name), whole, reference] {
      let once = try run([.simplify], on: graph)
      #expect(try run([.simplify], on: once) == once)
    }
  }

  @Test("selecting an entry keeps its roots and nothing else", arguments: SampleModels.names)
  func entries(name: String) throws {
    let graph = try run(Pipelines.rolled(.auto), on: prepared(name))
    let all = try values(of: graph)
    for entry in Entry.allCases {
      let selected = try run(Pipelines.entry(entry), on: graph)
      #expect(selected.roots == graph.roots.filter { $0.entries.contains(entry) })
      for (key, value) in try values(of: selected) {
        let other = try #require(all[key])
        #expect(distance(value, other) < 1e-10, "\(entry) changed \(key)")
      }
    }
  }
}
