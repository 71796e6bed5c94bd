package import GraphIR

/// From which statement to which each buffer of a program is used.
///
/// Statements are counted from 1 in the order they are written, a loop's head as one and its end as
/// another. What is used by a loop and outside it, or keeps its content from turn to turn, lives through
/// the whole loop; where several workers run the program, all that it uses does.
package struct BufferLives {
  /// A loop's first and last statement.
  package struct Loop {
    /// The axis it runs along.
    package var axis: AxisID
    /// `true` iff the last position comes first.
    package var isReverse: Bool
    /// From its head to its end.
    package var range: ClosedRange<Int>
  }

  /// By buffer; nothing for what no statement uses.
  package private(set) var life: [ClosedRange<Int>?]
  /// By buffer that dies where another is born in its place: the other.
  package private(set) var heir: [Int: Int] = [:]
  /// The loops, outer ones before those they hold.
  package private(set) var loops: [Loop] = []
  /// How many statements there are.
  package private(set) var count = 0
  /// `true` iff workers go through loops each at its own pace, so that one may be at another statement
  /// of a step, or at another step, than the next.
  private let areStepsApart: Bool
  /// The kernels by number, to see who may take whose place.
  private var kernels: [(number: Int, call: KernelCall)] = []

  /// Reads the lives off a program.
  package init(_ program: Program) {
    life = Array(repeating: nil, count: program.buffers.count)
    areStepsApart = program.isShared
    // These are filled before the first statement, for every turn of any loop.
    let given = [program.fresh].compactMap { $0 } + program.lengths.map(\.value)
    for buffer in given { life[buffer.index] = 0...0 }
    visit(program.statements)
    for buffer in given where life[buffer.index] == 0...0 { life[buffer.index] = nil }
    for kernel in kernels { succeed(kernel.call, kernel.number, program) }
    kernels = []
  }

  private mutating func visit(_ statements: [Statement]) {
    // Where the loops begin that workers go through at the same time.
    var sideBySide: Int?
    for statement in statements {
      // Barriers are placed when memory is planned: they change nothing of it.
      if case .barrier = statement { continue }
      count += 1
      if case .kernel(let call) = statement { kernels.append((count, call)) }
      if case .loop(let loop) = statement {
        if loop.worker == 0 { sideBySide = count }
        visit(loop)
        if loop.worker == 1, let start = sideBySide { keepAll(from: start) }
      } else {
        statement.pointers.forEach { use($0.buffer.index) }
        if let ends = statement.ends { use(ends.lengths.index) }
      }
    }
  }

  /// Lets all that has been used from a statement on live from there to here.
  private mutating func keepAll(from start: Int) {
    for id in life.indices {
      guard let range = life[id], range.upperBound >= start else { continue }
      life[id] = min(range.lowerBound, start)...count
    }
  }

  private mutating func visit(_ loop: LoopStatement) {
    let (start, place, before) = (count, loops.count, life)
    loops.append(Loop(axis: loop.axis, isReverse: loop.isReverse, range: start...start))
    visit(loop.body)
    count += 1
    loops[place].range = start...count
    var moving = Set<Int>()
    Self.collect(loop.body, loop.id, &moving)
    // Workers meet within pieces as they do outside loops.
    var areStepsApart = areStepsApart
    if case .pieces = loop.span { areStepsApart = false }
    for id in life.indices {
      guard let range = life[id], range.upperBound > start else { continue }
      if areStepsApart || before[id] != nil || moving.contains(id) {
        life[id] = min(range.lowerBound, start)...count
      }
    }
  }

  /// The buffers whose address moves with the loop.
  private static func collect(_ body: [Statement], _ loop: Int, _ found: inout Set<Int>) {
    for statement in body {
      for pointer in statement.pointers
      where pointer.address.terms.contains(where: { $0.index.loop == loop }) {
        found.insert(pointer.buffer.index)
      }
      if case .loop(let inner) = statement { collect(inner.body, loop, &found) }
    }
  }

  private mutating func use(_ id: Int) {
    life[id] = (life[id]?.lowerBound ?? count)...count
  }

  /// Lets a result of a kernel take the place of an operand that nobody reads again, if the kernel reads
  /// and writes the same element of both at each place.
  private mutating func succeed(_ call: KernelCall, _ number: Int, _ program: Program) {
    guard call.kernel.fold == nil, call.onlyIfWanted == nil else { return }
    let uses = BufferUses(call)
    var dying: [BufferUses.Use: [Int]] = [:]
    for id in uses.buffers
    where life[id]?.upperBound == number && program.buffers[id].place == .arena {
      if let place = uses.only(read: id) {
        dying[uses.use(id, place, program), default: []].append(id)
      }
    }
    for id in uses.buffers
    where life[id]?.lowerBound == number && program.buffers[id].place == .arena {
      guard let place = uses.only(written: id) else { continue }
      let use = uses.use(id, place, program)
      guard let parent = dying[use]?.first else { continue }
      dying[use]?.removeFirst()
      heir[parent] = id
    }
  }
}

