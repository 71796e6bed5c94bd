import GraphIR
import Testing

@Suite("Types")
struct TypeTests {
  @Test("a set of axes lists them as declared")
  func axisSets() {
    let set = AxisSet(AxisID(5), .batch, AxisID(63))
    #expect(set.axes == [.batch, AxisID(5), AxisID(63)])
    #expect(set.count == 3)
    #expect(set.contains(AxisID(63)) && !set.contains(AxisID(4)))
    #expect(set.removing(.batch).axes == [AxisID(5), AxisID(63)])
    #expect(set.adding(AxisID(1)).contains(set))
    #expect(!set.contains(set.adding(AxisID(1))))
    #expect(set.intersection(.batch) == .batch)
    #expect(set.subtracting(set) == .none && AxisSet.none.isEmpty)
    #expect(AxisSet.batch.union(AxisSet(AxisID(5), AxisID(63))) == set)
  }

  @Test("a shape has at most four extents of at least 1, and at most 2^31 - 1 elements")
  func shapes() throws {
    #expect(Shape([1, 2, 3, 4, 5]) == nil)
    #expect(Shape([2, 0]) == nil)
    #expect(Shape([-1, -1]) == nil)
    #expect(Shape([65536, 32768]) == nil)
    #expect(Shape([.max, .max]) == nil)
    let shape = try #require(Shape([65536, 32767]))
    #expect(shape.count == 65536 * 32767)
    #expect(shape.droppingFirst.dims == [32767])
    #expect(shape.replacing(0, by: 2)?.dims == [2, 32767])
    #expect(shape.replacing(0, by: 65539) == nil)
    #expect(Shape.scalar.count == 1 && Shape.scalar.droppingFirst.isScalar)
    #expect(Shape([1]) != .scalar)
  }

  @Test("a list of dimensions keeps their order")
  func dimLists() {
    let list: DimList = [3, 0, 1]
    #expect(list.dims == [3, 0, 1])
    #expect(list.count == 3)
    #expect(list != [0, 1, 3])
  }

  @Test("a value fits where it can stand repeated")
  func fits() {
    let row = ValueType(axes: .batch, shape: SampleGraph.shape(4))
    #expect(ValueType.real.fits(row))
    #expect(row.over(.none).fits(row))
    #expect(!row.fits(row.over(.none)))
    #expect(!row.shaped(SampleGraph.shape(1)).fits(row))
    #expect(!ValueType(.token(4)).fits(row))
    #expect(!ValueType(.token(4)).fits(ValueType(.token(5))))
  }

  @Test("nodes are small and bitwise copyable")
  func layout() {
    func stride<T: BitwiseCopyable>(_: T.Type) -> Int { MemoryLayout<T>.stride }
    #expect(stride(Op.self) == 48)
    #expect(stride(ValueType.self) == 48)
    #expect(stride(Node.self) == 128)
    #expect(stride(SourceSpan.self) == 16)
  }
}
