internal import GraphIR
internal import Lowering

/// Writes one kernel as C functions: loops over its dimensions around straight lines of arithmetic.
///
/// If every access moves by one element or none along the last dimension, the arithmetic is on vectors,
/// in a function that is inlined twice: for whole vectors and for the rest of a row. What does not
/// change along that dimension is calculated before its loop.
struct KernelEmitter {
  private let kernel: Kernel
  private let name: String
  private let isFused: Bool
  /// The dimension that vectors lie along; nothing if the arithmetic is on single numbers.
  private let vectorDim: Int?
  /// For each operation, whether it changes along that dimension.
  private var varies: [Bool]
  private var foldDims: Int { kernel.fold?.dims ?? 0 }
  private var keptDims: Int { kernel.constants.count - foldDims }

  /// Prepares a kernel; `isFused` in fast mode, where a row may be summed in 16 parts.
  init(_ kernel: Kernel, name: String, isFused: Bool) {
    self.kernel = kernel
    self.name = name
    self.isFused = isFused
    varies = []
    var candidates: [Int] = []
    let last = kernel.constants.count - 1
    if let fold = kernel.fold {
      let kept = kernel.constants.count - fold.dims
      if fold.op != nil, kept > 0 { candidates.append(kept - 1) }
      if fold.op != nil, isFused, fold.dims > 0 { candidates.append(last) }
    } else if last >= 0 {
      candidates.append(last)
    }
    vectorDim = candidates.first { Self.canVectorize(kernel, $0) }
    varies = Self.varying(kernel, along: vectorDim ?? -1)
  }

  // MARK: Vectors or not

  private static func canVectorize(_ kernel: Kernel, _ dim: Int) -> Bool {
    for access in kernel.accesses where dim < access.strides.count {
      guard access.strides[dim].isZero || access.strides[dim] == .one else { return false }
    }
    // Folding away the dimension, or keeping it: the result moves with it or not, as it should.
    for store in kernel.stores where store.isToken || store.access.strides[dim] != .one {
      return false
    }
    if let fold = kernel.fold {
      let isKept = dim < kernel.constants.count - fold.dims
      if isKept != (fold.access.strides[dim] == .one) { return false }
    }
    let varies = varying(kernel, along: dim)
    for (place, operation) in kernel.operations.enumerated() where varies[place] {
      switch operation {
      case .loadToken, .position, .number, .equalTokens, .selectToken, .random, .token: return false
      case .gather(_, let token, _): if varies[token] { return false }
      case .isToken(let token, _, _): if varies[token] { return false }
      case .load, .constant, .length, .unary, .binary, .select: continue
      }
    }
    return varies.contains(true)
  }

  private static func varying(_ kernel: Kernel, along dim: Int) -> [Bool] {
    var varies: [Bool] = []
    for operation in kernel.operations {
      let moves: Bool =
        switch operation {
        case .load(let access), .loadToken(let access):
          dim >= 0 && !access.strides[dim].isZero
        case .gather(let access, let token, _):
          dim >= 0 && !access.strides[dim].isZero || varies[token]
        case .constant, .token, .length: false
        case .position(let its, _): its == dim
        case .isToken(let token, let its, _): its == dim || varies[token]
        case .unary(_, let a), .number(let a): varies[a]
        case .binary(_, let a, let b), .equalTokens(let a, let b): varies[a] || varies[b]
        case .select(let c, let a, let b), .selectToken(let c, let a, let b):
          varies[c] || varies[a] || varies[b]
        case .random: dim >= 0
        }
      varies.append(moves)
    }
    return varies
  }

  // MARK: The functions

  /// The parameters beside pointers: run-time extents and lengths, in this order.
  private var lengthParameters: [AxisID] {
    var found = Set<AxisID>()
    for access in kernel.accesses {
      for stride in access.strides { found.formUnion(stride.lengths) }
    }
    for operation in kernel.operations {
      switch operation {
      case .length(let axis, _): found.insert(axis)
      case .gather(_, _, let stride): found.formUnion(stride.lengths)
      case .load, .loadToken, .constant, .token, .position, .unary, .binary, .select,
        .selectToken, .number, .equalTokens, .isToken, .random:
        continue
      }
    }
    return found.sorted()
  }

