internal import GraphIR
internal import Lowering

extension KernelEmitter {
  /// Calculates what does not change along the vectors, before their loop.
  func emitUniform(into writer: inout CWriter) {
    for place in kernel.operations.indices where !varies[place] || vectorDim == nil {
      switch kernel.operations[place] {
      case .constant, .token, .unary(.stopGradient, _): continue
      case .loadToken, .gatherToken, .line, .index, .selectToken:
        writer.line("const int32_t u\(place) = \(scalarText(place));")
      case .load, .gather, .position, .length, .unary, .binary, .select, .number, .equalTokens,
        .isToken, .random:
        writer.line("const float u\(place) = \(scalarText(place));")
      }
    }
  }

  /// An operation's value as a single number.
  func scalar(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .constant(let value): CText.float(value)
    case .token(let token): "\(token)"
    case .unary(.stopGradient, let a): scalar(a)
    case .load, .loadToken, .gather, .gatherToken, .line, .index, .position, .length, .unary,
      .binary, .select, .selectToken,
      .number, .equalTokens, .isToken, .random:
      "u\(place)"
    }
  }

  func scalarText(_ place: Int) -> String {
    switch kernel.operations[place] {
    case .load(let access), .loadToken(let access): return element(access, nil)
    case .gather(let access, let token, let stride):
      let row = CText.step(stride, scalar(token)).map { [$0] } ?? []
      let index = CText.moved(argument(access.argument), steps(access) + row, access.offset)
      return "\(scalar(token)) < 0 ? 0.0f : *(\(index))"
    case .gatherToken(let access, let token, let stride):
      let row = CText.step(stride, scalar(token)).map { [$0] } ?? []
      let index = CText.moved(argument(access.argument), steps(access) + row, access.offset)
      return "\(scalar(token)) < 0 ? -1 : *(\(index))"
    case .line(let line):
      let dims = line.dims.enumerated().compactMap { CText.step(Size($1), "i\($0)") }
      let place = CText.moved("0", dims + line.sizes.map { CText.size($0) }, line.plus)
      return "place_on_line(\(place), \(line.divisor), \(CText.size(line.limit)))"
    case .index(let a, let plus): return CText.moved("(int32_t)\(scalar(a))", [], plus)
    case .constant(let value): return CText.float(value)
    case .token(let token): return "\(token)"
    case .position(let dim, let plus):
      return "(float)\(plus == 0 ? "i\(dim)" : "(" + CText.moved("i\(dim)", [], plus) + ")")"
    case .length(let axis, let plus):
      return
        "(float)\(plus == 0 ? CText.length(axis) : "(" + CText.moved(CText.length(axis), [], plus) + ")")"
    case .unary(let op, let a): return scalar(op, scalar(a))
    case .binary(let op, let a, let b): return scalar(op, scalar(a), scalar(b))
    case .select(let c, let a, let b), .selectToken(let c, let a, let b):
      return "\(scalar(c)) != 0.0f ? \(scalar(a)) : \(scalar(b))"
    case .number(let a): return "(float)\(scalar(a))"
    case .equalTokens(let a, let b) where a == b: return "\(scalar(a)) >= 0 ? 1.0f : 0.0f"
    case .equalTokens(let a, let b):
      return "\(scalar(a)) == \(scalar(b)) && \(scalar(a)) >= 0 ? 1.0f : 0.0f"
    case .isToken(let token, let dim, let plus):
      return "\(scalar(token)) == \(CText.moved("i\(dim)", [], plus)) ? 1.0f : 0.0f"
    case .random(let op, let draw, let counter):
      let words = [row(counter), position(counter), word(counter.element)]
      return "philox_\(op)(seed, \(drawText(draw)), \(words.joined(separator: ", ")))"
    }
  }

  /// A draw's number.
  func drawText(_ draw: Int32) -> String { "\(UInt32(bitPattern: draw))u" }

  /// A word of a counter where the loops stand.
  func word(_ word: CounterWord, plus first: String? = nil) -> String {
    var terms = first.map { [$0] } ?? []
    for (dim, factor) in word.dims.enumerated() where factor != 0 {
      terms.append("(uint32_t)i\(dim)" + (factor == 1 ? "" : " * \(factor)u"))
    }
    terms += word.sizes.map { "(uint32_t)(\(CText.size($0)))" }
    if word.plus != 0 || terms.isEmpty { terms.append("\(word.plus)u") }
    return terms.joined(separator: " + ")
  }

  /// The position's word of a counter.
  func position(_ counter: Counter) -> String {
    guard let given = counter.given else { return word(counter.position) }
    let place = "(uint32_t)(int32_t)\(scalar(given.value))"
    return word(
      counter.position,
      plus: given.factor == 1 ? place : place + " * \(given.factor)u"
    )
  }

  /// The example's word of a counter.
  func row(_ counter: Counter) -> String {
    word(counter.row, plus: counter.countsExamples ? "first_example" : nil)
  }

  func scalar(_ op: UnaryOp, _ a: String) -> String {
    switch op {
    case .negate: "-\(a)"
    case .abs: "scalar_absolute(\(a))"
    case .exp, .log, .log1p, .sqrt, .tanh, .sigmoid, .sin, .cos: "scalar_\(op)(\(a))"
    case .stopGradient: a
    }
  }

  func scalar(_ op: BinaryOp, _ a: String, _ b: String) -> String {
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
}
