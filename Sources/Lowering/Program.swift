package import GraphIR

// A program is what one entry does: statements over buffers, loops over time among them. A loop may
// hold the steps of any scans in any order; nothing here assumes that one scan ends before the next
// begins, so that steps can be run in chunks through several scans.

/// A number of a buffer in its program.
package struct BufferID: Hashable, Sendable {
  /// The place in the table.
  package var index: Int

  /// Names a buffer by its place.
  package init(_ index: Int) { self.index = index }
}

/// A piece of memory that statements read and write.
package struct Buffer: Hashable, Sendable {
  /// Where it is.
  package enum Place: Hashable, Sendable {
    /// In the arena; the offset is planned last.
    case arena
    /// A variable, in its block.
    case variable(VariableID)
    /// A weight's second form: its columns one after the other, each padded to `stride`.
    case columns(VariableID, stride: Int)
    /// A weight's second form in panels of columns, each panel's terms one after the other.
    case panels(VariableID, StoredForm)
    /// Given by the caller, in the boundary's layout.
    case input(Int)
    /// Wanted by the caller, in the boundary's layout.
    case output(Int)
  }

  /// What it holds, for the reader.
  package var name: String
  /// Where it is.
  package var place: Place
  /// `true` iff it holds tokens, as 32-bit integers; else floats.
  package var holdsTokens: Bool
  /// How many elements it has.
  package var extent: Extent
  /// What it holds beyond that, in elements: a scan's first states.
  package var beyond = Size.zero
  /// The first byte in the arena.
  package var offset = 0

  /// Describes a piece of memory.
  package init(
    name: String,
    place: Place,
    holdsTokens: Bool,
    extent: Extent,
    beyond: Size = .zero,
    offset: Int = 0
  ) {
    self.name = name
    self.place = place
    self.holdsTokens = holdsTokens
    self.extent = extent
    self.beyond = beyond
    self.offset = offset
  }
}

/// A place in a buffer.
package struct Pointer: Hashable, Sendable {
  /// The buffer.
  package var buffer: BufferID
  /// The element.
  package var address: Address

  /// A place in a buffer.
  package init(buffer: BufferID, address: Address = Address()) {
    self.buffer = buffer
    self.address = address
  }
}

/// A product: c[m, n] = sum over k of a[m, k] b[k, n], in the order of k.
package struct ProductCall: Hashable, Sendable {
  /// A loop around the product.
  package struct Loop: Hashable, Sendable {
    /// How often.
    package var extent: Extent
    /// How far the first operand moves at each turn.
    package var a: Size
    /// How far the second operand moves at each turn.
    package var b: Size
    /// How far the result moves at each turn; it is added to when this is 0 and `accumulates`.
    package var c: Size
    /// `true` iff later turns add to what the first left.
    package var accumulates: Bool
  }

  /// Loops around the product, the outermost first.
  package var loops: [Loop]
  /// The rows.
  package var m: Extent
  /// The columns, next to each other in b and c.
  package var n: Extent
  /// The terms of each sum.
  package var k: Extent
  /// The first operand.
  package var a: Pointer
  /// From row to row of it.
  package var aRow: Size
  /// From term to term of it.
  package var aTerm: Size
  /// The second operand.
  package var b: Pointer
  /// From term to term of it; of panels, as if they were one.
  package var bTerm: Size
  /// How the second operand is stored, if it is a weight in panels.
  package var panels: StoredForm?
  /// The result.
  package var c: Pointer
  /// From row to row of it.
  package var cRow: Size
  /// What is multiplied, for the reader.
  package var note: String
  /// Where it was written.
  package var origin: SourceSpan
  /// Where its dimensions hold the positions of axes.
  package var places: [AxisID: AxisPlaces] = [:]
  /// `true` iff the sums go on from what the result holds.
  package var goesOn = false
  /// How workers divide it.
  package var share = Share.alone
  /// Where its rows end; or where its terms do, if those hold the positions.
  package var ends: RowEnds?
}

/// A kernel applied to memory.
package struct KernelCall: Hashable, Sendable {
  /// What is done.
  package var kernel: Kernel
  /// How far each dimension goes.
  package var extents: [Extent]
  /// What its arguments point to.
  package var arguments: [Pointer]
  /// The output that must be wanted for the call to be made.
  package var onlyIfWanted: Int?
  /// What it computes, for the reader.
  package var note: String
  /// Where it was written.
  package var origin: SourceSpan
  /// The axes that its dimensions go along, or along parts of.
  package var axes = AxisSet.none
  /// Where its dimensions hold the positions of axes.
  package var places: [AxisID: AxisPlaces] = [:]
  /// How workers divide it.
  package var share = Share.alone
  /// Where its rows end.
  package var ends: RowEnds?
}

