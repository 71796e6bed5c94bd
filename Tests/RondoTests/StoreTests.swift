import GraphIR
import ModelRuntime
import Rondo
import TestSupport
import Testing

@Suite("Weights stored narrower than floats") struct StoreTests {
  private static let text = """
    model halves {
      axis time <= 5
      input x: real[3] over time
      target y: real[2] over time
      layer rnn = gru(70), head = linear(2)
      z = head(rnn(x))
      output z
      loss mse(z, y)
      train adam(rate: 0.01)
      stream over time
    }
    """

  private static func harness(
    _ store: Compiler.Store,
    _ batch: Int,
    _ arithmetic: Compiler.Arithmetic,
    _ text: String = text
  ) throws -> ModelHarness {
    var options = Compiler.Options(batch: batch, arithmetic: arithmetic)
    options.store = store
    return try ModelHarness(text, options)
  }

  /// A float whose lower half is rounded away, to even at a tie.
  private static func rounded(_ value: Float) -> Float {
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
  }

  /// The data with every matrix of the model changed.
  private static func changed(
    _ data: CallData,
    of model: ModelHarness,
    _ change: (_ matrix: [Float], _ columns: Int) -> [Float]
  ) -> CallData {
    var data = data
    for variable in model.whole.variables where variable.type.shape.rank == 2 {
      guard case .parameter = variable.kind else { continue }
      data.arrays[variable.name] = data.arrays[variable.name].map {
        change($0, variable.type.shape[1])
      }
    }
    return data
  }

  /// How far a model for so many rows is optimised: one for a row alone by the system's compiler, one for
  /// several by the quick one, so that each compiles every form of products with weights.
  private static func level(_ batch: Int) -> Int { batch == 1 ? 1 : 0 }

