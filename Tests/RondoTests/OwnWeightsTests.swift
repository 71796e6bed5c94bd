import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

/// Libraries that hold their weights need no file, change none of them, and give the same bits.
@Suite("Weights in the library") struct OwnWeightsTests {
  /// Tokens and numbers, a weight that products read in a second form, a stream and a draw.
  private static let text = """
    model held {
      axis time <= 6
      target word: token(5) over time
      input mark: real[2]
      layer rnn = gru(4), score = linear(5)
      logits = score(rnn(concat(onehot(previous(word)), mark) over time))
      output logits
      loss cross_entropy(logits, word)
      train adam(rate: 0.01)
      generate word from logits until 0
    }
    """

  private static let compiler = Result { try CCompiler.quick() }

  /// The plain model, and the one that holds its first weights: made once.
  private static let models = Result {
    let definition = Definition(name: "held", bytes: Array(text.utf8))
    var options = Compiler.Options(batch: 2)
    options.holdsWeights = true
    let generated = try Compiler(options: options).generate(definition)
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let plain = try open(generated, in: folder, as: "plain")
    let session = try Session(plain)
    try session.initialize(seed: 4)
    let file = Platform.join(folder, "held.safetensors")
    try session.saveWeights(to: file)
    let held = try generated.holding(
      weightsFrom: file,
      compiler: compiler.get(),
      scratch: folder
    )
    return (plain: plain, held: held)
  }

  /// A folder with the plain model's first weights in a file, and the model that holds them.
  private static func withModels(
    _ body: (_ plain: Session, _ held: GeneratedModel, _ folder: String) throws -> Void
  ) throws {
    let models = try models.get()
    try inFolder { folder in
      let plain = try Session(models.plain)
      try plain.initialize(seed: 4)
      try plain.saveWeights(to: Platform.join(folder, "held.safetensors"))
      try body(plain, models.held, folder)
    }
  }

  private static func open(
    _ model: GeneratedModel,
    in folder: String,
    as name: String,
    cpu: String = "native"
  ) throws -> CompiledModel {
    let library = try compiler.get().compile(
      model.source,
      header: model.header,
      name: model.name,
      weights: model.weights,
      options: .init(cpu: cpu, optimization: 0),
      scratch: folder
    )
    let place = Platform.join(folder, name)
    try Artifact(model, library).write(to: place)
    return try CompiledModel(folder: place)
  }

  /// What a session answers, by every way in that reads weights.
  private static func answers(_ session: Session) throws -> [TensorData] {
    let inputs: [String: TensorData] = [
      "word": .int([1, 2, 3, 4, 0, 0, 4, 3, 1, 0, 0, 0]), "mark": .float([0, 0.25, 0.5, 0.75]),
    ]
    let lengths: [String: [Int32]] = ["time": [4, 3]]
    var all: [TensorData] = []
    for entry in ["infer", "gradients"] {
      let outputs = try session.run(entry, batch: 2, lengths: lengths, inputs: inputs)
      for (_, output) in outputs.sorted(by: { $0.key < $1.key }) { all.append(output) }
    }
    var generation = Generation(limit: 5)
    generation.seed = 3
    let drawn = try session.generate(
      generation,
      batch: 2,
      inputs: ["mark": .float([0, 0.25, 0.5, 0.75])]
    )
    for row in drawn { all.append(.int(row.values)) }
    for variable in session.variables(.parameters) {
      all.append(.float(try session.get(.parameters, variable.name)))
    }
    return all
  }

  @Test("give the bits that the file gives, for any processor, and are read where they are")
  func sameBits() throws {
    try Self.withModels { plain, held, folder in
      let wanted = try Self.answers(plain)
      #expect(wanted.count > 8)
      #if arch(x86_64)
        let processors = ["native", "portable"]
      #else
        let processors = ["native"]
      #endif
      for cpu in processors {
        let model = try Self.open(held, in: folder, as: cpu, cpu: cpu)
        #expect(model.manifest.weights == SHA256.hex(of: try plain.parameters.bytes()))
        let (one, other) = (try Session(model), try Session(model))
        #expect(one.parameters.isReadOnly && other.parameters.isReadOnly)
        #expect(try Self.answers(one) == wanted, "\(cpu)")
      }
    }
  }

  @Test("refuse to be changed, and a context with a block of its own trains")
  func refuses() throws {
    try Self.withModels { plain, held, folder in
      let model = try Self.open(held, in: folder, as: "held")
      let own = try Session(model)
      let train: [String: TensorData] = [
        "word": .int([1, 2, 3, 4, 0, 0]), "mark": .float([0, 0.25]),
      ]
      let name = own.variables(.parameters)[0].name
      let values = try own.get(.parameters, name)
      let before = try own.parameters.bytes()
      let attempts: [() throws -> Void] = [
        { _ = try own.run("train", batch: 1, inputs: train) },
        { try own.initialize(seed: 1) },
        { try own.set(.parameters, name, values) },
        { try own.loadWeights(from: Platform.join(folder, "held.safetensors")) },
        { try own.parameters.replace(with: before) },
        { try own.parameters.clear() },
      ]
      for (number, attempt) in attempts.enumerated() {
        let error = #expect(throws: RuntimeError.self) { try attempt() }
        #expect(error?.status == 11, "attempt \(number)")
        #expect(error?.message.contains("the library's own") == true)
      }
      #expect(try own.parameters.bytes() == before)
      let block = try Block(byteCount: model.manifest.blocks.parameters)
      try block.replace(with: before)
      let writable = try Session(model, sharing: block)
      for session in [plain, writable] { _ = try session.run("train", batch: 1, inputs: train) }
      #expect(try writable.parameters.bytes() == plain.parameters.bytes())
      #expect(try own.parameters.bytes() == before)
    }
  }

