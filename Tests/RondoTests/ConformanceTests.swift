import GraphIR
import ModelRuntime
import Reference
import Rondo
import Synchronization
import TestSupport
import Testing

@Suite("PyTorch's answers") struct ConformanceTests {
  /// All cases of the folder that are supported.
  static let cases = (try? ConformanceCase.names().map(ConformanceCase.init)) ?? []

  @Test("one case", arguments: cases.filter(\.isSupported))
  func holds(_ item: ConformanceCase) throws {
    let harness = try ModelHarness(item.definition, item.options(.strict))
    print(item.definition)
    let entries: [Entry] = item.has("loss") ? [.infer, .gradients, .train] : [.infer, .pullback]
    for entry in entries {
      let a = try harness.interpret(entry, item.data, in: Float.self)
      let b = try harness.native().run(entry, item.data)
      print(differences(b, from: a))
      for (name, values) in item.expected {
        guard let found = b[name] else { continue }
        print(item.name, entry, name, relativeError(found, to: values))
      }
    }
  }
}
