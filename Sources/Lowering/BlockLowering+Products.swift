internal import GraphIR

extension BlockLowering {
  /// One direction a product runs in: how far, and how the operands and the result move with it.
  private struct Direction {
    var extent: Extent
    var a: Size
    var b: Size
    var c: Size
    /// Where it holds the positions of axes, as dimension 0.
    var places: [AxisID: AxisPlaces] = [:]
  }

  /// A contraction as products of matrices.
  ///
  /// Rows come from one operand, columns from the other; what both have is a loop around. The columns are the result's last dimension, next to each other.
  func product(_ id: ValueID, _ contraction: Contraction) throws(Diagnostic) -> [Statement] {
    let operands = Array(block.operands(id))
    let result = try requiredView(id)
    let (left, right) = (operands[0], operands[1])
    let leftRest = rest(left, contraction.left.dims)
    let rightRest = rest(right, contraction.right.dims)
    // Columns are next to each other in the result, so they are of the operand that ends its shape;
    // where none does, rows are better of the operand that runs over more axes.
    let isSwapped =
      rightRest.isEmpty
      && (!leftRest.isEmpty || block.type(left).axes.count < block.type(right).axes.count)
    let (a, b) = isSwapped ? (right, left) : (left, right)
    let (aDims, bDims) =
      isSwapped
      ? (contraction.right.dims, contraction.left.dims)
      : (contraction.left.dims, contraction.right.dims)
    let (aRest, bRest) = isSwapped ? (rightRest, leftRest) : (leftRest, rightRest)
    let aView = try requiredView(a, isStaged: true)
    let bView = try requiredView(b, isStaged: true)
    var statements: [Statement] = []
    // In the result stand the first operand's dimensions, then the second's.
    let cA = Array(isSwapped ? result.dims.suffix(aRest.count) : result.dims.prefix(aRest.count))
    let cB = Array(isSwapped ? result.dims.prefix(bRest.count) : result.dims.suffix(bRest.count))

    let aType = block.type(a)
    let bType = block.type(b)
    var rows: [Direction] = []
    var columns: [Direction] = []
    var around: [Direction] = []
    for axis in block.type(id).axes.layout {
      let direction = Direction(
        extent: Extent(builder.length(axis)),
        a: aView.stride(axis) ?? .zero,
        b: bView.stride(axis) ?? .zero,
        c: result.stride(axis) ?? .zero,
        places: [axis: AxisPlaces(dimension: 0)]
      )
      if bType.axes.contains(axis) {
        around.append(direction)
      } else {
        rows.append(direction)
      }
    }
    for (place, dim) in aRest.enumerated() {
      rows.append(
        Direction(extent: Extent(aType.shape[dim]), a: aView.dims[dim], b: .zero, c: cA[place])
      )
    }
    for (place, dim) in bRest.enumerated() {
      columns.append(
        Direction(extent: Extent(bType.shape[dim]), a: .zero, b: bView.dims[dim], c: cB[place])
      )
    }
    var terms: [Direction] = contraction.axes.layout.map {
      Direction(
        extent: Extent(builder.length($0)),
        a: aView.stride($0) ?? .zero,
        b: bView.stride($0) ?? .zero,
        c: .zero,
        places: [$0: AxisPlaces(dimension: 0)]
      )
    }
    for place in aDims.indices {
      terms.append(
        Direction(
          extent: Extent(aType.shape[aDims[place]]),
          a: aView.dims[aDims[place]],
          b: bView.dims[bDims[place]],
          c: .zero
        )
      )
    }

    // Columns must be next to each other: a weight has a second form, anything else is copied.
    var bPointer = bView.pointer
    var panels: StoredForm?
    if let column = columns.last, column.b != .one {
      if bRest.count == 1, bDims.count == 1,
        let pointer = builder.panels(of: bView, shape: bType.shape, rows: bRest[0])
      {
        let count = bType.shape[bRest[0]]
        bPointer = pointer
        panels = builder.stored
        columns[0].b = .one
        terms[terms.count - 1].b = Size(TurnedForms.padded(count))
      } else if let second = builder.columns(of: bView), bRest.count == 1, bDims.count == 1 {
        bPointer = second.pointer
        columns[0].b = .one
        terms[terms.count - 1].b = second.dims[bDims[0]]
      } else {
        let copied = try turned(Turned(id: b, order: bDims + bRest), into: &statements) {
          () throws(Diagnostic) in try turnedCopy(b, bView, bDims + bRest)
        }
        bPointer = copied.pointer
        for (place, dim) in bRest.enumerated() { columns[place].b = copied.dims[dim] }
        for (place, dim) in bDims.enumerated() {
          terms[terms.count - bDims.count + place].b = copied.dims[dim]
        }
        for place in around.indices { around[place].b = .zero }
        for (place, axis) in block.type(id).axes.layout.filter({ bType.axes.contains($0) })
          .enumerated()
        {
          around[place].b = copied.stride(axis) ?? .zero
        }
        for (place, axis) in contraction.axes.layout.enumerated() {
          terms[place].b = copied.stride(axis) ?? .zero
        }
      }
    }
    let n = merged(columns)
    let m = merged(rows)
    let k = merged(terms)
    guard n.count <= 1 else {
      throw Diagnostic(
        .unsupported,
        "a product whose columns are not next to each other",
        at: block[id].origin
      )
    }
    let one = Direction(extent: Extent(1), a: .zero, b: .zero, c: .zero)
    let row = m.last ?? one
    let term = k.last ?? one
    let column = n.last ?? Direction(extent: Extent(1), a: .zero, b: .one, c: .one)
    let outer = merged(around) + m.dropLast()
    let loops =
      outer.map {
        ProductCall.Loop(extent: $0.extent, a: $0.a, b: $0.b, c: $0.c, accumulates: false)
      }
      + k.dropLast().map {
        ProductCall.Loop(extent: $0.extent, a: $0.a, b: $0.b, c: .zero, accumulates: true)
      }
    var places: [AxisID: AxisPlaces] = [:]
    for (dimension, direction) in (outer + k.dropLast() + [row, column, term]).enumerated() {
      places.merge(direction.places.mapValues { $0.at(dimension) }) { $1 }
    }
    statements.append(
      .product(
        ProductCall(
          loops: loops,
          m: row.extent,
          n: column.extent,
          k: term.extent,
          a: aView.pointer,
          aRow: row.a,
          aTerm: term.a,
          b: bPointer,
          bTerm: term.b,
          panels: panels,
          c: result.pointer,
          cRow: row.c,
          note: note(id, left, right),
          origin: block[id].origin,
          places: places
        )
      )
    )
    return statements
  }