  /// What a call passes, in the order of the parameters.
  static func arguments(_ call: KernelCall, pointers: [String]) -> [String] {
    let emitter = KernelEmitter(call.kernel, name: "", isFused: true)
    var arguments: [String] = []
    for (place, constant) in call.kernel.constants.enumerated() where constant == nil {
      arguments.append(CText.extent(call.extents[place]))
    }
    arguments += emitter.lengthParameters.map(CText.length)
    if call.kernel.draws { arguments.append("seed") }
    return arguments + pointers
  }

  private var parameters: [String] {
    var parameters: [String] = []
    for (place, constant) in kernel.constants.enumerated() where constant == nil {
      parameters.append("ptrdiff_t n\(place)")
    }
    parameters += lengthParameters.map { "ptrdiff_t " + CText.length($0) }
    if kernel.draws { parameters.append("uint64_t seed") }
    return parameters
      + kernel.arguments.indices.map { pointerType(kernel.arguments[$0]) + argument($0) }
  }

  private func pointerType(_ argument: Kernel.Argument) -> String {
    (argument.isWritten ? "" : "const ") + (argument.holdsTokens ? "int32_t *" : "float *")
  }

  private func argument(_ place: Int) -> String { "p\(place)" }

  private func extent(_ dim: Int) -> String {
    kernel.constants[dim].map { "\($0)" } ?? "n\(dim)"
  }

  /// Writes the functions.
  func emit(into writer: inout CWriter) {
    if vectorDim != nil { emitLanes(into: &writer) }
    writer.list("static void \(name)(", parameters, ") {")
    writer.indented { writer in
      if let fold = kernel.fold {
        emitFold(fold, into: &writer)
      } else {
        loops(0..<(vectorDim ?? kernel.constants.count), into: &writer) { writer in
          emitMap(into: &writer)
        }
      }
    }
    writer.line("}")
    writer.line()
  }

  // MARK: Maps

  private func emitMap(into writer: inout CWriter) {
    emitUniform(into: &writer)
    guard let dim = vectorDim else {
      for store in kernel.stores {
        writer.line("\(element(store.access, nil)) = \(scalar(store.value));")
      }
      return
    }
    let call = { (lanes: String) in lanesCall(lanes) + ";" }
    if kernel.constants[dim].map({ $0 % 16 == 0 }) != true {
      writer.line("ptrdiff_t i\(dim) = 0;")
      writer.block("for (; i\(dim) + LANES <= \(extent(dim)); i\(dim) += LANES) {") {
        $0.line(call("LANES"))
      }
      writer.block("if (i\(dim) < \(extent(dim))) {") {
        $0.line(call("(int)(\(extent(dim)) - i\(dim))"))
      }
    } else {
      let head = "for (ptrdiff_t i\(dim) = 0; i\(dim) < \(extent(dim)); i\(dim) += LANES) {"
      writer.block(head) { $0.line(call("LANES")) }
    }
  }

  // MARK: Folds

