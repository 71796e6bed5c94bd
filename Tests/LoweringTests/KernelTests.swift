import GraphIR
import Testing

@testable import Lowering

@Suite("Kernels")
struct KernelTests {
  private let time = AxisID(1)

  /// A copy over these extents, read and written with these strides.
  private func copy(_ extents: [Extent], from: [Size], to: [Size]) -> KernelCall {
    let read = Access(argument: 0, strides: from, offset: 0)
    let write = Access(argument: 1, strides: to, offset: 2)
    let kernel = Kernel(
      constants: extents.map(\.constant),
      operations: [.load(read), .unary(.tanh, 0)],
      stores: [Kernel.Store(access: write, value: 1, isToken: false)],
      fold: nil,
      arguments: [false, true].map { Kernel.Argument(holdsTokens: false, isWritten: $0) }
    )
    return KernelCall(
      kernel: kernel,
      extents: extents,
      arguments: [0, 1].map { Pointer(buffer: BufferID($0)) },
      onlyIfWanted: nil,
      note: "copy",
      origin: .none
    )
  }

  private func size(_ constant: Int, _ axes: AxisID...) -> Size { Size(constant, axes) }

  @Test("dimensions that every access walks through evenly become one")
  func dense() {
    let batch = Extent(size(1, .batch))
    let strides = [size(4, .batch), size(4), size(1)]
    let merged = copy([Extent(size(1, time)), batch, Extent(4)], from: strides, to: strides)
      .merged()
    #expect(merged.extents == [Extent(size(4, .batch, time))])
    #expect(merged.kernel.accesses.map(\.strides) == [[.one], [.one]])
    #expect(merged.kernel.accesses.map(\.offset) == [0, 2])
    #expect(merged.kernel.constants == [nil])
  }

  @Test("a gap in one access keeps its dimension")
  func gap() {
    let (dense, wide) = ([size(12), size(4), size(1)], [size(20), size(4), size(1)])
    let merged = copy([Extent(2), Extent(3), Extent(4)], from: dense, to: wide).merged()
    #expect(merged.extents == [Extent(2), Extent(12)])
    #expect(merged.kernel.accesses.map(\.strides) == [[size(12), .one], [size(20), .one]])
  }

  @Test("a value that is repeated keeps the dimension it is repeated along")
  func repeated() {
    let (read, write) = ([size(0), size(1)], [size(4), size(1)])
    #expect(copy([Extent(3), Extent(4)], from: read, to: write).merged().extents.count == 2)
  }

  @Test("an extent that is a few less keeps its dimension")
  func shortened() {
    let strides = [size(4), size(1)]
    let shorter = Extent(size(1, time), plus: -1)
    #expect(copy([shorter, Extent(4)], from: strides, to: strides).merged().extents.count == 2)
  }

  @Test("a place that is counted keeps its dimension")
  func positions() {
    let strides = [size(4), size(1)]
    var call = copy([Extent(3), Extent(4)], from: strides, to: strides)
    call.kernel.operations[1] = .position(dim: 0, plus: 0)
    #expect(call.merged().extents.count == 2)
  }

  @Test("folded dimensions become one with each other, never with those that are kept")
  func folds() {
    let dense = [size(24), size(12), size(4), size(1)]
    var call = copy([Extent(5), Extent(2), Extent(3), Extent(4)], from: dense, to: [])
    call.kernel.stores = []
    call.kernel.fold = Kernel.Fold(
      op: .sum,
      value: 1,
      dims: 2,
      access: Access(argument: 1, strides: [size(2), size(1)], offset: 0),
      inParts: false
    )
    let merged = call.merged()
    #expect(merged.extents == [Extent(10), Extent(12)])
    #expect(merged.kernel.fold?.dims == 1)
    #expect(merged.kernel.fold?.access.strides == [.one])
  }

  @Test("rows that add in parts become one where each place stays in its part")
  func partsOfRows() {
    for (row, isOne) in [(32, true), (20, false)] {
      var call = copy([Extent(3), Extent(row)], from: [size(row), size(1)], to: [])
      call.kernel.stores = []
      call.kernel.fold = Kernel.Fold(
        op: .sum,
        value: 1,
        dims: 2,
        access: Access(argument: 1, strides: [], offset: 0),
        inParts: true
      )
      #expect(call.merged().extents.count == (isOne ? 1 : 2))
    }
  }

  @Test("terms of an address are added up by their kind")
  func addresses() {
    let address = Address().adding([Term(size(4, time)), Term(size(3)), Term(size(2), .loop(0))])
      .adding([Term(size(-4, time)), Term(size(5), .loop(0)), Term(size(0, time), .loop(1))])
    #expect(address.terms == [Term(size(7), .loop(0))])
    #expect(address.offset == 3)
    #expect(address.withoutOffset.offset == 0)
    #expect(size(0, time) == .zero && size(2, time) * size(3, .batch) == size(6, .batch, time))
  }
}
