import GraphIR
import Rondo
import TestSupport
import Testing
import Transforms

@Suite("Simplifying all there is") struct SimplifyAllTests {
  @Test("makes no definition worse, and is done in one run", arguments: DefinitionFiles.names)
  func definitions(_ name: String) throws {
    let graph = try DefinitionFilesTests.elaborated(name)
    for list in simplifyingLists {
      #expect(try simplifyFaults(list, on: graph) == [])
    }
  }

  @Test("makes no random model worse, and is done in one run")
  func random() throws {
    for seed in UInt64(0)..<24 {
      let text = FuzzModel.random(seed: 4_000 + seed).text
      let graph = try SampleModels.graph(text: text)
      for list in simplifyingLists.dropFirst() {
        let faults = try? simplifyFaults(list, on: graph)
        #expect(faults ?? [] == [], "\(text)")
      }
    }
  }
}