/// Where a kernel reads and writes each buffer.
struct BufferUses {
  /// An element at each place of the kernel.
  struct Place: Hashable {
    var address: Address
    var strides: [Size]
  }

  /// A place in a buffer, and what else must be alike for one buffer to stand in another's.
  struct Use: Hashable {
    var place: Place
    var extent: Extent
    var holdsTokens: Bool
  }

  /// The buffers, each once, in the order of the arguments.
  private(set) var buffers: [Int] = []
  private var read: [Int: Set<Place?>] = [:]
  private var written: [Int: Set<Place?>] = [:]

  init(_ call: KernelCall) {
    func place(_ access: Access) -> Place {
      let address = call.arguments[access.argument].address
      return Place(
        address: address.adding([Term(Size(access.offset))]),
        strides: access.strides
      )
    }
    for pointer in call.arguments where read[pointer.buffer.index] == nil {
      buffers.append(pointer.buffer.index)
      read[pointer.buffer.index] = []
      written[pointer.buffer.index] = []
    }
    for one in call.kernel.reads {
      let id = call.arguments[one.access.argument].buffer.index
      read[id]?.insert(one.isLookedUp ? nil : place(one.access))
    }
    for store in call.kernel.stores {
      written[call.arguments[store.access.argument].buffer.index]?.insert(place(store.access))
    }
  }

  /// The one place at which a buffer is read; nothing if there are several, or if it is written too.
  func only(read id: Int) -> Place? {
    guard let places = read[id], places.count == 1, written[id]?.isEmpty == true else { return nil }
    return places.first.flatMap { $0 }
  }

  /// The one place at which a buffer is written; nothing if there are several, or if it is read too.
  func only(written id: Int) -> Place? {
    guard let places = written[id], places.count == 1, read[id]?.isEmpty == true else { return nil }
    return places.first.flatMap { $0 }
  }

  func use(_ id: Int, _ place: Place, _ program: Program) -> Use {
    let buffer = program.buffers[id]
    return Use(
      place: place,
      extent: buffer.extent,
      holdsTokens: buffer.holdsTokens
    )
  }
}

extension Term.Index {
  /// The loop it moves with, if any.
  var loop: Int? {
    switch self {
    case .one, .lengthParity: nil
    case .loop(let id), .loopParity(let id): id
    }
  }
}

extension Statement {
  /// What it points to itself; a loop points to nothing, its body does.
  package var pointers: [Pointer] {
    switch self {
    case .kernel(let call): call.arguments
    case .product(let call): [call.a, call.b, call.c]
    case .scatter(let call): [call.token, call.value, call.table]
    case .orthogonalize(let call): [call.matrix]
    case .draw(let call): [call.logits, call.tokens]
    case .requireFinite(let pointers): pointers
    case .loop, .barrier: []
    }
  }
}

extension Kernel {
  /// A place that is read.
  struct Read {
    var access: Access
    /// `true` iff a token says which row, so that any element may be read.
    var isLookedUp: Bool
  }

  /// All that is read.
  var reads: [Read] {
    operations.compactMap {
      switch $0 {
      case .load(let access), .loadToken(let access): Read(access: access, isLookedUp: false)
      case .gather(let access, _, _), .gatherToken(let access, _, _):
        Read(access: access, isLookedUp: true)
      case .line, .index, .constant, .token, .position, .length, .unary, .binary, .select,
        .selectToken, .number, .equalTokens, .isToken, .random:
        nil
      }
    }
  }
}
