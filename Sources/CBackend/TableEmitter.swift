internal import GraphIR
internal import Lowering

/// Writes the table that lets a host drive the model without its header.
struct TableEmitter {
  private let interface: InterfaceEmitter
  private var plan: ModelPlan { interface.plan }
  private var prefix: String { interface.prefix }
  private var macro: String { interface.macro }

  init(_ interface: InterfaceEmitter) { self.interface = interface }

  /// Writes the arrays that the table points to, and the table.
  func emit(into writer: inout CWriter) {
    writer.block("static const \(prefix)_axis axes[\(plan.graph.axes.count)] = {", closing: "};") {
      for (index, axis) in plan.graph.axes.enumerated() {
        let isFixed = if case .fixed = axis.extent { 1 } else { 0 }
        var (source, divisor) = (-1, 0)
        if case .derived(let from, let by, _) = axis.extent {
          (source, divisor) = (Int(from.index), by)
        }
        let parent = axis.parent.map { Int($0.index) } ?? -1
        let given = plan.lengthsPerRow(AxisID(index))
        $0.line(
          "{\"\(axis.name)\", \(axis.bound ?? 0), \(isFixed), \(parent), \(source), \(divisor), "
            + "\(given)},"
        )
      }
    }
    writer.line()
    let blocks = ["parameters", "states", "optimizers"]
    for (block, name) in blocks.enumerated() {
      tensors(
        name,
        plan.variables(ofBlock: block).map { id in
          // A state's rows are counted by the batch; the table says its shape alone.
          (
            plan.graph[id].name, "DATA", "\(macro)_FLOAT32", tokens(plan.graph[id].type),
            plan.dimensions(of: plan.graph[id].type)
          )
        },
        into: &writer
      )
    }
    for entry in plan.entries {
      tensors("\(entry.name)_inputs", entry.inputs.map(described), into: &writer)
      tensors("\(entry.name)_outputs", entry.outputs.map(described), into: &writer)
    }
    writer.block(
      "static const \(prefix)_entry entries[\(plan.entries.count)] = {",
      closing: "};"
    ) { writer in
      for entry in plan.entries {
        writer.list(
          "{",
          [
            "\"\(entry.name)\"", "\(entry.inputs.count)", "\(entry.outputs.count)",
            entry.inputs.isEmpty ? "NULL" : "\(entry.name)_inputs",
            entry.outputs.isEmpty ? "NULL" : "\(entry.name)_outputs",
            entry.isRun ? "run_\(entry.name)" : "NULL",
          ],
          "},"
        )
      }
    }
    writer.line()
    table(into: &writer)
  }

  private typealias Described = (
    name: String, role: String, element: String, tokens: Int32,
    dimensions: [(axis: AxisID?, extent: Int)]
  )

  private func tokens(_ type: ValueType) -> Int32 {
    if case .token(let bound) = type.element { bound } else { 0 }
  }

  private func described(_ array: BoundaryArray) -> Described {
    let description = BoundaryDescription(array, plan)
    return (
      array.name, description.role.rawValue.uppercased(),
      "\(macro)_\(description.element.rawValue.uppercased())", description.tokens,
      description.dimensions
    )
  }

  private func tensors(_ name: String, _ described: [Described], into writer: inout CWriter) {
    guard !described.isEmpty else { return }
    for (place, tensor) in described.enumerated() where !tensor.dimensions.isEmpty {
      let dims = tensor.dimensions.map {
        "{\($0.axis.map { "\($0.index)" } ?? "-1"), \($0.extent)}"
      }
      writer.list(
        "static const \(prefix)_dimension \(name)_\(place)[\(dims.count)] = {",
        dims,
        "};"
      )
    }
    writer.block("static const \(prefix)_tensor \(name)[\(described.count)] = {", closing: "};") {
      writer in
      for (place, tensor) in described.enumerated() {
        writer.list(
          "{",
          [
            "\"\(tensor.name)\"", "\(macro)_\(tensor.role)", tensor.element, "\(tensor.tokens)",
            "\(tensor.dimensions.count)", tensor.dimensions.isEmpty ? "NULL" : "\(name)_\(place)",
          ],
          "},"
        )
      }
    }
    writer.line()
  }

  private func table(into writer: inout CWriter) {
    func pointer(_ block: Int, _ name: String) -> String {
      plan.variables(ofBlock: block).isEmpty ? "NULL" : name
    }
    let rate = Float(plan.graph.optimizer?.rate ?? 0)
    writer.block("const \(prefix)_model \(prefix)_model_table = {", closing: "};") { writer in
      writer.line("\(macro)_ABI_VERSION, sizeof(\(prefix)_model), \"\(prefix)\",")
      writer.line("\"\(plan.graphHash)\",")
      writer.line("\"\(interface.layoutHash)\",")
      writer.line(
        "\(CText.float(rate)), \(plan.graph.generation?.until ?? -1), \(plan.graph.axes.count), "
          + "\(plan.entries.count), \(plan.variables(ofBlock: 0).count), "
          + "\(plan.variables(ofBlock: 1).count), \(plan.variables(ofBlock: 2).count),"
      )
      writer.line(
        "axes, entries, \(pointer(0, "parameters")), \(pointer(1, "states")), "
          + "\(pointer(2, "optimizers")),"
      )
      writer.line(
        "{" + plan.blockBytes.map(String.init).joined(separator: ", ") + "},"
      )
      let generate = plan.graph.generation == nil ? "NULL" : "\(prefix)_generate"
      let copy = interface.hasStates ? "\(prefix)_copy_state" : "NULL"
      writer.line("get_variable, set_variable, \(copy), \(generate), \(prefix)_status_text,")
      writer.line("\(prefix)_start_workers, \(prefix)_stop_workers,")
      guard plan.holdsWeights else { return writer.line("NULL, NULL,") }
      writer.line("#ifdef \(WeightsEmitter.macro(prefix))")
      writer.line("\(prefix)_weights, \(prefix)_weights_hash,")
      writer.line("#else")
      writer.line("NULL, NULL,")
      writer.line("#endif")
    }
  }
}
