internal import GraphIR
internal import Lowering

extension KernelEmitter {
  /// One parameter of the function on lanes: how it is declared there, and what it is given.
  struct LaneParameter {
    var declaration: String
    var given: String
  }

  /// A row of memory that lanes move along; accesses that differ by an offset share it.
  struct LaneRow: Hashable {
    var argument: Int
    var strides: [Size]
  }

  func findLaneRows() -> [LaneRow] {
    var rows: [LaneRow] = []
    func add(_ access: Access) {
      let row = LaneRow(argument: access.argument, strides: access.strides)
      if !rows.contains(row) { rows.append(row) }
    }
    for (place, operation) in kernel.operations.enumerated() where varies[place] {
      if case .load(let access) = operation { add(access) }
    }
    for store in kernel.stores { add(store.access) }
    return rows
  }

  /// Where an access is, in the function on lanes.
  func lanePointer(_ access: Access) -> String {
    let row = LaneRow(argument: access.argument, strides: access.strides)
    return CText.moved("x\(laneRows.firstIndex(of: row) ?? 0)", [], access.offset)
  }

  var laneParameters: [LaneParameter] {
    var parameters: [LaneParameter] = []
    for (place, row) in laneRows.enumerated() {
      let access = Access(argument: row.argument, strides: row.strides, offset: 0)
      parameters.append(
        LaneParameter(
          declaration: pointerType(kernel.arguments[row.argument]) + "x\(place)",
          given: pointer(access, vectorDim)
        )
      )
    }
    var uniform = Set<Int>()
    var needsPlace = false
    var needsSeed = false
    for (place, operation) in kernel.operations.enumerated() where varies[place] {
      switch operation {
      case .load: continue
      case .gather(let access, let token, let stride):
        let row = CText.step(stride, scalar(token)).map { [$0] } ?? []
        let start = CText.moved(argument(access.argument), steps(access) + row, access.offset)
        parameters.append(
          LaneParameter(
            declaration: "const float *row\(place)",
            given: "\(scalar(token)) < 0 ? NULL : \(start)"
          )
        )
      case .unary(_, let a), .number(let a), .index(let a, _): uniform.insert(a)
      case .binary(_, let a, let b), .equalTokens(let a, let b): uniform.formUnion([a, b])
      case .select(let c, let a, let b), .selectToken(let c, let a, let b):
        uniform.formUnion([c, a, b])
      case .isToken(let token, _, _):
        uniform.insert(token)
        needsPlace = true
      case .random(_, _, let counter):
        needsSeed = true
        for (name, given) in [
          ("row", row(counter)), ("position", position(counter)),
          ("element", word(counter.element)),
        ] {
          parameters.append(LaneParameter(declaration: "uint32_t \(name)\(place)", given: given))
        }
      case .loadToken, .gatherToken, .line, .constant, .token, .position, .length: continue
      }
    }
    for store in kernel.stores where !varies[store.value] { uniform.insert(store.value) }
    if let fold = kernel.fold, !varies[fold.value] { uniform.insert(fold.value) }
    for place in uniform.sorted() where !varies[place] {
      switch kernel.operations[place] {
      case .constant, .token, .unary(.stopGradient, _): continue
      case .loadToken, .gatherToken, .line, .index, .selectToken:
        parameters.append(LaneParameter(declaration: "int32_t u\(place)", given: "u\(place)"))
      case .load, .gather, .position, .length, .unary, .binary, .select, .number, .equalTokens,
        .isToken, .random:
        parameters.append(LaneParameter(declaration: "float u\(place)", given: "u\(place)"))
      }
    }
    if needsSeed { parameters.append(LaneParameter(declaration: "uint64_t seed", given: "seed")) }
    if needsPlace, let vectorDim {
      parameters.append(LaneParameter(declaration: "ptrdiff_t at", given: "i\(vectorDim)"))
    }
    return parameters
  }

  func lanesCall(_ lanes: String) -> String {
    let given = [lanes] + laneParameters.map(\.given)
    return "\(name)_lanes(\(given.joined(separator: ", ")))"
  }