/// Rows of values added into the rows of a table that tokens name.
package struct ScatterCall: Hashable, Sendable {
  /// Loops over positions, in index order: extent and strides of the token, value and table.
  package struct Loop: Hashable, Sendable {
    /// The axis.
    package var axis: AxisID
    /// How often.
    package var extent: Extent
    /// How far the token moves.
    package var token: Size
    /// How far the value moves.
    package var value: Size
    /// How far the table moves; 0 where positions share one.
    package var table: Size
  }

  /// The positions that have a table of their own, the outermost first.
  package var tables: [Loop]
  /// The positions that share one, the outermost first.
  package var loops: [Loop]
  /// The tokens.
  package var token: Pointer
  /// The values; each position has a dense row.
  package var value: Pointer
  /// The first table; each is zeroed first.
  package var table: Pointer
  /// How many rows the table has.
  package var rows: Int
  /// How long a row is.
  package var width: Int
  /// Where it was written.
  package var origin: SourceSpan
  /// `true` iff the tables are added to as they are.
  package var goesOn = false
  /// How workers divide it.
  package var share = Share.alone
}

/// Matrices made perpendicular, in place.
package struct OrthogonalizeCall: Hashable, Sendable {
  /// A loop over matrices.
  package struct Loop: Hashable, Sendable {
    /// How often.
    package var extent: Extent
    /// From matrix to matrix.
    package var stride: Size
  }

  /// Over the matrices, the outermost first.
  package var loops: [Loop]
  /// The first matrix.
  package var matrix: Pointer
  /// How many vectors a matrix has: its rows, or its columns where they are fewer.
  package var count: Int
  /// From vector to vector.
  package var next: Size
  /// How long a vector is.
  package var length: Int
  /// From element to element of a vector.
  package var along: Size
  /// Where it was written.
  package var origin: SourceSpan
}

/// Tokens drawn from logits, one for each row of the batch.
package struct DrawCall: Hashable, Sendable {
  /// The logits of the first row.
  package var logits: Pointer
  /// From row to row.
  package var row: Size
  /// How many tokens there are.
  package var count: Int
  /// The first token; they follow each other.
  package var tokens: Pointer
}

/// The pieces in which a program goes along an axis, one after the other.
package struct Piece: Hashable, Sendable {
  /// How many positions a piece has; the last may have fewer.
  package var steps: Int
  /// Where sizes name axes, how many positions the piece at hand has.
  package var length: AxisID
  /// Where sizes name axes, the first position of the piece at hand.
  package var start: AxisID

  /// Pieces of so many positions, with names behind those of any graph's axes.
  package init(steps: Int, number: Int) {
    self.steps = steps
    length = AxisID(63 - 2 * number)
    start = AxisID(62 - 2 * number)
  }

  /// How many axes a program may go along in pieces.
  package static let most = 2
  /// How many axes a graph may have so that there are names for pieces.
  package static let mostAxes = 64 - 2 * most
}

extension AxisID {
  /// What it is called if it stands for a piece's length or start.
  package var pieceName: String? {
    guard index >= Piece.mostAxes else { return nil }
    return (index % 2 == 1 ? "piece" : "start") + "\((63 - index) / 2)"
  }
}

/// Steps along an axis.
package struct LoopStatement: Hashable, Sendable {
  /// What the turns are.
  package enum Span: Hashable, Sendable {
    /// The positions of the axis.
    case axis
    /// The pieces of the axis.
    case pieces(Piece)
    /// The positions of the piece at hand, from 0.
    case piece(Piece)
  }

  /// The loop's number, by which addresses know it.
  package var id: Int
  /// The axis.
  package var axis: AxisID
  /// What the turns are.
  package var span = Span.axis
  /// `true` iff the last position comes first.
  package var isReverse: Bool
  /// How many steps one turn takes; the rest are taken one by one.
  package var stepsPerTurn: Int
  /// The states that go from step to step.
  package var states: [ScanState] = []
  /// The worker, of as many as there are, that goes through it alone while another goes through its neighbour.
  package var worker: Int?
  /// One step.
  package var body: [Statement]
}

/// One thing a program does.
package indirect enum Statement: Hashable, Sendable {
  /// Element by element, or a reduction.
  case kernel(KernelCall)
  /// A matrix product.
  case product(ProductCall)
  /// Rows added into a table.
  case scatter(ScatterCall)
  /// Matrices made perpendicular.
  case orthogonalize(OrthogonalizeCall)
  /// Tokens drawn.
  case draw(DrawCall)
  /// Steps along an axis.
  case loop(LoopStatement)
  /// Ends the call with a status unless these numbers are finite; only stores follow.
  case requireFinite([Pointer])
  /// Workers wait here until all of them have come.
  case barrier
}

