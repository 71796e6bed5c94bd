internal import GraphIR
internal import Lowering

/// How the states of rows come from one place to another.
extension InterfaceEmitter {
  /// `true` iff calls leave something for later ones.
  var hasStates: Bool { !plan.variables(ofBlock: 1).isEmpty }

  /// The parameters of the function that copies a row's states.
  private var copyParameters: [String] {
    [
      "const \(prefix)_context *to", "int32_t to_row", "const \(prefix)_context *from",
      "int32_t from_row",
    ]
  }

  /// Writes the declaration of the function that copies a row's states.
  func declareCopyState(into writer: inout CWriter) {
    guard hasStates else { return }
    writer.comment(
      "Copies the states of one row to a row of the same context or another, so that streams come and "
        + "go: put one aside in a context of its own, or let a row begin anew by begin in a context "
        + "of one row. The state block as a whole is copied and kept as plain bytes."
    )
    writer.list(
      "\(macro)_SHOWN \(prefix)_status \(prefix)_copy_state(",
      copyParameters,
      ");"
    )
    writer.line()
  }

  /// Writes the function that copies a row's states.
  func emitCopyState(into writer: inout CWriter) {
    guard hasStates else { return }
    writer.list("\(prefix)_status \(prefix)_copy_state(", copyParameters, ") {")
    writer.indented { writer in
      let states = plan.variables(ofBlock: 1).map { id in
        let row = plan.dimensions(ofRowOf: plan.graph[id].type).reduce(1, *)
        return "{\(plan.place(of: id).offset), \(4 * row)}"
      }
      writer.comment("Of each state the first byte, and the bytes of a row.")
      writer.list("static const ptrdiff_t states[\(states.count)][2] = {", states, "};")
      writer.line(
        "if (!to || !from || !to->state || !from->state) return \(macro)_NULL_POINTER;"
      )
      for row in ["to_row", "from_row"] {
        writer.line("if (\(row) < 0 || \(row) >= \(plan.batch)) return \(macro)_BAD_BATCH;")
      }
      writer.block("for (int i = 0; i < \(states.count); i += 1) {") { writer in
        writer.line("unsigned char *const rows = (unsigned char *)to->state + states[i][0];")
        writer.line(
          "const unsigned char *const others = (const unsigned char *)from->state + states[i][0];"
        )
        let places = ["rows + to_row * states[i][1]", "others + from_row * states[i][1]"]
        if plan.isEmbedded {
          writer.comment("Two rows are one and the same, or have no byte in common.")
          writer.line("if (\(places.joined(separator: " == "))) continue;")
        }
        writer.list(
          plan.isEmbedded ? "memcpy(" : "memmove(",
          places + ["(size_t)states[i][1]"],
          ");"
        )
      }
      writer.line("return \(macro)_OK;")
    }
    writer.line("}")
    writer.line()
  }
}