  private func emitFold(_ fold: Kernel.Fold, into writer: inout CWriter) {
    guard let op = fold.op else {
      loops(0..<keptDims, into: &writer) { emitArgmax(fold, into: &$0) }
      return
    }
    guard let dim = vectorDim else {
      loops(0..<keptDims, into: &writer) { writer in
        writer.line("float folded = \(start(op));")
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
  private func emitColumnFold(
    _ fold: Kernel.Fold,
    _ op: ReduceOp,
    _ dim: Int,
    into writer: inout CWriter
  ) {
    loops(0..<dim, into: &writer) { writer in
      let head = "for (ptrdiff_t i\(dim) = 0; i\(dim) < \(extent(dim)); i\(dim) += LANES) {"
      writer.block(head) { writer in
        writer.line(
          "const int lanes = \(extent(dim)) - i\(dim) < LANES"
            + " ? (int)(\(extent(dim)) - i\(dim)) : LANES;"
        )
        writer.line("vector folded = splat(\(start(op)));")
        loops(keptDims..<kernel.constants.count, into: &writer) { writer in
          emitUniform(into: &writer)
          writer.line("folded = \(vector(op, "folded", lanesCall("lanes")));")
        }
        writer.line("store_lanes(\(pointer(fold.access, dim)), folded, lanes);")
      }
    }
  }

  /// The sum of a row in 16 interleaved parts, which are then halved: the same on every target.
  private func emitRowFold(
    _ fold: Kernel.Fold,
    _ op: ReduceOp,
    _ dim: Int,
    into writer: inout CWriter
  ) {
    let n = extent(dim)
    writer.line("vector folded[PARTS];")
    writer.line("float parts[16];")
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
        writer.line("float rest[LANES];")
        writer.line("store(rest, splat(\(start(op))));")
        writer.line("store_lanes(rest, \(lanesCall("lanes")), lanes);")
        writer.line("folded[part] = \(vector(op, "folded[part]", "load(rest)"));")
      }
    }
    writer.line(
      "for (int part = 0; part < PARTS; part += 1) store(parts + part * LANES, folded[part]);"
    )
    writer.block("for (int half = 8; half > 0; half /= 2) {") { writer in
      writer.line(
        "for (int i = 0; i < half; i += 1) parts[i] = "
          + scalar(op, "parts[i]", "parts[i + half]") + ";"
      )
    }
    writer.line("\(element(fold.access, nil)) = parts[0];")
  }

  private func emitArgmax(_ fold: Kernel.Fold, into writer: inout CWriter) {
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

  private func start(_ op: ReduceOp) -> String {
    switch op {
    case .sum: "0.0f"
    case .maximum: CText.float(-Float.infinity)
    case .minimum: CText.float(Float.infinity)
    }
  }

  private func scalar(_ op: ReduceOp, _ a: String, _ b: String) -> String {
    switch op {
    case .sum: "\(a) + \(b)"
    case .maximum: "scalar_maximum(\(b), \(a))"
    case .minimum: "scalar_minimum(\(b), \(a))"
    }
  }

  private func vector(_ op: ReduceOp, _ a: String, _ b: String) -> String {
    switch op {
    case .sum: "add(\(a), \(b))"
    case .maximum: "maximum(\(b), \(a))"
    case .minimum: "minimum(\(b), \(a))"
    }
  }

  // MARK: Loops and addresses

  private func loops(
    _ dims: Range<Int>,
    into writer: inout CWriter,
    _ body: (inout CWriter) -> Void
  ) {
    guard let dim = dims.first else { return body(&writer) }
    writer.block("for (ptrdiff_t i\(dim) = 0; i\(dim) < \(extent(dim)); i\(dim) += 1) {") {
      loops((dim + 1)..<dims.upperBound, into: &$0, body)
    }
  }

  private func steps(_ access: Access) -> [String] {
    access.strides.enumerated().compactMap { CText.step($1, "i\($0)") }
  }

  private func pointer(_ access: Access, _ dim: Int?) -> String {
    CText.moved(argument(access.argument), steps(access), access.offset)
  }

  private func element(_ access: Access, _ dim: Int?) -> String {
    let steps = steps(access)
    if steps.isEmpty { return "\(argument(access.argument))[\(access.offset)]" }
    let index = CText.moved(steps[0], Array(steps.dropFirst()), access.offset)
    return "\(argument(access.argument))[\(index)]"
  }

  // MARK: Single numbers

  /// Calculates what does not change along the vectors, before their loop.
  private func emitUniform(into writer: inout CWriter) {
    for place in kernel.operations.indices where !varies[place] || vectorDim == nil {
      switch kernel.operations[place] {
      case .constant, .token, .unary(.stopGradient, _): continue
      case .loadToken, .selectToken:
        writer.line("const int32_t u\(place) = \(scalarText(place));")
      case .load, .gather, .position, .length, .unary, .binary, .select, .number, .equalTokens,
        .isToken, .random:
        writer.line("const float u\(place) = \(scalarText(place));")
      }
    }
  }

  /// An operation's value as a single number.
  private func scalar(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .constant(let value): CText.float(value)
    case .token(let token): "\(token)"
    case .unary(.stopGradient, let a): scalar(a)
    case .load, .loadToken, .gather, .position, .length, .unary, .binary, .select, .selectToken,
      .number, .equalTokens, .isToken, .random:
      "u\(place)"
    }
  }

  private func scalarText(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .load(let access), .loadToken(let access): return element(access, nil)
    case .gather(let access, let token, let stride):
      let row = CText.step(stride, scalar(token)).map { [$0] } ?? []
      let index = CText.moved(argument(access.argument), steps(access) + row, access.offset)
      return "\(scalar(token)) < 0 ? 0.0f : *(\(index))"
    case .constant(let value): return CText.float(value)
    case .token(let token): return "\(token)"
    case .position(let dim, let plus): return "(float)(i\(dim) + \(plus))"
    case .length(let axis, let plus): return "(float)(\(CText.length(axis)) + \(plus))"
    case .unary(let op, let a): return scalar(op, scalar(a))
    case .binary(let op, let a, let b): return scalar(op, scalar(a), scalar(b))
    case .select(let c, let a, let b), .selectToken(let c, let a, let b):
      return "\(scalar(c)) != 0.0f ? \(scalar(a)) : \(scalar(b))"
    case .number(let a): return "(float)\(scalar(a))"
    case .equalTokens(let a, let b):
      return "\(scalar(a)) == \(scalar(b)) && \(scalar(a)) >= 0 ? 1.0f : 0.0f"
    case .isToken(let token, let dim, let plus):
      return "\(scalar(token)) == i\(dim) + \(plus) ? 1.0f : 0.0f"
    case .random(let op, let draw, let strides):
      let element = strides.enumerated().compactMap { CText.step(Size($1), "i\($0)") }
      let index = element.isEmpty ? "0" : element.joined(separator: " + ")
      return "philox_\(op)(seed, \(draw), 0, 0, (uint32_t)(\(index)))"
    }
  }

