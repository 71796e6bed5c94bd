package import GraphIR

extension Program {
  /// The program as text for people; nobody writes programs by hand, so nothing reads it back.
  package func printed(in graph: Graph) -> String {
    var printer = ProgramPrinter(program: self, graph: graph)
    return printer.print()
  }
}

/// Prints buffers, then statements, one a line.
private struct ProgramPrinter {
  let program: Program
  let graph: Graph
  var lines: [String] = []

  mutating func print() -> String {
    lines = ["program \(program.entry.rawValue), arena \(program.arenaBytes) bytes"]
    for array in program.inputs { lines.append("  given \(array.name): \(graph.text(array.type))") }
    for array in program.outputs {
      lines.append("  wanted \(array.name): \(graph.text(array.type))")
    }
    for (index, buffer) in program.buffers.enumerated() {
      let place: String =
        switch buffer.place {
        case .arena: "arena at \(buffer.offset)"
        case .variable(let id): "variable \(graph[id].name)"
        case .columns(let id, let stride): "columns of \(graph[id].name), \(stride) apart"
        case .panels(let id, .float32): "panels of \(graph[id].name)"
        case .panels(let id, let form): "panels of \(graph[id].name), as \(form.rawValue)"
        case .input(let input): "input \(input)"
        case .output(let output): "output \(output)"
        }
      lines.append("  b\(index) \(buffer.name): \(text(buffer.extent)) in \(place)")
    }
    print(program.statements, "  ")
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func print(_ statements: [Statement], _ indent: String) {
    for statement in statements {
      switch statement {
      case .kernel(let call):
        let extents = call.extents.map(text).joined(separator: " x ")
        let pointers = call.arguments.map(text).joined(separator: ", ")
        let what = call.kernel.fold == nil ? "kernel" : "fold"
        lines.append(
          "\(indent)\(what) [\(extents)] \(call.kernel.operations.count) operations, "
            + "\(call.kernel.stores.count) stores\(text(call.share))\(text(call.ends)): \(call.note) (\(pointers))"
        )
      case .product(let call):
        lines.append(
          "\(indent)product \(text(call.m)) x \(text(call.k)) x \(text(call.n))"
            + "\(text(call.share))\(text(call.ends)): \(call.note) (\(text(call.a)), \(text(call.b)) -> \(text(call.c)))"
        )
      case .scatter(let call):
        lines.append(
          "\(indent)scatter \(call.rows) x \(call.width)\(text(call.share)) -> \(text(call.table))"
        )
      case .orthogonalize(let call):
        lines.append("\(indent)orthogonalize \(call.count) x \(call.length): \(text(call.matrix))")
      case .draw(let call): lines.append("\(indent)draw -> \(text(call.tokens))")
      case .requireFinite(let pointers):
        lines.append("\(indent)require finite \(pointers.map(text).joined(separator: ", "))")
      case .barrier: lines.append("\(indent)barrier")
      case .loop(let loop):
        lines.append(
          "\(indent)loop \(loop.id) \(loop.isReverse ? "back " : "")along "
            + "\(text(loop)), \(loop.stepsPerTurn) a turn"
            + (loop.worker.map { ", by worker \($0) alone" } ?? "")
        )
        print(loop.body, indent + "  ")
      }
    }
  }

  private func text(_ loop: LoopStatement) -> String {
    let name = graph[loop.axis].name
    return switch loop.span {
    case .axis: name
    case .pieces(let piece): "\(name) in pieces of \(piece.steps)"
    case .piece(let piece): "\(name) within \(text(piece.length))"
    }
  }

  private func text(_ axis: AxisID) -> String { axis.pieceName ?? graph[axis].name }

  private func text(_ share: Share) -> String {
    switch share {
    case .alone: ", alone"
    case .rows: ", by rows"
    case .stretch(let dimension, let multiple): ", by \(multiple)s of dimension \(dimension)"
    }
  }

  private func text(_ ends: RowEnds?) -> String {
    ends.map { ", to the ends of \(text($0.axis))" } ?? ""
  }

  private func text(_ size: Size) -> String {
    let names = size.lengths.map(text)
    if names.isEmpty { return "\(size.constant)" }
    return ((size.constant == 1 ? [] : ["\(size.constant)"]) + names).joined(separator: "*")
  }

  private func text(_ extent: Extent) -> String {
    if let constant = extent.constant { return "\(constant)" }
    return text(extent.size)
      + (extent.plus == 0 ? "" : extent.plus > 0 ? "+\(extent.plus)" : "\(extent.plus)")
  }

  private func text(_ pointer: Pointer) -> String {
    var text = "b\(pointer.buffer.index)"
    for term in pointer.address.terms {
      switch term.index {
      case .one: text += "+" + self.text(term.stride)
      case .loop(let id): text += "+" + self.text(term.stride) + "*loop\(id)"
      case .loopParity(let id): text += "+" + self.text(term.stride) + "*(loop\(id) odd)"
      case .lengthParity(let axis):
        text += "+" + self.text(term.stride) + "*(\(self.text(axis)) odd)"
      }
    }
    return pointer.address.offset == 0 ? text : text + "+\(pointer.address.offset)"
  }
}
