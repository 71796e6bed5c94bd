internal import CBackend
public import ModelRuntime
internal import Reference

/// Measures the elementary functions as generated C has them, over all floats or every so many: how far
/// they are off, and whether all their forms agree.
///
/// The forms are those on vectors and on one number, compiled for this processor's vectors and for
/// none; in strict mode the interpreter's port, too.
public struct FunctionSweep: Sendable {
  /// A function that is measured; the order is that of `FunctionSweep.h`.
  public enum Function: String, CaseIterable, Sendable {
    /// One function each.
    case exp, log, log1p, sqrt, tanh, sigmoid, sin, cos

    /// The greatest error it may have, in units of the last place, in either mode.
    public var bound: Double {
      switch self {
      case .exp, .log, .log1p: 1.1
      case .tanh, .sigmoid: 2.6
      case .sqrt: 0.5001
      case .sin, .cos: 0.51
      }
    }

    /// Its number in `FunctionSweep.h`.
    fileprivate var number: Int32 { Int32(Self.allCases.firstIndex(of: self) ?? 0) }

    /// Whether no value is above 1 in size.
    fileprivate var isBounded: Bool {
      switch self {
      case .tanh, .sigmoid, .sin, .cos: true
      case .exp, .log, .log1p, .sqrt: false
      }
    }

    /// The interpreter's port.
    fileprivate var port: (Float) -> Float {
      switch self {
      case .exp: Float.exp
      case .log: Float.log
      case .log1p: Float.log1p
      case .sqrt: { $0.squareRoot() }
      case .tanh: Float.tanh
      case .sigmoid: Float.sigmoid
      case .sin: Float.sin
      case .cos: Float.cos
      }
    }
  }

  /// How many floats a part tries.
  private static let partSize: UInt64 = 1 << 22
  /// How many values are calculated at a time, so that they stay in near memory.
  private static let blockSize = 4096

  private let strict: SweepLibrary
  private let fast: SweepLibrary
  /// The same without vectors.
  private let strictNarrow: SweepLibrary
  private let fastNarrow: SweepLibrary
  /// Every so many floats are tried.
  private let every: UInt64

  /// Compiles the functions in both modes.
  ///
  /// - Throws: `RuntimeError` when they cannot be compiled.
  public init(every: UInt64, compiler: CCompiler) throws(RuntimeError) {
    self.every = max(1, every)
    strict = try SweepLibrary(isFused: false, isScalar: false, compiler)
    fast = try SweepLibrary(isFused: true, isScalar: false, compiler)
    strictNarrow = try SweepLibrary(isFused: false, isScalar: true, compiler)
    fastNarrow = try SweepLibrary(isFused: true, isScalar: true, compiler)
  }

  /// How many floats are tried.
  public var count: UInt64 { ((1 << 32) - 1) / every + 1 }
  /// How many parts a function is measured in.
  public var parts: Int { Int((count + Self.partSize - 1) / Self.partSize) }

  /// Measures one part; any number of threads may do so at a time.
  public func measure(_ function: Function, part: Int) -> FunctionReport {
    let start = UInt64(part) * Self.partSize
    let end = min(count, start + Self.partSize)
    var report = FunctionReport(function: function)
    var block = SweepBlock(size: Self.blockSize)
    let port = function.port
    for first in stride(from: start, to: end, by: Self.blockSize) {
      let size = Int(min(end - first, UInt64(Self.blockSize)))
      strict.exact(function.number, first, every, size, &block)
      for (isFused, library) in [(false, strict), (true, fast)] {
        library.values(function.number, isScalar: false, first, every, size, &block.bits)
        library.compare(function.isBounded, first, size, block, &report[isFused].error)
        let narrow = isFused ? fastNarrow : strictNarrow
        for (other, isScalar) in [(library, true), (narrow, false)] {
          other.values(function.number, isScalar: isScalar, first, every, size, &block.other)
          library.differ(first, size, block, &report[isFused].difference)
        }
        guard !isFused else { continue }
        block.other.withUnsafeMutableBufferPointer { other in
          var bits = UInt32(first * every)
          for place in 0..<size {
            let y = port(Float(bitPattern: bits))
            other[place] = y.isNaN ? 0x7fc0_0000 : y.bitPattern
            bits &+= UInt32(every)
          }
        }
        strict.differ(first, size, block, &report.strict.difference)
      }
    }
    report.tried = end - start
    report.place { Float(bitPattern: UInt32($0 * every)) }
    return report
  }
}

/// What a block of floats gives.
private struct SweepBlock {
  /// The values that are measured.
  var bits: [UInt32]
  /// The same in another form.
  var other: [UInt32]
  /// The values in double.
  var exact: [Double]
  /// The floats nearest to these.
  var nearest: [UInt32]

