import ModelRuntime
import Rondo
import TestSupport
import Testing

/// A machine that a model is built for here and run as by an emulator.
struct Machine: Sendable, CustomTestStringConvertible {
  /// What libraries for it say that they are for.
  let name: String
  /// The C compiler for it.
  let compiler: String
  /// What `rondo build` is given beside the compiler.
  let options: String
  /// What runs its programs.
  let emulator: String
  /// What links a program, after the compiler and before the model's archive.
  let link: String
  /// What stands after it.
  var libraries = "-lm -pthread"
  /// The name, for the test's.
  var testDescription: String { name }

  /// Where the programs of these tests are.
  static let programs = "'\(Platform.join(Example.topLevel, "Tests/SystemsTests/Cross"))'"

  /// A machine with Linux.
  private static func linux(_ name: String, _ triple: String, _ cpu: String) -> Machine {
    Machine(
      name: name,
      compiler: "\(triple)-gcc",
      options: "--cpu \(cpu)",
      emulator: "qemu-\(name)",
      link: "-O2 -static \(programs)/main.c"
    )
  }

  /// Those that Debian has compilers and emulators for; the last of Linux's stores numbers the other way
  /// round, and the last of all has no system.
  static let all = [
    linux("aarch64", "aarch64-linux-gnu", "cortex-a72"),
    linux("riscv64", "riscv64-linux-gnu", "rv64gc"),
    linux("s390x", "s390x-linux-gnu", "z13"),
    Machine(
      name: "arm",
      compiler: "arm-none-eabi-gcc",
      options: "--cpu cortex-m7 --cc-flag=-mthumb --cc-flag=-mfpu=fpv5-sp-d16 "
        + "--cc-flag=-mfloat-abi=hard --cc-flag=-ffunction-sections",
      emulator: "timeout 60 qemu-system-arm -M mps2-an500 -nographic "
        + "-semihosting-config enable=on,target=native -kernel",
      link: "-O2 -mcpu=cortex-m7 -mthumb -mfpu=fpv5-sp-d16 -mfloat-abi=hard -nostartfiles "
        + "-T \(programs)/cortex_m7.ld -Wl,--gc-sections \(programs)/cortex_m7.c",
      libraries: "-lm -lc -lgcc"
    ),
  ]

  /// Whether its compiler and emulator are there.
  var isThere: Bool {
    let program = emulator.split(separator: " ").first { $0.hasPrefix("qemu") } ?? "qemu"
    return Needed.holds("command -v \(compiler) && command -v \(program)")
  }
}

@Suite("Strict models on other machines", .serialized) struct CrossTests {
  /// The machines that can be tried here.
  private static let there = Machine.all.filter(\.isThere)
  /// Those that cannot.
  private static let missing = Machine.all.filter { !$0.isThere }
  /// The model of all of them.
  private static let build = "rondo build graphs/embed/meter.graph --math strict"
  /// Whether WebAssembly can be made and run.
  private static let hasWebAssembly = Needed.holds(
    "command -v node && echo 'int f(void) { return 0; }' >build/f.c && "
      + "clang --target=wasm32 -nostdlib -Wl,--no-entry build/f.c -o build/f.wasm"
  )

  /// What this machine comes to.
  private static let here = Result {
    let line =
      "\(build) -o build/strict && cc -O1 -Ibuild/strict \(Machine.programs)/main.c "
      + "\(Machine.programs)/cross.c build/strict/meter.c -lm -pthread -o build/cross"
    let built = try EmbeddedProgram.shell(line)
    try #require(built.code == 0, "\(built.text)")
    return try EmbeddedProgram.shell("build/cross").text
  }

  @Test("train and expect to the same bits, whatever the machine", arguments: there)
  func sameBits(_ machine: Machine) throws {
    let wanted = try Self.here.get()
    #expect(wanted.contains(/^[0-9a-f]{8}\n$/) && !wanted.hasPrefix("0000000"))
    let folder = "build/\(machine.name)"
    let built = try EmbeddedProgram.shell(
      "\(Self.build) --with static --cc \(machine.compiler) \(machine.options) -o \(folder)"
    )
    try #require(built.code == 0, "\(built.text)")
    #expect(built.text.contains("row on \(machine.name)\n"), "\(built.text)")
    let linked = try EmbeddedProgram.shell(
      "\(machine.compiler) \(machine.link) -I\(folder) \(Machine.programs)/cross.c "
        + "\(folder)/libmeter.a \(machine.libraries) -o \(folder)/cross"
    )
    try #require(linked.code == 0, "\(linked.text)")
    let found = try EmbeddedProgram.shell("\(machine.emulator) \(folder)/cross")
    #expect(found.code == 0 && found.text == wanted, "\(found.text)")
    // Here it is not loaded, and it is said why.
    let place = Platform.join(try #require(EmbeddedProgram.folder), folder)
    let error = #expect(throws: RuntimeError.self) { try CompiledModel(folder: place) }
    let sentence = "meter was compiled for \(machine.name), and this machine is "
    #expect(error?.message.hasPrefix(sentence) == true && error?.kind == .unsupported)
  }

  @Test(
    "are tried on every machine that there is a test for",
    .enabled(
      if: missing.isEmpty,
      "not tried, for want of \(missing.map { $0.compiler + " or qemu" }.joined(separator: ", "))"
    )
  )
  func allAreThere() { #expect(Self.there.count == Machine.all.count) }

  @Test(
    "give WebAssembly the same bits",
    .enabled(if: hasWebAssembly, "there is no clang for wasm32, or no node")
  )
  func webAssembly() throws {
    let wanted = try Self.here.get()
    let built = try EmbeddedProgram.shell(
      "clang --target=wasm32 -O2 -nostdlib -fno-builtin -isystem \(Machine.programs)/wasm "
        + "-Ibuild/strict -Wl,--no-entry -Wl,--export=cross \(Machine.programs)/cross.c "
        + "build/strict/meter.c -o build/cross.wasm"
    )
    try #require(built.code == 0, "\(built.text)")
    let found = try EmbeddedProgram.shell("node \(Machine.programs)/wasm/run.mjs build/cross.wasm")
    #expect(found.code == 0 && found.text == wanted, "\(found.text)")
  }

  @Test("refuse flags that change numbers, name files or are not known")
  func flags() throws {
    let wrong = [
      "-ffast-math": "it changes numbers", "-Ofast": "it changes numbers",
      "-ffp-contract=fast": "it changes numbers", "-mdaz-ftz": "it changes numbers",
      "@list": "it does not begin with a dash", "x.c": "it does not begin with a dash",
      "": "it does not begin with a dash", "-": "it does not begin with a dash",
      "-o/tmp/x": "is decided by rondo", "-c": "is decided by rondo",
      "-xc++": "is decided by rondo",
      "-fno-such-thing": "with what --cc-flag adds",
    ]
    for (flag, message) in wrong {
      let result = try EmbeddedProgram.shell("\(Self.build) '--cc-flag=\(flag)' -o build/none")
      #expect(result.code != 0 && result.text.contains(message), "\(flag): \(result.text)")
    }
  }
}
