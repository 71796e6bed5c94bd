internal import GraphIR

/// Where along an axis or dimension a value is read.
enum Coordinate: Hashable {
  /// At a kernel dimension's place, plus a constant.
  case dim(Int, plus: Int)
  /// At a constant place, counted from the end of an axis if one is named.
  case fixed(Int, fromEndOf: AxisID?)
}

/// Where a value is read: a coordinate for each of its axes and dimensions.
struct IndexMap: Hashable {
  /// For each axis, in rising order.
  var axes: [AxisCoordinate]
  /// For each dimension.
  var dims: [Coordinate]

  /// An axis and where along it.
  struct AxisCoordinate: Hashable {
    var axis: AxisID
    var coordinate: Coordinate
  }

  /// The coordinate of an axis.
  func coordinate(_ axis: AxisID) -> Coordinate? { axes.first { $0.axis == axis }?.coordinate }

  /// What is needed of it for a value over these axes.
  func over(_ axes: AxisSet) -> IndexMap {
    IndexMap(axes: self.axes.filter { axes.contains($0.axis) }, dims: dims)
  }

  /// The same positions with other coordinates of the dimensions.
  func dims(_ dims: [Coordinate]) -> IndexMap { IndexMap(axes: axes, dims: dims) }
}

extension IndexMap {
  /// Each of these axes at a kernel's dimension, one after the other from `first` on.
  static func coordinates(_ axes: [AxisID], from first: Int = 0) -> [AxisCoordinate] {
    axes.enumerated().map { AxisCoordinate(axis: $1, coordinate: .dim(first + $0, plus: 0)) }
  }

  /// A value over these axes, which are a kernel's first dimensions.
  init(along axes: [AxisID], dims: [Coordinate]) {
    self.init(axes: Self.coordinates(axes).sorted { $0.axis < $1.axis }, dims: dims)
  }
}

/// Collects one kernel's operations and the memory they touch.
struct KernelBuilder {
  let extents: [Extent]
  private let axes: [AxisID?]
  private let program: ProgramBuilder
  private var operations: [Operation] = []
  private var known: [Operation: Int] = [:]
  private var stores: [Kernel.Store] = []
  private var fold: Kernel.Fold?
  private var arguments: [Kernel.Argument] = []
  private var pointers: [Pointer] = []

  /// Starts a kernel over dimensions of these extents, the first of which are, or are parts of, these axes.
  init(extents: [Extent], axes: [AxisID?], program: ProgramBuilder) {
    self.extents = extents
    self.axes = axes
    self.program = program
  }

  /// Adds an operation, or finds the equal one.
  mutating func add(_ operation: Operation) -> Int {
    if let place = known[operation] { return place }
    operations.append(operation)
    known[operation] = operations.count - 1
    return operations.count - 1
  }

  /// Where an element of a view is, as an access of this kernel.
  mutating func access(_ view: View, _ map: IndexMap, isWritten: Bool = false) -> Access {
    var strides = [Size](repeating: .zero, count: extents.count)
    var address = view.pointer.address
    func move(_ stride: Size, _ coordinate: Coordinate) {
      switch coordinate {
      case .dim(let dim, let plus):
        let sum = Address().adding([Term(strides[dim]), Term(stride)])
        // Two strides of one dimension are of one kind: they come from one value's layout.
        strides[dim] = sum.terms.first?.stride ?? Size(sum.offset)
        address = address.adding([Term(stride * plus)])
      case .fixed(let place, let axis):
        address = address.adding([Term(stride * place)])
        if let axis { address = address.adding([Term(stride * program.length(axis))]) }
      }
    }
    for axis in view.axes {
      if let coordinate = map.coordinate(axis.axis) { move(axis.stride, coordinate) }
    }
    for (stride, coordinate) in zip(view.dims, map.dims) { move(stride, coordinate) }
    let pointer = Pointer(buffer: view.pointer.buffer, address: address.withoutOffset)
    let buffer = program.program[pointer.buffer]
    let argument = arguments.indices.first { pointers[$0] == pointer } ?? arguments.count
    if argument == arguments.count {
      pointers.append(pointer)
      arguments.append(
        Kernel.Argument(holdsTokens: buffer.holdsTokens, isWritten: isWritten)
      )
    }
    if isWritten { arguments[argument].isWritten = true }
    return Access(argument: argument, strides: strides, offset: address.offset)
  }

  /// Stores an operation's value.
  mutating func store(_ value: Int, to access: Access, isToken: Bool) {
    stores.append(Kernel.Store(access: access, value: value, isToken: isToken))
  }

  /// Folds an operation's value over the last dimensions.
  mutating func fold(
    _ value: Int,
    _ op: ReduceOp?,
    dims: Int,
    inParts: Bool,
    to access: Access
  ) {
    fold = Kernel.Fold(op: op, value: value, dims: dims, access: access, inParts: inParts)
  }

