internal import GraphIR
internal import Lowering

/// How calls say how long rows are, and how that is checked.
extension InterfaceEmitter {
  /// Writes the functions that read lengths.
  func emitLengthReaders(into writer: inout CWriter) {
    writer.comment("A length that a call gives; the bound where it gives none.")
    writer.list(
      "UNUSED static ptrdiff_t length_at(",
      ["const \(prefix)_call *call", "int axis", "ptrdiff_t place", "int32_t bound"],
      ") {"
    )
    writer.indented { writer in
      writer.line("const int32_t *lengths = call->lengths ? call->lengths[axis] : NULL;")
      writer.line("return lengths ? lengths[place] : bound;")
    }
    writer.line("}")
    writer.line()
    writer.comment("Checks a length, and keeps the greatest.")
    writer.list(
      "UNUSED static int take_length(",
      ["ptrdiff_t own", "int32_t bound", "ptrdiff_t *greatest"],
      ") {"
    )
    writer.indented { writer in
      writer.line("if (own < 1 || own > bound) return 0;")
      writer.line("if (own > *greatest) *greatest = own;")
      writer.line("return 1;")
    }
    writer.line("}")
    writer.line()
  }

  /// Writes the reading of the greatest lengths.
  func emitLengths(_ program: Program, into writer: inout CWriter) {
    let axes = lengthAxes(program)
    for axis in axes { writer.line("ptrdiff_t \(CText.length(axis)) = 0;") }
    for axis in axes {
      let bound = plan.graph[axis].bound ?? 1
      RowLoops(plan).emit(over: plan.graph.lengthAxes(of: axis).axes, into: &writer) {
        $0.list(
          "if (!take_length(",
          [RowLoops(plan).length(axis), "\(bound)", "&\(CText.length(axis))"],
          ")) return \(macro)_BAD_LENGTH;"
        )
      }
      if program.exactAxes.contains(axis) { emitExact(axis, bound, program, into: &writer) }
    }
  }

  /// Writes what happens where all places of an axis are written out and rows are shorter.
  private func emitExact(
    _ axis: AxisID,
    _ bound: Int,
    _ program: Program,
    into writer: inout CWriter
  ) {
    writer.block("if (\(CText.length(axis)) != \(bound)) {") {
      $0.line(
        program.isMasked ? "\(CText.length(axis)) = \(bound);" : "return \(macro)_BAD_LENGTH;"
      )
    }
  }

  /// Writes the check of an input's tokens, at the positions that exist.
  func emitTokenCheck(_ place: Int, _ array: BoundaryArray, into writer: inout CWriter) {
    guard case .token(let bound) = array.type.element else { return }
    let loops = RowLoops(plan)
    var axes = array.type.axes
    for axis in axes.axes { axes = axes.union(plan.graph.lengthAxes(of: axis)) }
    let position = loops.place(array.type.axes.axes)
    let count = array.type.shape.count
    loops.emit(over: axes.axes, into: &writer) {
      $0.list(
        "if (!are_tokens(",
        [
          CText.moved(
            "(const int32_t *)call->inputs[\(place)]",
            position == "0" ? [] : [count == 1 ? position : "(\(position)) * \(count)"],
            0
          ), "1", "0", "\(count)", "\(bound)",
        ],
        ")) return \(macro)_BAD_TOKEN;"
      )
    }
  }
}

/// Loops over the positions that exist, in C, in functions that have `call` and `batch`.
struct RowLoops {
  private let plan: ModelPlan

  init(_ plan: ModelPlan) { self.plan = plan }

  /// Where a loop is along an axis.
  func index(_ axis: AxisID) -> String {
    axis == .batch ? "row" : "at\(axis.index)"
  }

  /// The number of a position among all that the axes' bounds have room for.
  func place(_ axes: [AxisID]) -> String {
    guard let first = axes.first else { return "0" }
    return axes.dropFirst().reduce(index(first)) { place, axis in
      let whole = place.contains(" ") ? "(\(place))" : place
      return "\(whole) * \(plan.graph[axis].bound ?? 1) + \(index(axis))"
    }
  }

  /// The length of an axis where the loops are.
  func length(_ axis: AxisID) -> String {
    if axis == .batch { return "batch" }
    switch plan.graph[axis].extent {
    case .fixed(let count): return "\(count)"
    case .derived(let source, let divisor, _):
      return divisor == 1 ? length(source) : "\(length(source)) / \(divisor)"
    case .bounded(let bound):
      let places = place(plan.graph.lengthAxes(of: axis).axes)
      return "length_at(call, \(axis.index), \(places), \(bound ?? 1))"
    }
  }

  /// Writes loops over axes, each to its own length where the ones around it are.
  func emit(
    over axes: [AxisID],
    into writer: inout CWriter,
    _ body: (inout CWriter) -> Void
  ) {
    guard let axis = axes.first else { return body(&writer) }
    let index = index(axis)
    let end = "end" + (axis == .batch ? "" : "\(axis.index)")
    let length = axis == .batch ? "batch" : end
    if axis != .batch { writer.line("const ptrdiff_t \(end) = \(self.length(axis));") }
    writer.block("for (ptrdiff_t \(index) = 0; \(index) < \(length); \(index) += 1) {") {
      emit(over: Array(axes.dropFirst()), into: &$0, body)
    }
  }

  /// Writes the lengths of an axis as numbers, 0 where there is no position to have one.
  func fill(_ axis: AxisID, _ buffer: String, _ rows: CText.Range, into writer: inout CWriter) {
    let parents = plan.graph.lengthAxes(of: axis).removing(.batch).axes
    func nest(_ rest: ArraySlice<AxisID>, _ writer: inout CWriter, _ body: (inout CWriter) -> Void)
    {
      guard let parent = rest.first else { return body(&writer) }
      let index = index(parent)
      let end = CText.length(parent)
      writer.block("for (ptrdiff_t \(index) = 0; \(index) < \(end); \(index) += 1) {") {
        nest(rest.dropFirst(), &$0, body)
      }
    }
    nest(parents[...], &writer) { writer in
      writer.block("for (ptrdiff_t row = \(rows.first); row < \(rows.end); row += 1) {") { writer in
        let place = parents.reduce("") { place, parent in
          place.isEmpty
            ? index(parent) : "(\(place)) * \(CText.length(parent)) + \(index(parent))"
        }
        let target = place.isEmpty ? "row" : "(\(place)) * batch + row"
        let isThere = parents.map { "\(index($0)) < \(length($0))" }.joined(separator: " && ")
        let value = "(float)(\(length(axis)))"
        writer.line(
          "\(buffer)[\(target)] = " + (isThere.isEmpty ? value : "\(isThere) ? \(value) : 0.0f")
            + ";"
        )
      }
    }
  }
}