  /// A contraction to one element as the sum of a row.
  func dot(_ id: ValueID, _ contraction: Contraction) throws(Diagnostic) -> KernelCall {
    let operands = Array(block.operands(id))
    let axes = block.type(id).axes.layout
    let terms = block.type(operands[0]).shape[contraction.left.dims[0]]
    var kernel = KernelBuilder(
      extents: axes.map { Extent(builder.length($0)) } + [Extent(terms)],
      axes: axes,
      program: builder
    )
    func map(rank: Int, contracted: Int?) -> IndexMap {
      IndexMap(
        along: axes,
        dims: (0..<rank).map {
          $0 == contracted ? .dim(axes.count, plus: 0) : .fixed(0, fromEndOf: nil)
        }
      )
    }
    var known: [Reading: Int] = [:]
    var factors: [Int] = []
    for (operand, dim) in zip(operands, [contraction.left.dims[0], contraction.right.dims[0]]) {
      let map = map(rank: block.type(operand).shape.rank, contracted: dim)
      factors.append(try calculate(operand, map, plan.level[Int(id.index)], &kernel, &known))
    }
    let product = kernel.add(.binary(.multiply, factors[0], factors[1]))
    let target = map(rank: block.type(id).shape.rank, contracted: nil)
    let access = kernel.access(try requiredView(id), target, isWritten: true)
    kernel.fold(product, .sum, dims: 1, inParts: true, to: access)
    return kernel.finish(note: note(id, operands[0], operands[1]), origin: block[id].origin)
  }

  private func note(_ id: ValueID, _ left: ValueID, _ right: ValueID) -> String {
    let name = block.name(id)
    return (name.isEmpty ? "" : name + " = ") + self.name(left) + " @ " + self.name(right)
  }

  private func rest(_ id: ValueID, _ contracted: [Int]) -> [Int] {
    (0..<block.type(id).shape.rank).filter { !contracted.contains($0) }
  }

  /// Neighbouring directions made one wherever both operands and the result walk through evenly.
  private func merged(_ directions: [Direction]) -> [Direction] {
    var merged: [Direction] = []
    for direction in directions {
      if let outer = merged.last, let both = outer.extent.times(direction.extent),
        outer.a == direction.a * direction.extent.size,
        outer.b == direction.b * direction.extent.size,
        outer.c == direction.c * direction.extent.size
      {
        let places = outer.places.merging(direction.places.mapValues { $0.at(1) }) { $1 }
          .mapValues {
            $0.merging(0, outer: outer.extent.size, inner: direction.extent.size)
          }
        merged[merged.count - 1] = Direction(
          extent: both,
          a: direction.a,
          b: direction.b,
          c: direction.c,
          places: places
        )
      } else {
        merged.append(direction)
      }
    }
    return merged
  }

