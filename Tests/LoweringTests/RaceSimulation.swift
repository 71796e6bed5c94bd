import GraphIR
import Lowering

/// Runs a program as several workers would, without numbers, and looks for races.
///
/// Between two barriers workers may be anywhere, so every element remembers who has read and written it
/// since the last: two workers, one of which writes, are a race, however they happened to follow.
struct RaceSimulation {
  /// What is wrong, at most a few lines.
  private(set) var faults: [String] = []
  /// How many elements were touched.
  private(set) var touches = 0
  private let program: Program
  /// Where the run is.
  private var now: RunTime
  private let workers: Int
  /// The worker that goes through the loop at hand alone.
  private var alone: Int?
  /// How many barriers have been passed.
  private var epoch = 1
  /// Where each buffer begins in `memory`: the arena comes first, then all other places.
  private var starts: [Int] = []
  private var memory: [Element] = []

  /// Who has touched an element, and before which barrier.
  private struct Element {
    var writeEpoch = 0
    var writer = 0
    var readEpoch = 0
    var readers = 0
  }

  /// Runs a program at these lengths of the axes.
  init(_ program: Program, lengths: [Int], workers: Int) {
    self.program = program
    now = RunTime(lengths: lengths)
    self.workers = workers
    var end = program.arenaBytes / 4
    var others: [Buffer.Place: Int] = [:]
    for buffer in program.buffers {
      if buffer.place == .arena {
        starts.append(buffer.offset / 4)
      } else if let start = others[buffer.place] {
        starts.append(start)
      } else {
        starts.append(end)
        others[buffer.place] = end
        // Room for the bounds, whatever the lengths are, and for a vector across the end.
        end += 64 * now.value(buffer.extent) + 4096
      }
    }
    memory = Array(repeating: Element(), count: end)
    let given = [program.fresh].compactMap(\.self) + program.lengths.values
    for buffer in given {
      for worker in 0..<workers {
        let rows = positions(.rows(AxisPlaces(dimension: 0)), Extent(lengths[0]), worker)
        let count = now.value(program[buffer].extent) / lengths[0]
        for place in 0..<count {
          for row in rows { touch(buffer, place * lengths[0] + row, worker, true, "the call") }
        }
      }
    }
    run(program.statements)
  }

  /// Which places of a divided dimension a worker has, as the C says.
  private func positions(_ share: Share, _ extent: Extent, _ worker: Int) -> [Int] {
    func range(_ places: Int, _ multiple: Int) -> Range<Int> {
      let parts = (places + multiple - 1) / multiple
      func end(_ number: Int) -> Int {
        min(places, (parts * number + workers - 1) / workers * multiple)
      }
      return end(worker)..<end(worker + 1)
    }
    switch share {
    case .alone: return worker == alone ?? 0 ? Array(0..<now.value(extent)) : []
    case .stretch(_, let multiple): return Array(range(now.value(extent), multiple))
    case .rows(let rows):
      let (own, inner) = (range(now.lengths[0], 1), now.value(rows.inner))
      return (0..<now.value(rows.outer)).flatMap { place in
        let first = place * now.lengths[0]
        return Array((first + own.lowerBound) * inner..<(first + own.upperBound) * inner)
      }
    }
  }

  private mutating func touch(
    _ buffer: BufferID,
    _ index: Int,
    _ worker: Int,
    _ isWritten: Bool,
    _ what: String
  ) {
    let place = starts[buffer.index] + index
    guard memory.indices.contains(place) else {
      return blame("\(what) touches \(program[buffer].name) outside")
    }
    touches += 1
    var element = memory[place]
    let others = ~(1 << worker)
    if element.writeEpoch == epoch && element.writer != worker {
      blame("\(what): \(program[buffer].name) was written by another worker")
    }
    if isWritten {
      if element.readEpoch == epoch && element.readers & others != 0 {
        blame("\(what): \(program[buffer].name) was read by another worker")
      }
      (element.writeEpoch, element.writer) = (epoch, worker)
    } else {
      element.readers = (element.readEpoch == epoch ? element.readers : 0) | 1 << worker
      element.readEpoch = epoch
    }
    memory[place] = element
  }

  private mutating func blame(_ fault: String) {
    if faults.count < 5 && !faults.contains(fault) { faults.append(fault) }
  }

  /// Touches all places of a walk over dimensions.
  private mutating func walk(
    _ pointer: Pointer,
    _ dims: [(positions: [Int], stride: Size)],
    _ worker: Int,
    isWritten: Bool = false,
    _ what: String
  ) {
    var offsets = [now.address(pointer)]
    for dim in dims {
      let stride = now.value(dim.stride)
      if stride == 0 && !dim.positions.isEmpty { continue }
      offsets = offsets.flatMap { offset in dim.positions.map { offset + $0 * stride } }
    }
    for offset in offsets { touch(pointer.buffer, offset, worker, isWritten, what) }
  }

  private mutating func run(_ statements: [Statement]) {
    for statement in statements {
      if case .barrier = statement { epoch += 1 }
      if case .loop(let loop) = statement {
        for place in now.turns(of: loop) {
          now.enter(loop, at: place)
          let around = alone
          alone = loop.worker.map { $0 % workers } ?? around
          run(loop.body)
          alone = around
        }
        now.places[loop.id] = nil
      }
      for worker in 0..<workers where alone == nil || alone == worker { run(statement, worker) }
    }
  }

