import ModelRuntime
import TestSupport
import Testing

@testable import Rondo

/// Python with NumPy, if it is there.
private enum PythonWithNumPy {
  static let path: String? = {
    let folders = (Platform.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { Platform.join(String($0), "python3") }.first { path in
      let result = try? Platform.run(path, ["-c", "import numpy"], environment: [], seconds: 30)
      return result?.ending == .exited(0)
    }
  }()
}

@Suite("Ways in from other languages") struct BindingTests {
  /// Rows with lengths of their own, real numbers and tokens, several outputs, a state and a draw.
  private static let text = """
    model binding {
      axis time <= 6
      target word: token(5) over time
      input mark: real[2]
      layer rnn = gru(4), score = linear(5)
      h = rnn(concat(onehot(previous(word)), mark) over time)
      logits = score(h)
      output last(h) as end
      output logits
      loss cross_entropy(logits, word)
      metric argmax(logits) == word as accuracy
      train adam(rate: 0.01)
      generate word from logits until 0
    }
    """

  /// A folder with the model, its library and a binding.
  private static func withModel(_ binding: Binding, _ body: (String, CCompiler) throws -> Void)
    throws
  {
    try inFolder { folder in
      let compiler = try CCompiler.find(environment: Platform.environment)
      let definition = Definition(name: "binding", bytes: Array(text.utf8))
      let model = try Compiler(options: .init(batch: 3)).generate(definition)
      let options = CCompiler.Options(optimization: 0)
      let library = try compiler.compile(
        model.source,
        header: model.header,
        name: model.name,
        options: options,
        scratch: folder
      )
      let artifact = Artifact(model, library)
      let place = Platform.join(folder, "model")
      try artifact.write(to: place)
      try binding.write(for: artifact.manifest, to: place)
      try body(place, compiler)
    }
  }

  /// What the runtime gives for the calls that the scripts make: losses, then the last `end`.
  private static func wanted(_ folder: String) throws -> [Float] {
    let session = try Session(CompiledModel(folder: folder, name: "binding"))
    try session.initialize(seed: 9)
    let words: [Int32] = [1, 2, 3, 4, 0, 0, 4, 3, 1, 0, 0, 0]
    let train = try EntryCall(session.model, entry: "train")
    let infer = try EntryCall(session.model, entry: "infer")
    for call in [train, infer] {
      try call.setBatch(2)
      try call.setLengths([4, 3], axis: "time")
      for index in call.entry.inputs.indices where call.entry.inputs[index].role == .data {
        if call.entry.inputs[index].name == "word" {
          try call.withInput(index, as: Int32.self) { buffer in
            for (place, word) in words.enumerated() { buffer[place] = word }
          }
        } else {
          try call.withInput(index, as: Float.self) { buffer in
            for place in 0..<4 { buffer[place] = Float(place) / 4 }
          }
        }
      }
    }
    try train.set(.rate, to: Float(0.01))
    var numbers: [Float] = []
    for _ in 0..<3 {
      try session.run(train)
      let loss = train.entry.outputs.firstIndex { $0.name == "loss" } ?? 0
      numbers.append(try train.withOutput(loss, as: Float.self) { $0[0] })
    }
    try session.run(infer)
    let end = infer.entry.outputs.firstIndex { $0.name == "end" } ?? 0
    numbers += try infer.withOutput(end, as: Float.self) { Array($0.prefix(8)) }
    return numbers
  }

  /// Numbers as their bits, each on a line of what a program printed.
  private static func printed(_ result: Platform.ProcessResult) -> [UInt32] {
    String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      .compactMap { UInt32($0, radix: 16) }
  }

