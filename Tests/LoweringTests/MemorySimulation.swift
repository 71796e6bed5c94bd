import GraphIR
import Lowering

/// Runs a program without numbers: every element of the arena knows which buffer last wrote it.
///
/// A read of an element that another buffer has written since, or that nobody has written, is a fault;
/// so is a statement that reads one buffer and writes another at the same element, unless it is a kernel
/// that does both at the same place of its dimensions, and whatever lies outside the arena.
struct MemorySimulation {
  /// What is wrong, at most a few lines.
  private(set) var faults: [String] = []
  /// How many elements of the arena were read.
  private(set) var reads = 0
  private let program: Program
  /// Where the run is.
  private var now: RunTime
  private var owners: [Int?]

  /// Runs a program at these lengths of the axes.
  init(_ program: Program, lengths: [Int]) {
    self.program = program
    now = RunTime(lengths: lengths)
    owners = Array(repeating: nil, count: program.arenaBytes / 4)
    let given =
      [program.fresh].compactMap { $0 } + program.lengths.sorted { $0.key < $1.key }.map(\.value)
    for fresh in given {
      let count = now.value(program[fresh].extent)
      touch([], (0..<count).compactMap { element(fresh, $0) }, "the call")
    }
    run(program.statements)
  }

  /// An element of the arena and its buffer; nothing of what lives elsewhere.
  private func element(_ buffer: BufferID, _ index: Int) -> (place: Int, buffer: Int)? {
    guard program[buffer].place == .arena else { return nil }
    return (program[buffer].offset / 4 + index, buffer.index)
  }

  /// The offsets that loops visit.
  private func walk(_ loops: [(extent: Int, stride: Int)]) -> [Int] {
    loops.reduce([0]) { offsets, loop in
      offsets.flatMap { offset in (0..<max(0, loop.extent)).map { offset + $0 * loop.stride } }
    }
  }

  private func elements(_ pointer: Pointer, _ loops: [(extent: Int, stride: Int)])
    -> [(place: Int, buffer: Int)]
  {
    let start = now.address(pointer)
    return walk(loops).compactMap { element(pointer.buffer, start + $0) }
  }

  private mutating func touch(
    _ read: [(place: Int, buffer: Int)],
    _ written: [(place: Int, buffer: Int)],
    _ what: String,
    inPlace: Set<Int> = []
  ) {
    var inPlace = inPlace
    var touched: [Int: Int] = [:]
    for (place, buffer) in read {
      reads += 1
      if !owners.indices.contains(place) {
        blame("\(what) reads outside the arena")
      } else if owners[place] != buffer {
        let owner = owners[place].map { program.buffers[$0].name } ?? "nobody"
        blame("\(what) reads \(program.buffers[buffer].name) where \(owner) wrote")
      }
      touched[place] = buffer
    }
    for (place, buffer) in written {
      guard owners.indices.contains(place) else {
        blame("\(what) writes outside the arena")
        continue
      }
      if let other = touched[place], other != buffer, inPlace.remove(place) == nil {
        let names = (program.buffers[other].name, program.buffers[buffer].name)
        blame("\(what) uses \(names.0) and writes \(names.1) at one place")
      }
      touched[place] = buffer
      owners[place] = buffer
    }
  }

  private mutating func blame(_ fault: String) {
    if faults.count < 5 && !faults.contains(fault) { faults.append(fault) }
  }

  private mutating func run(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .kernel(let call): kernel(call)
      case .product(let call): product(call)
      case .scatter(let call):
        func loops(_ stride: (ScatterCall.Loop) -> Size) -> [(extent: Int, stride: Int)] {
          (call.tables + call.loops).map { (now.value($0.extent), now.value(stride($0))) }
        }
        let tables = call.tables.map { (now.value($0.extent), now.value($0.table)) }
        let rows = elements(call.value, loops(\.value) + [(call.width, 1)])
        touch(
          elements(call.token, loops(\.token)) + rows,
          elements(call.table, tables + [(call.rows * call.width, 1)]),
          "a scatter"
        )
      case .orthogonalize(let call):
        let all = elements(
          call.matrix,
          call.loops.map { (now.value($0.extent), now.value($0.stride)) }
            + [(call.count, now.value(call.next)), (call.length, now.value(call.along))]
        )
        touch(all, all, "an orthogonalization")
      case .draw(let call):
        touch(
          elements(call.logits, [(now.lengths[0], now.value(call.row)), (call.count, 1)]),
          elements(call.tokens, [(now.lengths[0], 1)]),
          "a draw"
        )
      case .requireFinite(let pointers):
        for pointer in pointers { touch(elements(pointer, []), [], "a check") }
      case .barrier: continue
      case .loop(let loop):
        for place in now.turns(of: loop) {
          now.enter(loop, at: place)
          run(loop.body)
        }
        now.places[loop.id] = nil
      }
    }
  }

  private mutating func kernel(_ call: KernelCall) {
    let extents = call.extents.map { now.value($0) }
    let places = extents.reduce(1, *)
    func all(_ access: Access) -> [(place: Int, buffer: Int)] {
      var pointer = call.arguments[access.argument]
      pointer.address = pointer.address.adding([Term(Size(access.offset))])
      return elements(pointer, zip(extents, access.strides).map { ($0, now.value($1)) })
    }
    var read: [(place: Int, buffer: Int)] = []
    // By element, at which place of the kernel it is read; -1 if at several.
    var turn: [Int: Int] = [:]
    for operation in call.kernel.operations {
      switch operation {
      case .load(let access), .loadToken(let access):
        let elements = all(access)
        read += elements
        for (at, element) in elements.enumerated() {
          turn[element.place] = turn[element.place] == nil || turn[element.place] == at ? at : -1
        }
      // Which row a token names is known only when numbers are.
      case .gather, .gatherToken, .line, .index: continue
      case .constant, .token, .position, .length, .unary, .binary, .select, .selectToken, .number,
        .equalTokens, .isToken, .random:
        continue
      }
    }
    var written: [(place: Int, buffer: Int)] = []
    var inPlace = Set<Int>()
    for store in call.kernel.stores {
      let elements = all(store.access)
      written += elements
      if elements.count == places {
        for (at, element) in elements.enumerated() where turn[element.place] == at {
          inPlace.insert(element.place)
        }
      }
    }
    if let fold = call.kernel.fold { written += all(fold.access) }
    touch(read, written, "the kernel of \(call.note)", inPlace: inPlace)
  }

  private mutating func product(_ call: ProductCall) {
    func around(_ stride: (ProductCall.Loop) -> Size) -> [(extent: Int, stride: Int)] {
      call.loops.map { (now.value($0.extent), now.value(stride($0))) }
    }
    let (m, n, k) = (now.value(call.m), now.value(call.n), now.value(call.k))
    let a = elements(call.a, around(\.a) + [(m, now.value(call.aRow)), (k, now.value(call.aTerm))])
    let b = elements(call.b, around(\.b) + [(k, now.value(call.bTerm)), (n, 1)])
    touch(a + b, elements(call.c, around(\.c) + [(m, now.value(call.cRow)), (n, 1)]), call.note)
  }
}
