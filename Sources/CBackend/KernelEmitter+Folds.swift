internal import GraphIR
internal import Lowering

extension KernelEmitter {
  func emitFold(_ fold: Kernel.Fold, into writer: inout CWriter) {
    guard let op = fold.op else {
      loops(0..<keptDims, into: &writer) { emitArgmax(fold, into: &$0) }
      return
    }
    guard let dim = vectorDim else {
      if fold.inParts, isFused {
        return loops(0..<keptDims, into: &writer) { emitScalarParts(fold, op, into: &$0) }
      }
      loops(0..<keptDims, into: &writer) { writer in
        writer.line("float folded = \(fold.goesOn ? element(fold.access, nil) : start(op));")
        loops(keptDims..<kernel.constants.count, into: &writer) { writer in
          emitUniform(into: &writer)
          writer.line("folded = \(scalar(op, "folded", scalar(fold.value)));")
        }
        writer.line("\(element(fold.access, nil)) = folded;")
      }
      return
    }
    if dim < keptDims {
      emitColumnFold(fold, op, dim, into: &writer)
    } else {
      loops(0..<keptDims, into: &writer) { emitRowFold(fold, op, dim, into: &$0) }
    }
  }

  /// Sums of columns: each lane is one element's sum, its terms in order.
  func emitColumnFold(
    _ fold: Kernel.Fold,
    _ op: ReduceOp,
    _ dim: Int,
    into writer: inout CWriter
  ) {
    loops(0..<dim, into: &writer) { writer in
      let head =
        "for (ptrdiff_t i\(dim) = \(first(dim)); i\(dim) < \(end(dim)); i\(dim) += LANES) {"
      writer.block(head) { writer in
        writer.line(
          "const int lanes = \(end(dim)) - i\(dim) < LANES"
            + " ? (int)(\(end(dim)) - i\(dim)) : LANES;"
        )
        let start =
          fold.goesOn
          ? "load_lanes(\(pointer(fold.access, dim)), lanes)" : "splat(\(start(op)))"
        writer.line("vector folded = \(start);")
        loops(keptDims..<kernel.constants.count, into: &writer) { writer in
          emitUniform(into: &writer)
          writer.line("folded = \(vector(op, "folded", lanesCall("lanes")));")
        }
        writer.line("store_lanes(\(pointer(fold.access, dim)), folded, lanes);")
      }
    }
  }

  /// The sum of a row, which never goes on from another, in 16 interleaved parts, which are then halved: the same on every target.
  func emitRowFold(
    _ fold: Kernel.Fold,
    _ op: ReduceOp,
    _ dim: Int,
    into writer: inout CWriter
  ) {
    let n = end(dim)
    writer.line("vector folded[PARTS];")
    writer.line("for (int part = 0; part < PARTS; part += 1) folded[part] = splat(\(start(op)));")
    loops(keptDims..<dim, into: &writer) { writer in
      emitUniform(into: &writer)
      writer.line("ptrdiff_t block = 0;")
      writer.block("for (; block + 16 <= \(n); block += 16) {") { writer in
        writer.block("for (int part = 0; part < PARTS; part += 1) {") { writer in
          writer.line("const ptrdiff_t i\(dim) = block + part * LANES;")
          writer.line("folded[part] = \(vector(op, "folded[part]", lanesCall("LANES")));")
        }
      }
      writer.block("for (int part = 0; part < PARTS && block + part * LANES < \(n); part += 1) {") {
        writer in
        writer.line("const ptrdiff_t i\(dim) = block + part * LANES;")
        writer.line("const int lanes = \(n) - i\(dim) < LANES ? (int)(\(n) - i\(dim)) : LANES;")
        let rest = "first_lanes(\(lanesCall("lanes")), splat(\(start(op))), lanes)"
        writer.line("folded[part] = \(vector(op, "folded[part]", rest));")
      }
    }
    writer.block("for (int half = PARTS / 2; half > 0; half /= 2) {") { writer in
      writer.block("for (int part = 0; part < half; part += 1) {") {
        $0.line("folded[part] = \(vector(op, "folded[part]", "folded[part + half]"));")
      }
    }
    writer.block("for (int half = LANES / 2; half > 0; half /= 2) {") { writer in
      writer.line(
        "folded[0] = " + vector(op, "folded[0]", "moved_down(folded[0], half)") + ";"
      )
    }
    writer.line("\(element(fold.access, nil)) = first_lane(folded[0]);")
  }

  /// The same one number at a time, where they do not stand next to each other.
  private func emitScalarParts(_ fold: Kernel.Fold, _ op: ReduceOp, into writer: inout CWriter) {
    writer.line("float parts[16];")
    writer.line("for (int part = 0; part < 16; part += 1) parts[part] = \(start(op));")
    loops(keptDims..<kernel.constants.count, into: &writer) { writer in
      emitUniform(into: &writer)
      writer.line("float *const part = &parts[i\(kernel.constants.count - 1) % 16];")
      writer.line("*part = \(scalar(op, "*part", scalar(fold.value)));")
    }
    writer.block("for (int half = 8; half > 0; half /= 2) {") { writer in
      writer.block("for (int part = 0; part < half; part += 1) {") {
        $0.line("parts[part] = \(scalar(op, "parts[part]", "parts[part + half]"));")
      }
    }
    writer.line("\(element(fold.access, nil)) = parts[0];")
  }

  func emitArgmax(_ fold: Kernel.Fold, into writer: inout CWriter) {
    let dim = keptDims
    writer.line("float greatest = 0.0f;")
    writer.line("int32_t place = -1;")
    loops(dim..<kernel.constants.count, into: &writer) { writer in
      emitUniform(into: &writer)
      let value = scalar(fold.value)
      writer.line("const float candidate = \(value);")
      writer.block(
        "if (place < 0 || candidate > greatest"
          + " || (candidate != candidate && greatest == greatest)) {"
      ) {
        $0.line("greatest = candidate;")
        $0.line("place = (int32_t)i\(dim);")
      }
    }
    writer.line("\(element(fold.access, nil)) = place;")
  }

  func start(_ op: ReduceOp) -> String {
    switch op {
    case .sum: "0.0f"
    case .maximum: CText.float(-Float.infinity)
    case .minimum: CText.float(Float.infinity)
    }
  }

  func scalar(_ op: ReduceOp, _ a: String, _ b: String) -> String {
    switch op {
    case .sum: "\(a) + \(b)"
    case .maximum: "scalar_maximum(\(b), \(a))"
    case .minimum: "scalar_minimum(\(b), \(a))"
    }
  }

  func vector(_ op: ReduceOp, _ a: String, _ b: String) -> String {
    switch op {
    case .sum: "add(\(a), \(b))"
    case .maximum: "maximum(\(b), \(a))"
    case .minimum: "minimum(\(b), \(a))"
    }
  }
}