  @Test(
    "Python trains and infers to the bits of the runtime",
    .enabled(if: PythonWithNumPy.path != nil, "there is no Python with NumPy")
  )
  func python() throws {
    let python = try #require(PythonWithNumPy.path)
    try Self.withModel(.python) { folder, _ in
      let script = """
        import sys
        import numpy as np
        sys.path.insert(0, "\(folder)")
        import binding
        model = binding.Binding(seed=9, threads=2)
        words = np.array([[1, 2, 3, 4], [4, 3, 1, 0]])
        mark = np.arange(4).reshape(2, 2) / 4
        lengths = np.array([4, 3])
        numbers = [model.train(words, mark, time_lengths=lengths) for _ in range(3)]
        end, logits = model.infer(words, mark, time_lengths=lengths)
        assert logits.shape == (2, 4, 5), logits.shape
        for number in np.append(np.float32(numbers), end).astype(np.float32).view(np.uint32):
            print(f"{number:08x}")
        model.save("\(folder)/weights.safetensors")
        other = binding.Binding()
        other.load("\(folder)/weights.safetensors")
        for name in model.names:
            assert (model[name] == other[name]).all(), name
        drawn, logs = model.generate(mark, limit=5, seed=3, temperature=0.5)
        assert len(drawn) == 2 and logs.shape == (2,)
        for wrong in [
            lambda: model.train(words.astype(float), mark),
            lambda: model.train(words[0], mark),
            lambda: model.train(words, mark[:1]),
            lambda: model.train(words + 3, mark),
            lambda: model.train(np.zeros((4, 2), int), np.zeros((4, 2))),
            lambda: model["nothing"],
        ]:
            try:
                wrong()
            except (TypeError, ValueError, KeyError, binding.Status):
                continue
            raise SystemExit("a wrong call was taken")
        """
      let result = try Platform.run(python, ["-c", script], environment: [], seconds: 60)
      #expect(result.ending == .exited(0), "\(String(decoding: result.output, as: UTF8.self))")
      #expect(try Self.printed(result) == Self.wanted(folder).map(\.bitPattern))
      // What Python wrote is read here.
      let session = try Session(CompiledModel(folder: folder, name: "binding"))
      try session.loadWeights(from: Platform.join(folder, "weights.safetensors"))
    }
  }

  @Test("a class of C++ trains and infers to the bits of the runtime, without a warning")
  func cpp() throws {
    try Self.withModel(.cpp) { folder, compiler in
      let program = """
        #include <cstdio>
        #include "binding.hpp"
        static void print(float number) {
          std::uint32_t bits;
          std::memcpy(&bits, &number, 4);
          std::printf("%08x\\n", static_cast<unsigned>(bits));
        }
        int main() {
          binding_cpp::model first(2);
          first.initialize(9);
          binding_cpp::model model = std::move(first);
          const std::int32_t words[12] = {1, 2, 3, 4, 0, 0, 4, 3, 1};
          const std::int32_t lengths[2] = {4, 3};
          const float mark[4] = {0.0f, 0.25f, 0.5f, 0.75f};
          float end[8], logits[60];
          for (int i = 0; i < 3; i += 1) print(model.train(2, words, mark, 0.01f, lengths));
          model.infer(2, words, mark, end, logits, lengths);
          for (float number : end) print(number);
          try {
            model.train(9, words, mark, 0.01f);
          } catch (const binding_cpp::error &error) {
            return error.status() == BINDING_BAD_BATCH ? 0 : 2;
          }
          return 1;
        }
        """
      let source = Platform.join(folder, "program.cpp")
      try Platform.replace(source, with: Array(program.utf8))
      let output = Platform.join(folder, "program")
      let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
      let built = try compiler.execute(
        ["-x", "c++", "-std=c++17"] + warnings + ["-I", folder, source, "-o", output, "-L", folder]
          + ["-lbinding", "-lstdc++", "-Wl,-rpath,\(folder)"],
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
      #expect(try Self.printed(result) == Self.wanted(folder).map(\.bitPattern))
    }
  }

  @Test("pkg-config and Swift are told where header and library are")
  func others() throws {
    let definition = Definition(name: "binding", bytes: Array(Self.text.utf8))
    let manifest = try Compiler().generate(definition).manifest
    #expect(Binding.pkgconfig.fileName(of: manifest) == "binding.pc")
    #expect(Binding.pkgconfig.text(for: manifest).contains("Libs: -L${prefix} -lbinding\n"))
    #expect(Binding.swift.fileName(of: manifest) == "module.modulemap")
    #expect(Binding.swift.text(for: manifest).contains("link \"binding\""))
  }
}