  @Test("are refused by name where a file lacks some, has others or other shapes")
  func wrongFiles() throws {
    try Self.withModels { plain, held, folder in
      let file = Platform.join(folder, "wrong.safetensors")
      let arrays = try plain.variables(.parameters).map {
        (name: $0.name, shape: $0.shape, values: try plain.get(.parameters, $0.name))
      }
      var longer = arrays
      longer.append((name: "other", shape: [1], values: [0]))
      var turned = arrays
      let place = try #require(turned.firstIndex { $0.shape.count == 2 })
      turned[place].shape.reverse()
      let cases = [
        (Array(arrays.dropLast()), "lack '\(arrays[arrays.count - 1].name)'"),
        (longer, "have left over 'other'"), (turned, "has shape"),
      ]
      for (wrong, message) in cases {
        try Platform.replace(file, with: Safetensors.encode(wrong, metadata: [:]))
        let error = #expect(throws: RuntimeError.self) {
          _ = try held.holding(
            weightsFrom: file,
            compiler: Self.compiler.get(),
            scratch: folder
          )
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
      }
    }
  }

  @Test(
    "are the same bytes every time, decide the cache's entry, and are held against the manifest"
  )
  func bytes() throws {
    try Self.withModels { plain, held, folder in
      let compiler = try CCompiler.find(environment: Platform.environment)
      let options = CCompiler.Options(optimization: 0)
      let cache = try ArtifactCache(folder: Platform.join(folder, "cache"))
      let first = try cache.artifact(of: held, compiler: compiler, options: options)
      #expect(try cache.artifact(of: held, compiler: compiler, options: options).wasCached)
      #expect(first.artifact.weights == held.weights)
      try plain.initialize(seed: 5)
      let file = Platform.join(folder, "other.safetensors")
      try plain.saveWeights(to: file)
      let other = try held.holding(weightsFrom: file, compiler: compiler, scratch: folder)
      #expect(other.source == held.source)
      let second = try cache.artifact(of: other, compiler: compiler, options: options)
      #expect(!second.wasCached && second.artifact.library != first.artifact.library)
      try cache.clear()
      let again = try cache.artifact(of: held, compiler: compiler, options: options)
      #expect(!again.wasCached && again.artifact == first.artifact)
      // One library with the other's manifest is found out by what the two say of the weights.
      var mixed = first.artifact
      mixed.manifest.weights = second.artifact.manifest.weights
      let place = Platform.join(folder, "mixed")
      try mixed.write(to: place)
      let error = #expect(throws: RuntimeError.self) { try CompiledModel(folder: place) }
      #expect(error?.message.contains("differ in weights") == true)
    }
  }

  @Test("come with the archive: a program has the right answer with no file at all")
  func archive() throws {
    try Self.withModels { plain, held, folder in
      let compiler = try CCompiler.find(environment: Platform.environment)
      let archive = try compiler.archive(
        held,
        options: .init(optimization: 0),
        scratch: folder
      )
      let program = """
        #include <stdio.h>
        #include "held.h"
        int main(void) {
          held_context *context = held_create();
          const int32_t word[6] = {1, 2, 3, 4, 0, 0};
          const float mark[2] = {0.0f, 0.25f};
          union { float number; unsigned bits; } logits[30];
          if (!context || context->parameters || !held_model_table.weights) return 2;
          if (held_initialize(context, 1, 7) != HELD_READ_ONLY) return 3;
          if (held_infer(context, 1, NULL, word, mark, &logits[0].number) != HELD_OK) return 4;
          for (int i = 0; i < 30; i += 1) printf("%08x\\n", logits[i].bits);
          held_destroy(context);
          return 0;
        }
        """
      let place = Platform.join(folder, "program")
      try Platform.makeFolder(place)
      for (name, bytes) in [
        ("held.h", held.header), ("libheld.a", archive), ("main.c", Array(program.utf8)),
      ] { try Platform.replace(Platform.join(place, name), with: bytes) }
      let output = Platform.join(place, "main")
      let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-std=c99"]
      let built = try compiler.execute(
        warnings + ["-I", place, place + "/main.c", place + "/libheld.a", "-lm", "-o", output],
        scratch: folder,
        seconds: 60,
        outputLimit: 1 << 20
      )
      try #require(
        built.ending == .exited(0),
        "\(String(decoding: built.output, as: UTF8.self))"
      )
      let result = try Platform.run(output, [], environment: [], seconds: 60)
      #expect(result.ending == .exited(0))
      let printed = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        .compactMap { UInt32($0, radix: 16) }
      let wanted = try plain.run(
        "infer",
        batch: 1,
        inputs: ["word": .int([1, 2, 3, 4, 0, 0]), "mark": .float([0, 0.25])]
      )
      guard case .float(let numbers)? = wanted["logits"] else {
        Issue.record("infer gives no logits")
        return
      }
      #expect(printed == numbers.map(\.bitPattern))
    }
  }
}