  private func scalar(_ op: UnaryOp, _ a: String) -> String {
    switch op {
    case .negate: "-\(a)"
    case .abs: "scalar_absolute(\(a))"
    case .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos: "scalar_\(op)(\(a))"
    case .stopGradient: a
    }
  }

  private func scalar(_ op: BinaryOp, _ a: String, _ b: String) -> String {
    switch op {
    case .add: "\(a) + \(b)"
    case .subtract: "\(a) - \(b)"
    case .multiply: "\(a) * \(b)"
    case .divide: "\(a) / \(b)"
    case .maximum: "scalar_maximum(\(a), \(b))"
    case .minimum: "scalar_minimum(\(a), \(b))"
    case .less: "\(a) < \(b) ? 1.0f : 0.0f"
    case .lessEqual: "\(a) <= \(b) ? 1.0f : 0.0f"
    case .equal: "\(a) == \(b) ? 1.0f : 0.0f"
    case .notEqual: "\(a) != \(b) ? 1.0f : 0.0f"
    }
  }

  // MARK: Vectors

  /// One parameter of the function on lanes: how it is declared there, and what it is given.
  private struct LaneParameter {
    var declaration: String
    var given: String
  }

  private var laneParameters: [LaneParameter] {
    var parameters: [LaneParameter] = []
    var uniform = Set<Int>()
    var needsPlace = false
    for (place, operation) in kernel.operations.enumerated() where varies[place] {
      switch operation {
      case .load(let access):
        parameters.append(
          LaneParameter(declaration: "const float *x\(place)", given: pointer(access, vectorDim))
        )
      case .gather(let access, let token, let stride):
        let row = CText.step(stride, scalar(token)).map { [$0] } ?? []
        let start = CText.moved(argument(access.argument), steps(access) + row, access.offset)
        parameters.append(
          LaneParameter(
            declaration: "const float *x\(place)",
            given: "\(scalar(token)) < 0 ? NULL : \(start)"
          )
        )
      case .unary(_, let a), .number(let a): uniform.insert(a)
      case .binary(_, let a, let b), .equalTokens(let a, let b): uniform.formUnion([a, b])
      case .select(let c, let a, let b), .selectToken(let c, let a, let b):
        uniform.formUnion([c, a, b])
      case .isToken(let token, _, _):
        uniform.insert(token)
        needsPlace = true
      case .loadToken, .constant, .token, .position, .length, .random: continue
      }
    }
    for store in kernel.stores where !varies[store.value] { uniform.insert(store.value) }
    if let fold = kernel.fold, !varies[fold.value] { uniform.insert(fold.value) }
    for place in uniform.sorted() where !varies[place] {
      switch kernel.operations[place] {
      case .constant, .token, .unary(.stopGradient, _): continue
      case .loadToken, .selectToken:
        parameters.append(LaneParameter(declaration: "int32_t u\(place)", given: "u\(place)"))
      case .load, .gather, .position, .length, .unary, .binary, .select, .number, .equalTokens,
        .isToken, .random:
        parameters.append(LaneParameter(declaration: "float u\(place)", given: "u\(place)"))
      }
    }
    if needsPlace, let vectorDim {
      parameters.append(LaneParameter(declaration: "ptrdiff_t at", given: "i\(vectorDim)"))
    }
    for (place, store) in kernel.stores.enumerated() {
      parameters.append(
        LaneParameter(declaration: "float *y\(place)", given: pointer(store.access, vectorDim))
      )
    }
    return parameters
  }