  /// The finished call, its dimensions merged where memory allows.
  func finish(note: String, origin: SourceSpan, onlyIfWanted: Int? = nil) -> KernelCall {
    let kernel = Kernel(
      constants: extents.map(\.constant),
      operations: operations,
      stores: stores,
      fold: fold,
      arguments: arguments
    )
    if kernel.draws { program.needSeed() }
    var places: [AxisID: AxisPlaces] = [:]
    for (dimension, axis) in axes.enumerated() {
      guard let axis, extents[dimension] == Extent(program.length(axis)) else { continue }
      places[axis] = AxisPlaces(dimension: dimension)
    }
    let call = KernelCall(
      kernel: kernel,
      extents: extents,
      arguments: pointers,
      onlyIfWanted: onlyIfWanted,
      note: note,
      origin: origin,
      axes: AxisSet(axes.compactMap { $0 }),
      places: places
    )
    return call.merged()
  }
}

extension KernelCall {
  /// The call with neighbouring dimensions made one wherever every access walks through both evenly.
  func merged() -> KernelCall {
    var call = self
    var dim = call.extents.count - 2
    // Where rows are summed in parts, a place is in the same part of its row and of all rows in one.
    if kernel.fold?.inParts == true,
      (extents.last?.constant ?? 1) % Contraction.leastInParts != 0
    {
      dim -= 1
    }
    while dim >= 0 {
      call.merge(dim)
      dim -= 1
    }
    // A single run of any length serves calls of other lengths too.
    if call.extents.count == 1 { call.kernel.constants = [nil] }
    return call
  }

  private mutating func merge(_ dim: Int) {
    let inner = extents[dim + 1]
    guard let both = extents[dim].times(inner), !kernel.usesPlace(of: dim),
      !kernel.usesPlace(of: dim + 1)
    else { return }
    if let fold = kernel.fold, dim + 1 == extents.count - fold.dims { return }
    let isEven = kernel.accesses.allSatisfy {
      guard dim + 1 < $0.strides.count else { return true }
      return $0.strides[dim] == $0.strides[dim + 1] * inner.size
    }
    let drawsEvenly = kernel.operations.allSatisfy {
      guard case .random(_, _, let counter) = $0 else { return true }
      return counter.words.allSatisfy { $0.isEven(dim, over: inner.constant) }
    }
    guard isEven, drawsEvenly else { return }
    places = places.mapValues { $0.merging(dim, outer: extents[dim].size, inner: inner.size) }
    extents[dim] = both
    extents.remove(at: dim + 1)
    kernel = kernel.withoutDimension(dim, keeping: dim + 1, constants: extents.map(\.constant))
  }
}

extension CounterWord {
  /// `true` iff a dimension goes on where the next one, of that extent, ends.
  fileprivate func isEven(_ dim: Int, over inner: Int?) -> Bool {
    if dims[dim] == 0 && dims[dim + 1] == 0 { return true }
    guard let inner else { return false }
    return dims[dim] == dims[dim + 1] &* UInt32(truncatingIfNeeded: inner)
  }
}

extension Counter {
  /// The counter without one dimension.
  fileprivate func without(_ dim: Int) -> Counter {
    var counter = self
    counter.element.dims.remove(at: dim)
    counter.position.dims.remove(at: dim)
    counter.row.dims.remove(at: dim)
    return counter
  }
}

extension Kernel {
  /// `true` iff an operation's value depends on where a dimension is, beside memory.
  fileprivate func usesPlace(of dim: Int) -> Bool {
    operations.contains {
      switch $0 {
      case .position(let its, _), .isToken(_, let its, _): its == dim
      case .line(let line): line.dims[dim] != 0
      case .load, .loadToken, .gather, .gatherToken, .index, .constant, .token, .length, .unary,
        .binary, .select,
        .selectToken, .number, .equalTokens, .random:
        false
      }
    }
  }

  /// The kernel with dimension `dim` merged into the one after it, whose strides are kept.
  fileprivate func withoutDimension(_ dim: Int, keeping: Int, constants: [Int?]) -> Kernel {
    func merged(_ access: Access) -> Access {
      guard keeping < access.strides.count else { return access }
      var access = access
      access.strides.remove(at: dim)
      return access
    }
    func renumbered(_ place: Int) -> Int { place > dim ? place - 1 : place }
    var kernel = self
    kernel.constants = constants
    kernel.operations = operations.map {
      switch $0 {
      case .load(let access): .load(merged(access))
      case .loadToken(let access): .loadToken(merged(access))
      case .gather(let access, let token, let stride):
        .gather(merged(access), token: token, stride: stride)
      case .gatherToken(let access, let token, let stride):
        .gatherToken(merged(access), token: token, stride: stride)
      case .line(var line):
        {
          line.dims.remove(at: dim); return .line(line)
        }()
      case .position(let its, let plus): .position(dim: renumbered(its), plus: plus)
      case .isToken(let token, let its, let plus):
        .isToken(token, dim: renumbered(its), plus: plus)
      case .random(let op, let draw, let counter):
        .random(op, draw: draw, counter.without(dim))
      case .index, .constant, .token, .length, .unary, .binary, .select, .selectToken, .number,
        .equalTokens:
        $0
      }
    }
    kernel.stores = stores.map {
      Store(access: merged($0.access), value: $0.value, isToken: $0.isToken)
    }
    if var fold {
      fold.access = merged(fold.access)
      let kept = self.constants.count - fold.dims
      if dim >= kept { fold.dims -= 1 }
      kernel.fold = fold
    }
    return kernel
  }
}