  func findLoadedOnce() -> [Bool] {
    var uses = [Int](repeating: 0, count: kernel.operations.count)
    for operation in kernel.operations {
      for operand in operation.operands { uses[operand] += 1 }
    }
    for store in kernel.stores { uses[store.value] += 2 }
    if let fold = kernel.fold { uses[fold.value] += 1 }
    return kernel.operations.indices.map { place in
      if case .load = kernel.operations[place] { return uses[place] == 1 }
      return false
    }
  }

  func emitLanes(into writer: inout CWriter) {
    let result = kernel.fold == nil ? "void" : "vector"
    writer.list(
      "INLINE \(result) \(name)_lanes(",
      ["int lanes"] + laneParameters.map(\.declaration),
      ") {"
    )
    writer.indented { writer in
      for place in kernel.operations.indices where varies[place] {
        if case .unary(.stopGradient, _) = kernel.operations[place] { continue }
        if loadedOnce[place] { continue }
        writer.line("const vector v\(place) = \(vectorText(place));")
      }
      for store in kernel.stores {
        writer.line("store_lanes(\(lanePointer(store.access)), \(vector(store.value)), lanes);")
      }
      if let fold = kernel.fold {
        writer.line("return \(vector(fold.value));")
      }
      if kernel.fold != nil, !kernel.operations.indices.contains(where: { isLoad($0) }) {
        writer.line("(void)lanes;")
      }
    }
    writer.line("}")
    writer.line()
  }

  func isLoad(_ place: Int) -> Bool {
    switch kernel.operations[place] {
    case .load, .gather: varies[place]
    case .loadToken, .gatherToken, .line, .index, .constant, .token, .position, .length, .unary,
      .binary, .select, .selectToken, .number, .equalTokens, .isToken, .random:
      false
    }
  }

  /// An operation's value as a vector.
  func vector(_ place: Int) -> String {
    if case .unary(.stopGradient, let a) = kernel.operations[place] { return vector(a) }
    if varies[place], loadedOnce[place] { return vectorText(place) }
    return varies[place] ? "v\(place)" : "splat(\(scalar(place)))"
  }

  func vectorText(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .load(let access): return "load_lanes(\(lanePointer(access)), lanes)"
    case .gather: return "row\(place) ? load_lanes(row\(place), lanes) : splat(0.0f)"
    case .unary(let op, let a): return vector(op, vector(a))
    case .binary(let op, let a, let b): return vector(op, vector(a), vector(b))
    case .select(let c, let a, let b):
      return "select_lanes(is_true(\(vector(c))), \(vector(a)), \(vector(b)))"
    case .isToken(let token, _, let plus):
      let place = plus == 0 ? "at" : "(at + \(plus))"
      return "one_where(equal_integers(load_integers(lane_numbers), "
        + "splat_integer(\(scalar(token)) - (int32_t)\(place))))"
    case .random(let op, let draw, let counter):
      func lanes(_ name: String, _ word: CounterWord) -> String {
        "count_words(\(name)\(place), \(word.dims[vectorDim ?? 0])u)"
      }
      let words = [
        lanes("row", counter.row), lanes("position", counter.position),
        lanes("element", counter.element),
      ]
      return "philox_\(op)_lanes(seed, \(drawText(draw)), \(words.joined(separator: ", ")))"
    case .loadToken, .gatherToken, .line, .index, .constant, .token, .position, .length,
      .selectToken, .number, .equalTokens:
      return scalarText(place)
    }
  }

  func vector(_ op: UnaryOp, _ a: String) -> String {
    switch op {
    case .negate: "negate(\(a))"
    case .abs: "absolute(\(a))"
    case .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos: "vector_\(op)(\(a))"
    case .stopGradient: a
    }
  }

  func vector(_ op: BinaryOp, _ a: String, _ b: String) -> String {
    switch op {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: "\(op)(\(a), \(b))"
    case .less: "one_where(less(\(a), \(b)))"
    case .lessEqual: "one_where(less_equal(\(a), \(b)))"
    case .equal: "one_where(equal(\(a), \(b)))"
    case .notEqual: "one_where(not_equal(\(a), \(b)))"
    }
  }
}