  private func lanesCall(_ lanes: String) -> String {
    let given = [lanes] + laneParameters.map(\.given)
    return "\(name)_lanes(\(given.joined(separator: ", ")))"
  }

  private func emitLanes(into writer: inout CWriter) {
    let result = kernel.fold == nil ? "void" : "vector"
    writer.list(
      "INLINE \(result) \(name)_lanes(",
      ["int lanes"] + laneParameters.map(\.declaration),
      ") {"
    )
    writer.indented { writer in
      for place in kernel.operations.indices where varies[place] {
        if case .unary(.stopGradient, _) = kernel.operations[place] { continue }
        writer.line("const vector v\(place) = \(vectorText(place));")
      }
      for (place, store) in kernel.stores.enumerated() {
        writer.line("store_lanes(y\(place), \(vector(store.value)), lanes);")
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

  private func isLoad(_ place: Int) -> Bool {
    switch kernel.operations[place] {
    case .load, .gather: varies[place]
    case .loadToken, .constant, .token, .position, .length, .unary, .binary, .select,
      .selectToken, .number, .equalTokens, .isToken, .random:
      false
    }
  }

  /// An operation's value as a vector.
  private func vector(_ place: Int) -> String {
    if case .unary(.stopGradient, let a) = kernel.operations[place] { return vector(a) }
    return varies[place] ? "v\(place)" : "splat(\(scalar(place)))"
  }

  private func vectorText(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .load: return "load_lanes(x\(place), lanes)"
    case .gather: return "x\(place) ? load_lanes(x\(place), lanes) : splat(0.0f)"
    case .unary(let op, let a): return vector(op, vector(a))
    case .binary(let op, let a, let b): return vector(op, vector(a), vector(b))
    case .select(let c, let a, let b):
      return "select_lanes(is_true(\(vector(c))), \(vector(a)), \(vector(b)))"
    case .isToken(let token, _, let plus):
      let place = plus == 0 ? "at" : "(at + \(plus))"
      return "one_where(equal_integers(load_integers(lane_numbers), "
        + "splat_integer(\(scalar(token)) - (int32_t)\(place))))"
    case .loadToken, .constant, .token, .position, .length, .selectToken, .number, .equalTokens,
      .random:
      return scalarText(place)
    }
  }

  private func vector(_ op: UnaryOp, _ a: String) -> String {
    switch op {
    case .negate: "negate(\(a))"
    case .abs: "absolute(\(a))"
    case .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos: "vector_\(op)(\(a))"
    case .stopGradient: a
    }
  }

  private func vector(_ op: BinaryOp, _ a: String, _ b: String) -> String {
    switch op {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: "\(op)(\(a), \(b))"
    case .less: "one_where(less(\(a), \(b)))"
    case .lessEqual: "one_where(less_equal(\(a), \(b)))"
    case .equal: "one_where(equal(\(a), \(b)))"
    case .notEqual: "one_where(not_equal(\(a), \(b)))"
    }
  }
}