  /// Touches what a statement looks up of rows' lengths: of a worker's rows where these are divided, else of all.
  private mutating func lookUp(_ ends: RowEnds?, _ share: Share, _ worker: Int) {
    guard let ends, share != .alone || worker == alone ?? 0 else { return }
    let batch = Extent(now.lengths[0])
    let own = positions(.rows(AxisPlaces(dimension: 0)), batch, worker)
    let rows = share.rows == nil ? Array(0..<now.lengths[0]) : own
    walk(Pointer(buffer: ends.lengths), [(rows, .one)], worker, "a walk to the ends of rows")
    for held in ends.held {
      let elements = positions(.rows(held.rows), batch, worker)
      walk(held.before, [(elements, .one)], worker, "a state that is held")
      walk(held.after, [(elements, .one)], worker, isWritten: true, "a state that is held")
    }
  }

  private mutating func run(_ statement: Statement, _ worker: Int) {
    switch statement {
    case .kernel(let call): kernel(call, worker)
    case .product(let call): product(call, worker)
    case .scatter(let call): scatter(call, worker)
    case .orthogonalize(let call) where worker == alone ?? 0:
      let loops = call.loops.map { (Array(0..<now.value($0.extent)), $0.stride) }
      let matrix = [(Array(0..<call.count), call.next), (Array(0..<call.length), call.along)]
      walk(call.matrix, loops + matrix, worker, isWritten: true, "an orthogonalization")
    case .requireFinite(let pointers):
      for pointer in pointers { walk(pointer, [], worker, "a check") }
    case .orthogonalize, .draw, .loop, .barrier: return
    }
  }

  private mutating func kernel(_ call: KernelCall, _ worker: Int) {
    lookUp(call.ends, call.share, worker)
    let all = call.extents.indices.map { dim in
      dim == call.share.dimension
        ? positions(call.share, call.extents[dim], worker) : Array(0..<now.value(call.extents[dim]))
    }
    if call.share == .alone && worker != alone ?? 0 { return }
    func walkAccess(_ access: Access, isWritten: Bool, lookup: Size?) {
      var pointer = call.arguments[access.argument]
      pointer.address = pointer.address.adding([Term(Size(access.offset))])
      var dims = Array(zip(all, access.strides)).map { (positions: $0, stride: $1) }
      if let lookup, now.value(lookup) > 0 {
        // Any row may be named, as far as the next longer stride or the buffer goes.
        let step = now.value(lookup)
        let others = access.strides.map { now.value($0) }.filter { $0 > step }
        let reach = zip(all, access.strides).reduce(0) { sum, dim in
          now.value(dim.1) < step ? sum + (dim.0.last ?? 0) * now.value(dim.1) : sum
        }
        let room = now.value(program[pointer.buffer].extent) - now.address(pointer) - reach
        let count = others.min().map { $0 / step } ?? (room + step - 1) / step
        dims.append((Array(0..<max(1, count)), lookup))
      }
      walk(pointer, dims, worker, isWritten: isWritten, "the kernel of \(call.note)")
    }
    if all.contains(where: \.isEmpty) { return }
    for operation in call.kernel.operations {
      switch operation {
      case .load(let access), .loadToken(let access):
        walkAccess(access, isWritten: false, lookup: nil)
      case .gather(let access, _, let stride), .gatherToken(let access, _, let stride):
        walkAccess(access, isWritten: false, lookup: stride)
      case .line, .index, .constant, .token, .position, .length, .unary, .binary, .select,
        .selectToken, .number, .equalTokens, .isToken, .random:
        continue
      }
    }
    for store in call.kernel.stores { walkAccess(store.access, isWritten: true, lookup: nil) }
    if let fold = call.kernel.fold { walkAccess(fold.access, isWritten: true, lookup: nil) }
  }

  private mutating func product(_ call: ProductCall, _ worker: Int) {
    lookUp(call.ends, call.share, worker)
    if call.share == .alone && worker != alone ?? 0 { return }
    func dimension(_ number: Int) -> [Int] {
      let extent = call.extent(number)
      return number == call.share.dimension
        ? positions(call.share, extent, worker) : Array(0..<now.value(extent))
    }
    func loops(_ stride: (ProductCall.Loop) -> Size) -> [(positions: [Int], stride: Size)] {
      call.loops.enumerated().map { (dimension($0), stride($1)) }
    }
    let (m, n, k) = (
      dimension(call.rowDimension), dimension(call.columnDimension), Array(0..<now.value(call.k))
    )
    if m.isEmpty || n.isEmpty || loops(\.a).contains(where: \.positions.isEmpty) { return }
    // Whole vectors of b.
    let vectors = Array(n[0]..<n[0] + (n.count + 15) / 16 * 16)
    walk(call.a, loops(\.a) + [(m, call.aRow), (k, call.aTerm)], worker, call.note)
    walk(call.b, loops(\.b) + [(k, call.bTerm), (vectors, .one)], worker, call.note)
    walk(call.c, loops(\.c) + [(m, call.cRow), (n, .one)], worker, isWritten: true, call.note)
  }

  private mutating func scatter(_ call: ScatterCall, _ worker: Int) {
    if call.share == .alone && worker != alone ?? 0 { return }
    func loops(_ stride: (ScatterCall.Loop) -> Size) -> [(positions: [Int], stride: Size)] {
      (call.tables + call.loops).enumerated().map { place, loop in
        let isDivided = place == call.share.dimension && place < call.tables.count
        return (
          isDivided
            ? positions(call.share, loop.extent, worker) : Array(0..<now.value(loop.extent)),
          stride(loop)
        )
      }
    }
    let columns =
      call.share.dimension == call.tables.count
      ? positions(call.share, Extent(call.width), worker) : Array(0..<call.width)
    walk(call.token, loops(\.token), worker, "a scatter")
    walk(call.value, loops(\.value) + [(columns, .one)], worker, "a scatter")
    let rows = [(positions: Array(0..<call.rows), stride: Size(call.width)), (columns, .one)]
    walk(call.table, loops(\.table) + rows, worker, isWritten: true, "a scatter")
  }
}
