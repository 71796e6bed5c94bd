internal import GraphIR
internal import Lowering

/// Writes one kernel as C functions: loops over its dimensions around straight lines of arithmetic.
///
/// If every access moves by one element or none along the last dimension, the arithmetic is on vectors,
/// in a function that is inlined twice: for whole vectors and for the rest of a row. What does not
/// change along that dimension is calculated before its loop.
struct KernelEmitter {
  let kernel: Kernel
  let name: String
  let isFused: Bool
  /// The dimension that vectors lie along; nothing if the arithmetic is on single numbers.
  let vectorDim: Int?
  /// For each operation, whether it changes along that dimension.
  var varies: [Bool]
  /// The rows of memory that lanes move along, in order.
  var laneRows: [LaneRow] = []
  /// For each operation, whether it is a load that one other reads, and so stands where it is read.
  var loadedOnce: [Bool] = []
  var foldDims: Int { kernel.fold?.dims ?? 0 }
  var keptDims: Int { kernel.constants.count - foldDims }

  /// Prepares a kernel; `isFused` in fast mode, where rows are summed in 16 parts if the kernel says so.
  init(_ kernel: Kernel, name: String, isFused: Bool) {
    self.kernel = kernel
    self.name = name
    self.isFused = isFused
    varies = []
    var candidates: [Int] = []
    let last = kernel.constants.count - 1
    if let fold = kernel.fold {
      let kept = kernel.constants.count - fold.dims
      if fold.inParts, isFused {
        candidates.append(last)
      } else if fold.op != nil, kept > 0 {
        candidates.append(kept - 1)
      }
    } else if last >= 0 {
      candidates.append(last)
    }
    vectorDim = candidates.first { kernel.canVectorize(along: $0) }
    varies = kernel.varying(along: vectorDim ?? -1)
    laneRows = findLaneRows()
    loadedOnce = findLoadedOnce()
  }

  // MARK: The functions

  /// What a call passes, in the order of the parameters, for a range of the shared dimension.
  static func arguments(_ call: KernelCall, _ range: CText.Range?, pointers: [String]) -> [String] {
    var arguments: [String] = []
    for (place, constant) in call.kernel.constants.enumerated() {
      if place == call.kernel.shared, let range {
        arguments += [range.first, range.end]
      } else if constant == nil {
        arguments.append(CText.extent(call.extents[place]))
      }
    }
    arguments += call.kernel.lengths.map(CText.length)
    if call.kernel.draws { arguments.append("seed") }
    if call.kernel.countsExamples { arguments.append("first_example") }
    return arguments + pointers
  }

  private var parameters: [String] {
    var parameters: [String] = []
    for (place, constant) in kernel.constants.enumerated() {
      if place == kernel.shared {
        parameters += ["ptrdiff_t first", "ptrdiff_t end"]
      } else if constant == nil {
        parameters.append("ptrdiff_t n\(place)")
      }
    }
    parameters += kernel.lengths.map { "ptrdiff_t " + CText.length($0) }
    if kernel.draws { parameters.append("uint64_t seed") }
    if kernel.countsExamples { parameters.append("uint32_t first_example") }
    return parameters
      + kernel.arguments.indices.map { pointerType(kernel.arguments[$0]) + argument($0) }
  }

  func pointerType(_ argument: Kernel.Argument) -> String {
    (argument.isWritten ? "" : "const ") + (argument.holdsTokens ? "int32_t *" : "float *")
  }

  func argument(_ place: Int) -> String { "p\(place)" }

  /// Where a dimension's loop begins.
  func first(_ dim: Int) -> String { dim == kernel.shared ? "first" : "0" }

  /// Where it ends.
  func end(_ dim: Int) -> String {
    if dim == kernel.shared { return "end" }
    return kernel.constants[dim].map { "\($0)" } ?? "n\(dim)"
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
    func call(_ lanes: String, _ writer: inout CWriter) {
      writer.list("\(name)_lanes(", [lanes] + laneParameters.map(\.given), ");")
    }
    if kernel.constants[dim].map({ $0 % 16 == 0 }) != true {
      writer.line("ptrdiff_t i\(dim) = \(first(dim));")
      writer.block("for (; i\(dim) + LANES <= \(end(dim)); i\(dim) += LANES) {") {
        call("LANES", &$0)
      }
      writer.block("if (i\(dim) < \(end(dim))) {") {
        call("(int)(\(end(dim)) - i\(dim))", &$0)
      }
    } else {
      let head =
        "for (ptrdiff_t i\(dim) = \(first(dim)); i\(dim) < \(end(dim)); i\(dim) += LANES) {"
      writer.block(head) { call("LANES", &$0) }
    }
  }

  // MARK: Loops and addresses

  func loops(
    _ dims: Range<Int>,
    into writer: inout CWriter,
    _ body: (inout CWriter) -> Void
  ) {
    guard let dim = dims.first else { return body(&writer) }
    writer.block("for (ptrdiff_t i\(dim) = \(first(dim)); i\(dim) < \(end(dim)); i\(dim) += 1) {") {
      loops((dim + 1)..<dims.upperBound, into: &$0, body)
    }
  }

  func steps(_ access: Access) -> [String] {
    access.strides.enumerated().compactMap { CText.step($1, "i\($0)") }
  }

  func pointer(_ access: Access, _ dim: Int?) -> String {
    CText.moved(argument(access.argument), steps(access), access.offset)
  }

  func element(_ access: Access, _ dim: Int?) -> String {
    let steps = steps(access)
    if steps.isEmpty { return "\(argument(access.argument))[\(access.offset)]" }
    let index = CText.moved(steps[0], Array(steps.dropFirst()), access.offset)
    return "\(argument(access.argument))[\(index)]"
  }
}