  /// Room for so many.
  init(size: Int) {
    bits = Array(repeating: 0, count: size)
    other = bits
    exact = Array(repeating: 0, count: size)
    nearest = bits
  }
}

/// What `sweep_error` of `FunctionSweep.h` holds; the members are the same in the same order.
struct SweepError: Hashable, Sendable {
  /// The greatest error in units of the last place.
  var worst = 0.0
  /// The number of the float it is at.
  var worstAt: UInt64 = 0
  /// How many values are not the nearest float.
  var roundedOtherwise: UInt64 = 0
  /// How many special values are wrong.
  var wrong: UInt64 = 0
  /// The number of the first such.
  var wrongAt: UInt64 = 0
}

/// What `sweep_difference` of `FunctionSweep.h` holds; the members are the same in the same order.
struct SweepDifference: Hashable, Sendable {
  /// How many values another form gives otherwise.
  var count: UInt64 = 0
  /// The number of the first such.
  var firstAt: UInt64 = 0
}

/// The functions in one mode and width, as a library.
private final class SweepLibrary: Sendable {
  private typealias Values =
    @convention(c) (
      Int32, Int32, UInt64, UInt64, Int32, UnsafeMutablePointer<UInt32>
    ) -> Void
  private typealias Exact =
    @convention(c) (
      Int32, UInt64, UInt64, Int32, UnsafeMutablePointer<Double>, UnsafeMutablePointer<UInt32>
    ) -> Void
  private typealias Compare =
    @convention(c) (
      Int32, UInt64, Int32, UnsafePointer<UInt32>, UnsafePointer<Double>, UnsafePointer<UInt32>,
      UnsafeMutableRawPointer
    ) -> Void

  /// What keeps the functions alive.
  private let library: Platform.Library
  private typealias Differ =
    @convention(c) (
      UInt64, Int32, UnsafePointer<UInt32>, UnsafePointer<UInt32>, UnsafeMutableRawPointer
    ) -> Void
  private let valuesFunction: Values
  private let exactFunction: Exact
  private let compareFunction: Compare
  private let differFunction: Differ

  /// Compiles and loads it.
  init(isFused: Bool, isScalar: Bool, _ compiler: CCompiler) throws(RuntimeError) {
    let source =
      (isScalar ? "#define RONDO_SCALAR\n" : "") + CResources.functions(isFused: isFused)
      + String(decoding: PackageResources.FunctionSweep_h, as: UTF8.self)
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let compiled = try compiler.compile(Array(source.utf8), name: "sweep", scratch: folder)
    let path = Platform.join(folder, "sweep-\(isFused)-\(isScalar).so")
    try Platform.replace(path, with: compiled.bytes)
    library = try Platform.Library(at: path)
    guard let values = library.symbol("sweep_values"), let exact = library.symbol("sweep_exact"),
      let compare = library.symbol("sweep_compare"), let differ = library.symbol("sweep_differ")
    else { throw RuntimeError(.bug, "the library of the sweep lacks its functions") }
    valuesFunction = unsafeBitCast(values, to: Values.self)
    exactFunction = unsafeBitCast(exact, to: Exact.self)
    compareFunction = unsafeBitCast(compare, to: Compare.self)
    differFunction = unsafeBitCast(differ, to: Differ.self)
  }

  /// The bits of values.
  func values(
    _ function: Int32,
    isScalar: Bool,
    _ first: UInt64,
    _ every: UInt64,
    _ size: Int,
    _ bits: inout [UInt32]
  ) {
    valuesFunction(function, isScalar ? 1 : 0, first, every, Int32(size), &bits)
  }

  /// The values in double, and the nearest floats.
  func exact(
    _ function: Int32,
    _ first: UInt64,
    _ every: UInt64,
    _ size: Int,
    _ block: inout SweepBlock
  ) {
    exactFunction(function, first, every, Int32(size), &block.exact, &block.nearest)
  }

  /// Adds to what was found.
  func compare(
    _ isBounded: Bool,
    _ first: UInt64,
    _ size: Int,
    _ block: SweepBlock,
    _ error: inout SweepError
  ) {
    withUnsafeMutablePointer(to: &error) {
      compareFunction(
        isBounded ? 1 : 0,
        first,
        Int32(size),
        block.bits,
        block.exact,
        block.nearest,
        $0
      )
    }
  }

  /// Adds where two forms differ.
  func differ(
    _ first: UInt64,
    _ size: Int,
    _ block: SweepBlock,
    _ difference: inout SweepDifference
  ) {
    withUnsafeMutablePointer(to: &difference) {
      differFunction(first, Int32(size), block.bits, block.other, $0)
    }
  }
}