  @Test(
    "as bfloat16 give the bits of a model whose matrices were rounded before",
    arguments: [1, 3],
    Compiler.Arithmetic.allCases
  )
  func bits(batch: Int, arithmetic: Compiler.Arithmetic) throws {
    let plain = try Self.harness(.float32, batch, arithmetic)
    let halves = try Self.harness(.bfloat16, batch, arithmetic)
    let level = Self.level(batch)
    for entry in [Entry.infer, .evaluate, .begin, .step] {
      let data = CallData.random(for: try plain.graph(of: entry), batch: batch, seed: 8)
      let before = Self.changed(data, of: plain) { matrix, _ in matrix.map(Self.rounded) }
      let expected = try plain.native(optimization: level).run(entry, before)
      #expect(try halves.native(optimization: level).run(entry, data) == expected, "\(entry)")
      #expect(!expected.isEmpty)
    }
    let data = CallData.random(for: plain.whole, batch: batch, seed: 8)
    #expect(
      try halves.native(optimization: level).run(.infer, data)
        != plain.native(optimization: level).run(.infer, data)
    )
  }

  @Test(
    "as bytes give nearly what a model does whose matrices were rounded before",
    arguments: [1, 3],
    Compiler.Arithmetic.allCases
  )
  func bytes(batch: Int, arithmetic: Compiler.Arithmetic) throws {
    let plain = try Self.harness(.float32, batch, arithmetic)
    let bytes = try Self.harness(.int8, batch, arithmetic)
    let level = Self.level(batch)
    for entry in [Entry.infer, .evaluate, .begin, .step] {
      let data = CallData.random(for: try plain.graph(of: entry), batch: batch, seed: 8)
      let before = Self.changed(data, of: plain) { matrix, columns in
        stride(from: 0, to: matrix.count, by: columns).flatMap { first in
          let row = ByteRow(matrix[first..<first + columns])
          return row.counts.map { $0 * row.scale }
        }
      }
      let found = try bytes.native(optimization: level).run(entry, data)
      let expected = try plain.native(optimization: level).run(entry, before)
      #expect(found.keys == expected.keys)
      for (name, values) in expected {
        #expect(relativeError(found[name] ?? [], to: values) < 1e-5, "\(entry) \(name)")
      }
    }
    let data = CallData.random(for: plain.whole, batch: batch, seed: 8)
    let exact = try plain.native(optimization: level).run(.infer, data)["z"] ?? []
    let found = try bytes.native(optimization: level).run(.infer, data)["z"] ?? []
    #expect((1e-5..<0.05).contains(relativeError(found, to: exact)))
  }

  // MARK: Every bit of a product with bytes

  /// One product, of a row alone or of several: two panels of columns, the last in part of a vector.
  private static let product = """
    model product {
      input x: real[37]
      param w: real[203, 37] ~ uniform(1)
      y = w @ x
      output y
    }
    """

  /// Rows as they come, and those that a scale is hard to find for.
  private static func product(rows batch: Int, of model: ModelHarness) -> CallData {
    var data = CallData.random(for: model.whole, batch: batch, seed: 5)
    var weights = data.arrays["w"] ?? []
    func set(_ row: Int, _ values: [Float]) {
      weights.replaceSubrange(
        row * 37..<(row + 1) * 37,
        with: values + Array(repeating: 0, count: 37 - values.count)
      )
    }
    let most = Float.greatestFiniteMagnitude
    let least = Float.leastNonzeroMagnitude
    set(1, [])
    set(2, [-0.0, -0.0])
    // Ties, by a scale of 1.
    set(3, [127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5])
    set(4, [most])
    set(5, [-most, most, most / 2])
    set(6, [least, -least])
    set(7, [180 * least, 179 * least, -180 * least])
    set(8, [1e-37, 3e-38])
    set(9, [.infinity, 1])
    set(10, [1, -.infinity])
    set(11, [.nan, 1, .infinity])
    set(200, [1, .nan])
    set(202, [-2, 2])
    data.arrays["w"] = weights
    // The first of each row shows what one weight became.
    for row in 0..<batch { data.arrays["x"]?[row * 37] = 1 }
    return data
  }

  /// The product as it is defined: sums of whole numbers in their order, then the scale.
  private static func expected(_ data: CallData, _ arithmetic: Compiler.Arithmetic) -> [Float] {
    let weights = data.arrays["w"] ?? []
    let x = data.arrays["x"] ?? []
    func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
      switch arithmetic {
      case .fast: c.addingProduct(a, b)
      case .strict: c + a * b
      }
    }
    let rows = (0..<203).map { ByteRow(weights[$0 * 37..<($0 + 1) * 37]) }
    return (0..<data.batch).flatMap { example in
      rows.map { row in
        let sum = row.counts.indices.reduce(Float(0)) {
          multiplyAdd(x[example * 37 + $1], row.counts[$1], $0)
        }
        return multiplyAdd(row.scale, sum, 0)
      }
    }
  }

  @Test(
    "as bytes give sums of whole numbers times the row's scale, to the bit",
    arguments: [1, 9],
    Compiler.Arithmetic.allCases
  )
  func sums(batch: Int, arithmetic: Compiler.Arithmetic) throws {
    let model = try Self.harness(.int8, batch, arithmetic, Self.product)
    let data = Self.product(rows: batch, of: model)
    let wanted = Self.expected(data, arithmetic)
    let found = try model.native(optimization: 1).run(.infer, data)
    #expect(differences(found, from: ["y": wanted]) == [])
    #expect(wanted[4].isFinite && wanted[4] > 3.4e38)
    #expect(wanted[1] == 0 && wanted[6] == 0 && wanted[7] != 0)
    #expect([9, 10, 11, 200].allSatisfy { wanted[$0].isNaN } && !wanted[202].isNaN)
    let shared = try model.native(optimization: 1).run(.infer, data, threads: 2)
    #expect(differences(shared, from: found) == [])
  }

  @Test(
    "as bytes give the same bits for any compiler and width of vectors",
    arguments: Compiler.Arithmetic.allCases
  )
  func anyProcessor(arithmetic: Compiler.Arithmetic) throws {
    let model = try Self.harness(.int8, 3, arithmetic, Self.product)
    let generated = try model.generated()
    for (name, cpu) in Self.processors {
      guard let compiler = try? CCompiler.find(option: name, environment: Platform.environment)
      else { continue }
      let folder = try Platform.makePrivateFolder(in: "/tmp")
      defer { try? Platform.remove(folder) }
      let library = try compiler.compile(
        generated.source,
        header: generated.header,
        name: generated.name,
        options: .init(cpu: cpu, optimization: 0),
        scratch: folder
      )
      try Artifact(generated, library).write(to: folder)
      let native = NativeModel(
        try CompiledModel(folder: folder, name: generated.name),
        stores: model.stores
      )
      for batch in [1, 3] {
        let data = Self.product(rows: batch, of: model)
        let wanted = Self.expected(data, arithmetic)
        let found = try native.run(.infer, data)
        #expect(differences(found, from: ["y": wanted]) == [], "\(name) \(cpu), \(batch)")
      }
    }
  }

  /// Compilers, and processors of theirs that this machine is.
  private static let processors: [(compiler: String, cpu: String)] = {
    #if arch(x86_64)
      let hasWide =
        Platform.processorFeatures.contains("fma") && Platform.processorFeatures.contains("avx2")
      return [("gcc", "x86-64-v2"), ("clang", "x86-64-v2"), ("tcc", "native")]
        + (hasWide ? [("gcc", "x86-64-v3"), ("clang", "x86-64-v3")] : [])
    #else
      return [("gcc", "native"), ("clang", "native"), ("tcc", "native")]
    #endif
  }()

  // MARK: What else there is

  @Test("train as they are", arguments: [Compiler.Store.bfloat16, .int8])
  func training(store: Compiler.Store) throws {
    let plain = try Self.harness(.float32, 3, .fast)
    let narrow = try Self.harness(store, 3, .fast)
    let data = CallData.random(for: plain.whole, batch: 3, seed: 8)
    let expected = try plain.native(optimization: 0).run(.train, data)
    #expect(try narrow.native(optimization: 0).run(.train, data) == expected)
  }

  @Test("are made anew by training and by setting them", arguments: Compiler.Store.allCases)
  func renewal(store: Compiler.Store) throws {
    let model = try Self.harness(store, 3, .fast)
    let native = try model.native(optimization: 0)
    let data = CallData.random(for: model.whole, batch: 3, seed: 8)
    let session = try native.session(data)
    let before = try native.run(.infer, data, in: session)
    _ = try native.run(.train, data, in: session)
    let after = try native.run(.infer, data, in: session)
    #expect(differences(after, from: before) != [])
    // The same weights, set one by one.
    var trained = data
    for variable in session.variables(.parameters) {
      trained.arrays[variable.name] = try session.get(.parameters, variable.name)
    }
    #expect(try differences(native.run(.infer, trained), from: after) == [])
  }

  @Test("have blocks of their own, told apart by the layout's hash")
  func layouts() throws {
    let models = try Compiler.Store.allCases.map { try Self.harness($0, 3, .fast).native().model }
    #expect(Set(models.map(\.manifest.layoutHash)).count == models.count)
    #expect(Set(models.map(\.manifest.graphHash)).count == 1)
    let sessions = try models.map { try Session($0) }
    let checkpoints = try sessions.map { try Checkpoint(of: $0, progress: .init(seed: 0)) }
    for (own, session) in sessions.enumerated() {
      for (other, checkpoint) in checkpoints.enumerated() where other != own {
        #expect(throws: (any Error).self) { try checkpoint.restore(session) }
      }
    }
  }
}

/// A row as bytes store it, by their definition.
private struct ByteRow {
  /// What one is worth.
  var scale: Float
  /// How many of it each number is.
  var counts: [Float]

  init(_ row: ArraySlice<Float>) {
    let most = Float.greatestFiniteMagnitude
    let greatest = row.reduce(0) { Float.maximum($0, $1.magnitude) }
    scale = greatest / 127
    if 127 * scale > most { scale = scale.nextDown }
    guard row.allSatisfy(\.isFinite) else {
      scale = .nan
      counts = row.map { _ in 0 }
      return
    }
    let unit = scale
    counts = row.map {
      unit == 0 ? 0 : min(127, max(-127, ($0 / unit).rounded(.toNearestOrEven)))
    }
  }
}
