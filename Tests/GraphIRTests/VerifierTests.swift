import Foundation
import Testing

@testable import GraphIR

@Suite("The verifier")
struct VerifierTests {
  /// A small graph with a scan that is in order.
  private static let sound = """
    graph g
    axis batch <= 2
    axis time = 3
    variable 0 x input : real[4] over batch time
    variable 1 w parameter constant 0.0 false : real[4]
    scan 0 time forward 2 1 1 h
      given 0 : real[4]
      given 1 : real
      given 2 : real[4] over batch
      given 3 : real[4] over batch
      %0 w = argument[0] : real[4]
      %1 = argument[2] : real[4] over batch
      %2 h = argument[3] : real[4] over batch
      %3 = multiply %0 %2 : real[4] over batch
      %4 = add %3 %1 : real[4] over batch
      results %4 %3
    main
      %0 x = variable[0] : real[4] over batch time
      %1 w = variable[1] : real[4]
      %2 = constant[1.0] : real
      %3 = scan[0] %1 %2 %0 %1 : tuple
      %4 = project[0] %3 : real[4] over batch time
      %5 = reduce.sum[0 batch time] %4 : real
      results %5 %1
    root loss loss train
    root w store 1 train

    """

  /// Faults: what is written instead of what, and what the verifier says.
  private static let faults: [(old: String, new: String, message: String)] = [
    ("add %3 %1 : real[4] over batch", "add %3 %1 : real[4]", "the type should be real[4] over b"),
    ("multiply %0 %2 :", "multiply %0 %2 %2 :", "multiply takes 2 operands, not 3"),
    ("%2 = constant[1.0] :", "%2 = constant[1.0] %1 :", "constant takes 0 operands, not 1"),
    ("%0 w = argument[0] :", "%0 w = argument[9] :", "is not given that many operands"),
    ("%0 w = argument[0]", "%0 w = variable[1]", "a step that reads a variable"),
    ("%1 w = variable[1]", "%1 w = variable[7]", "a variable that is not there"),
    ("scan[0] %1", "scan[1] %1", "no such scan before it"),
    ("  results %4 %3", "  %5 = scan[0] %0 : tuple\n  results %4 %3", "no such scan before it"),
    ("project[0] %3", "project[0] %1", "project takes a scan"),
    ("project[0] %3", "project[9] %3", "the scan has no result 9"),
    ("%4 = project[0] %3", "%4 = reshape[] %3", "only project reads a scan"),
    ("results %5 %1", "results %3 %1", "a result that is a tuple"),
    ("  results %5", "  %6 = scan[0] %1 %2 %0 %1 : tuple\n  results %5", "is used by 2 nodes"),
    ("scan[0] %1 %2 %0 %1", "scan[0] %1 %2 %0", "a wrong number of operands"),
    ("scan[0] %1 %2", "scan[0] %2 %2", "outer value 0 does not fit the step"),
    ("scan[0] %1 %2 %0", "scan[0] %1 %2 %1", "sequence 2 does not fit the step"),
    ("scan[0] %1 %2 %0 %1", "scan[0] %1 %2 %0 %0", "first state 3 does not fit the step"),
    ("forward 2 1 1", "forward 3 1 1", "scan 0 counts its operands, states or results wrongly"),
    ("  results %4 %3", "  results", "scan 0 counts its operands, states or results wrongly"),
    ("given 1 : real\n", "given 1 : real over time\n", "argument runs over the scan's axis"),
    ("w store 1", "w store 8", "a store in a variable that is not there"),
    ("w store 1", "w gradient 8", "a gradient by a variable that is not there"),
    ("results %5 %1", "results %5 %4", "the value stored in w does not fit it"),
    (
      "reduce.sum[0 batch time] %4 : real", "element[time 3] %4 : real[4] over batch",
      "a place that"
    ),
    (
      "reduce.sum[0 batch time] %4 : real", "sequence[time] %1 %1 : real[4] over time",
      "2 values for"
    ),
    ("graph g\n", "graph g\ngenerate 5 -\n", "generated target is a variable that is not there"),
    ("main\n", "kept time 1\nmain\n", "lengths of time kept where they do not fit"),
  ]

  @Test("the graph that is in order passes")
  func passes() throws {
    try GraphReader.read(Self.sound).verify()
  }

  @Test("each planted fault is refused and named", arguments: faults.indices)
  func refuses(index: Int) throws {
    let fault = Self.faults[index]
    #expect(Self.sound.contains(fault.old))
    guard let place = Self.sound.range(of: fault.old) else { return }
    let text = Self.sound.replacingCharacters(in: place, with: fault.new)
    let graph = try GraphReader.read(text)
    do {
      try graph.verify()
      Issue.record("\(fault.new) was not refused")
    } catch {
      #expect(error.kind == .bug)
      #expect(error.message.contains(fault.message), "\(error.message)")
    }
  }

  @Test("the next value of a state must fit it")
  func nextState() throws {
    var graph = try GraphReader.read(Self.sound)
    graph.scans[0].body.results[0] = ValueID(0)
    try graph.verify()
    graph.scans[0].body.arguments[3] = ValueType(shape: SampleGraph.shape(4))
    graph.scans[0].body.nodes[2].type = graph.scans[0].body.arguments[3]
    graph.scans[0].body.nodes[3].type = graph.scans[0].body.arguments[3]
    graph.scans[0].body.results[0] = ValueID(4)
    expectRefusal(graph, "the next value of state 0 does not fit it")
  }

  @Test("operands precede their uses")
  func order() throws {
    var graph = try GraphReader.read(Self.sound)
    graph.main.operandPool[Int(graph.main.nodes[4].firstOperand)] = ValueID(4)
    expectRefusal(graph, "an operand that does not precede its use")
  }

  @Test("results and roots are as many, and results are there")
  func results() throws {
    var graph = try GraphReader.read(Self.sound)
    graph.main.results.append(ValueID(0))
    expectRefusal(graph, "roots and results differ")
    graph.main.results[0] = ValueID(99)
    expectRefusal(graph, "a result that is not there")
  }

  @Test("axes that nodes and variables name are there")
  func axes() throws {
    var graph = try GraphReader.read(Self.sound)
    graph.main.nodes[2].op = .position(AxisID(40))
    expectRefusal(graph, "an axis that is not there")
    graph.variables[0].type.axes = AxisSet(AxisID(40))
    expectRefusal(graph, "x runs over axes that are not there")
    graph.axes = []
    expectRefusal(graph, "it has 0 axes")
  }

  @Test("a value runs over at most four axes")
  func fiveAxes() throws {
    var graph = Graph(name: "g")
    for number in 1...4 { graph.axes.append(Axis(name: "a\(number)", extent: .fixed(1))) }
    let builder = BlockBuilder(graph: graph)
    let axes = AxisSet((0...4).map { AxisID($0) })
    let drawn = builder.append(.random(.uniform, draw: 0, axes: axes, shape: .scalar), [])
    graph.main = try builder.finish(results: [drawn])
    graph.roots = [Root(name: "y", kind: .output, entries: [.infer])]
    expectRefusal(graph, "a value runs over at most 4 axes")
  }

  private func expectRefusal(
    _ graph: Graph,
    _ message: String,
    at place: SourceLocation = #_sourceLocation
  ) {
    do {
      try graph.verify()
      Issue.record("not refused", sourceLocation: place)
    } catch {
      #expect(error.message.contains(message), "\(error.message)", sourceLocation: place)
    }
  }
}