extension Statement {
  /// The statement with other pointers, in a loop's body too.
  func mappingPointers(_ change: (Pointer) -> Pointer) -> Statement {
    switch self {
    case .kernel(var call):
      call.arguments = call.arguments.map(change)
      return .kernel(call)
    case .product(var call):
      (call.a, call.b, call.c) = (change(call.a), change(call.b), change(call.c))
      return .product(call)
    case .scatter(var call):
      (call.token, call.value, call.table) = (
        change(call.token), change(call.value), change(call.table)
      )
      return .scatter(call)
    case .orthogonalize(var call):
      call.matrix = change(call.matrix)
      return .orthogonalize(call)
    case .draw(var call):
      (call.logits, call.tokens) = (change(call.logits), change(call.tokens))
      return .draw(call)
    case .requireFinite(let pointers): return .requireFinite(pointers.map(change))
    case .loop(var loop):
      loop.body = loop.body.map { $0.mappingPointers(change) }
      return .loop(loop)
    case .barrier: return self
    }
  }
}

/// An array that the caller gives or wants.
package struct BoundaryArray: Hashable, Sendable {
  /// What it is for.
  package enum Role: Hashable, Sendable {
    /// An input or target, by variable.
    case variable(VariableID)
    /// An output of the definition.
    case output
    /// The loss, or a metric, sum or count.
    case loss
    /// A gradient.
    case gradient
    /// The seed.
    case seed
  }

  /// What the caller knows it by.
  package var name: String
  /// What it is for.
  package var role: Role
  /// What it holds; axes with run-time lengths by the call's lengths.
  package var type: ValueType

  /// Describes an array.
  package init(name: String, role: Role, type: ValueType) {
    self.name = name
    self.role = role
    self.type = type
  }
}

/// What one entry does.
package struct Program: Hashable, Sendable {
  /// Which entry.
  package var entry: Entry
  /// The memory it uses.
  package var buffers: [Buffer] = []
  /// What it is given.
  package var inputs: [BoundaryArray] = []
  /// What it gives.
  package var outputs: [BoundaryArray] = []
  /// What it does.
  package var statements: [Statement] = []
  /// The axes that something runs over, whether or not an array at the boundary does.
  package var axes = AxisSet.none
  /// The axes whose lengths no call gives: loops go to the bound, and lengths stand in the state.
  package var keptAxes = AxisSet.none
  /// The variables that it leaves behind.
  package var stored: [VariableID] = []
  /// Where rows' own lengths of axes stand as numbers; the entry fills them.
  package var lengths: [AxisID: BufferID] = [:]
  /// `true` iff rows may have lengths of their own.
  package var isMasked = false
  /// Where the flags that call rows fresh stand as numbers; the entry fills it from its input.
  package var fresh: BufferID?
  /// The pieces in which it goes along axes.
  package var pieces: [Piece] = []
  /// The axes that must have exactly their bounds' lengths, since their places are written out.
  package var exactAxes: Set<AxisID> = []
  /// `true` iff it is there to be held against the entry's own program: every step is written out.
  package var isWrittenOut = false
  /// The bytes of arena it needs.
  package var arenaBytes = 0

  /// An entry that does nothing yet.
  package init(entry: Entry) { self.entry = entry }

  /// A size when every axis has its bound; past any memory, some size that is past it too.
  package func greatest(_ size: Size, in graph: Graph) -> Int {
    size.lengths.reduce(size.constant) { product, axis in
      let piece = pieces.first { $0.length == axis }
      let bound = piece?.steps ?? (axis.pieceName == nil ? graph[axis].bound ?? 1 : 1)
      let (next, overflow) = product.multipliedReportingOverflow(by: bound)
      return overflow || next > 1 << 48 ? 1 << 48 : next
    }
  }

  /// How many elements a buffer takes when every axis has its bound.
  func greatestElements(of buffer: Buffer, in graph: Graph) -> Int {
    greatest(buffer.extent.size, in: graph) + greatest(buffer.beyond, in: graph)
  }

  /// `true` iff something is drawn, so that the caller gives a seed.
  package var needsSeed: Bool { inputs.contains { $0.role == .seed } }

  /// A buffer.
  package subscript(_ id: BufferID) -> Buffer {
    get { buffers[id.index] }
    set { buffers[id.index] = newValue }
  }
}

extension Program {
  /// Gives two programs of one entry the same inputs, since one interface serves both: what passes found
  /// to be of no use to one may be of use to the other.
  package static func unite(_ a: inout Program, _ b: inout Program) {
    var all = a.inputs + b.inputs.filter { !a.inputs.contains($0) }
    func order(_ array: BoundaryArray) -> Int {
      if case .variable(let id) = array.role { Int(id.index) } else { .max }
    }
    all.sort { order($0) < order($1) }
    a.renumber(all)
    b.renumber(all)
  }

  private mutating func renumber(_ all: [BoundaryArray]) {
    for index in buffers.indices {
      guard case .input(let old) = buffers[index].place,
        let new = all.firstIndex(of: inputs[old])
      else { continue }
      buffers[index].place = .input(new)
    }
    inputs = all
  }
}
