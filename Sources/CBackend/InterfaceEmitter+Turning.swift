internal import GraphIR
internal import Lowering

/// How weights come by their second forms.
extension InterfaceEmitter {
  /// Writes what makes second forms of weights, if any has one.
  func emitTurning(into writer: inout CWriter) {
    guard !plan.turned.isEmpty else { return }
    writer.section("second forms of weights")
    for form in [.float32] + plan.narrowForms {
      turn(form, into: &writer)
      turnPanels(form, into: &writer)
    }
    emitRenewal(into: &writer)
  }

  private func turn(_ form: StoredForm, into writer: inout CWriter) {
    switch form {
    case .float32:
      writer.comment(
        "Copies a weight's rows into columns, each `stride` apart, for the products that read them."
      )
    case .bfloat16, .int8: writer.comment("The same with numbers stored as \(form.rawValue).")
    }
    writer.list(
      "UNUSED static void \(form.prefix)turn(",
      ["const float *from", "\(form.element) *to"] + (form.isScaled ? ["float *scales"] : [])
        + ["ptrdiff_t rows", "ptrdiff_t columns", "ptrdiff_t stride"],
      ") {"
    )
    writer.indented { writer in
      writer.comment("Sixteen rows at a time, so that both sides walk through whole cache lines.")
      writer.block("for (ptrdiff_t first = 0; first < rows; first += 16) {") { writer in
        writer.line("const ptrdiff_t last = first + 16 < rows ? first + 16 : rows;")
        if form.isScaled {
          writer.block("for (ptrdiff_t row = first; row < last; row += 1) {") {
            $0.line("scales[row] = scale_of(from + row * columns, columns);")
          }
        }
        writer.block("for (ptrdiff_t column = 0; column < columns; column += 1) {") { writer in
          writer.block("for (ptrdiff_t row = first; row < last; row += 1) {") {
            let number = form.stored("from[row * columns + column]", row: "row")
            $0.line("to[column * stride + row] = \(number);")
          }
        }
      }
    }
    writer.line("}")
    writer.line()
  }

  private func turnPanels(_ form: StoredForm, into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    writer.comment(
      "The same in panels of \(width) columns, the last as wide as vectors of 16 make it."
    )
    writer.list(
      "UNUSED static void \(form.prefix)turn_panels(",
      ["const float *from", "\(form.element) *to", "ptrdiff_t rows", "ptrdiff_t columns"],
      ") {"
    )
    writer.indented { writer in
      if form.isScaled {
        writer.line(
          "float *const scales = (float *)(void *)(to + (rows + 15) / 16 * 16 * columns);"
        )
      }
      writer.block("for (ptrdiff_t first = 0; first < rows; first += \(width)) {") { writer in
        writer.line(
          "const ptrdiff_t some = rows - first < \(width) ? rows - first : \(width);"
        )
        writer.line("const ptrdiff_t stride = (some + 15) / 16 * 16;")
        writer.list(
          "\(form.prefix)turn(",
          ["from + first * columns", "to"] + (form.isScaled ? ["scales + first"] : [])
            + ["some", "columns", "stride"],
          ");"
        )
        writer.line("to += stride * columns;")
      }
    }
    writer.line("}")
    writer.line()
  }

  private func emitRenewal(into writer: inout CWriter) {
    writer.comment("Renews the second form of one weight, or of all if the number is below 0.")
    writer.block("UNUSED static void renew(const \(prefix)_context *context, int32_t index) {") {
      writer in
      writer.line("unsigned char *const parameters = (unsigned char *)context->parameters;")
      let order = plan.variables(ofBlock: 0)
      for (id, forms) in plan.turned {
        let place = order.firstIndex(of: id) ?? 0
        let shape = plan.graph[id].type.shape
        let from = "(const float *)(const void *)(parameters + \(plan.place(of: id).offset))"
        func to(_ element: String, _ offset: Int) -> String {
          "(\(element) *)(void *)(parameters + \(offset))"
        }
        let sizes = ["\(shape[0])", "\(shape[1])"]
        writer.block("if (index < 0 || index == \(place)) {") { writer in
          if let stride = forms.stride {
            let to = to("float", plan.columnsOffset(of: id))
            writer.list("turn(", [from, to] + sizes + ["\(stride)"], ");")
          }
          for form in forms.panels {
            let to = to(form.element, plan.panelsOffset(of: id, as: form))
            writer.list("\(form.prefix)turn_panels(", [from, to] + sizes, ");")
          }
        }
      }
    }
    writer.line()
  }
}