  /// A copy of an operand whose dimensions are laid out in this order.
  private func turnedCopy(_ id: ValueID, _ view: View, _ order: [Int])
    throws(Diagnostic) -> (statement: Statement, view: View)
  {
    let type = block.type(id)
    guard let shape = Shape(order.map { type.shape[$0] }) else { throw bug("a turned shape", id) }
    let copy = builder.temporary(type.shaped(shape), name(id) + ", turned")
    var dims = [Size](repeating: .zero, count: order.count)
    for (place, dim) in order.enumerated() { dims[dim] = copy.dims[place] }
    let target = View(pointer: copy.pointer, axes: copy.axes, dims: dims)
    let axes = type.axes.layout
    var kernel = KernelBuilder(
      extents: axes.map { Extent(builder.length($0)) } + order.map { Extent(type.shape[$0]) },
      axes: axes,
      program: builder
    )
    var coordinates = [Coordinate](repeating: .fixed(0, fromEndOf: nil), count: order.count)
    for (place, dim) in order.enumerated() { coordinates[dim] = .dim(axes.count + place, plus: 0) }
    let map = IndexMap(along: axes, dims: coordinates)
    let read = kernel.access(view, map)
    let value = kernel.add(.load(read))
    kernel.store(value, to: kernel.access(target, map, isWritten: true), isToken: false)
    let note = name(id) + ", turned"
    return (.kernel(kernel.finish(note: note, origin: block[id].origin)), target)
  }

  /// Rows added into the rows of a table that tokens name.
  func scatter(_ id: ValueID, _ rows: Int, _ axes: AxisSet) throws(Diagnostic) -> ScatterCall {
    let operands = Array(block.operands(id))
    let (token, value) = (try requiredView(operands[0]), try requiredView(operands[1]))
    let (table, type) = (try requiredView(id), block.type(id))
    func loop(_ axis: AxisID) -> ScatterCall.Loop {
      ScatterCall.Loop(
        axis: axis,
        extent: Extent(builder.length(axis)),
        token: token.stride(axis) ?? .zero,
        value: value.stride(axis) ?? .zero,
        table: table.stride(axis) ?? .zero
      )
    }
    let tables = type.axes.layout
    return ScatterCall(
      tables: tables.map(loop),
      loops: axes.layout.map(loop),
      token: token.pointer,
      value: value.pointer,
      table: table.pointer,
      rows: rows,
      width: type.shape.count / rows,
      origin: block[id].origin
    )
  }

  /// A copy of matrices, whose vectors are then made perpendicular in place.
  func orthogonalize(_ id: ValueID) throws(Diagnostic) -> [Statement] {
    let type = block.type(id)
    let (level, view) = (plan.level[Int(id.index)], try requiredView(id))
    let copy = StoreTask(
      level: level,
      value: block.operands(id).first,
      domain: domain(type),
      view: view,
      origin: block[id].origin,
      name: name(id)
    )
    let areRows = type.shape[0] <= type.shape[1]
    let call = OrthogonalizeCall(
      loops: type.axes.layout.map {
        OrthogonalizeCall.Loop(
          extent: Extent(builder.length($0)),
          stride: view.stride($0) ?? .zero
        )
      },
      matrix: view.pointer,
      count: type.shape[areRows ? 0 : 1],
      next: view.dims[areRows ? 0 : 1],
      length: type.shape[areRows ? 1 : 0],
      along: view.dims[areRows ? 1 : 0],
      origin: block[id].origin
    )
    return try kernels([copy], level: level) + [.orthogonalize(call)]
  }

  /// A token for each row of the batch.
  func draw(_ id: ValueID) throws(Diagnostic) -> DrawCall {
    let operand = block.operands(id)[block.operands(id).startIndex]
    let view = try requiredView(operand)
    let type = block.type(operand)
    guard type.axes == .batch else {
      throw Diagnostic(
        .unsupported,
        "a draw along an axis beside the generated one",
        at: block[id].origin
      )
    }
    return DrawCall(
      logits: view.pointer,
      row: view.stride(.batch) ?? .zero,
      count: type.shape[0],
      tokens: try requiredView(id).pointer
    )
  }
}
