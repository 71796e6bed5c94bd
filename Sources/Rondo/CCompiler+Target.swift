internal import ModelRuntime

// What a compiler makes libraries for, and the flags that a person adds.
extension CCompiler {
  /// Why a flag cannot be given to the C compiler; nil when it can.
  ///
  /// Arithmetic is decided by the C text, and a library leaves its host's rounding alone: no flag may change
  /// that. What is compiled and where it goes is ours.
  public static func trouble(withFlag flag: String) -> String? {
    guard flag.utf8.count <= 4096, flag.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      return "it is too long, or has control characters"
    }
    guard flag.hasPrefix("-"), flag != "-" else {
      return "it does not begin with a dash; a flag's value is written with it, as in --sysroot=DIR"
    }
    let changesArithmetic =
      ["-ffp-contract", "-ffp-model", "-fassociative-math", "-mfpmath", "-mdaz-ftz", "-mpc"]
      .contains(where: flag.hasPrefix)
      || [
        "-Ofast", "-ffast-math", "-funsafe-math-optimizations", "-freciprocal-math",
        "-ffinite-math-only", "-fno-signed-zeros", "-fsingle-precision-constant", "-fshort-enums",
        "-fpack-struct", "-funsigned-bitfields",
      ].contains(flag)
    if changesArithmetic { return "it changes numbers or structures, which the C text decides" }
    let isOurs =
      ["-o", "-x", "-l"].contains(where: flag.hasPrefix)
      || ["-c", "-S", "-E", "-M", "-MM", "-###", "-fsyntax-only", "-shared", "-static"].contains(
        flag
      )
    return isOurs ? "what is compiled, and to what, is decided by rondo" : nil
  }

  /// The flags that the compiler knows of those that are wanted, when it does not know all of them.
  ///
  /// - Parameters:
  ///   - wanted: all of them, those that a person adds at the end.
  ///   - added: those that a person adds, of which none is left out.
  ///   - run: makes a library of an empty function.
  /// - Throws: `RuntimeError` when it refuses what was added.
  func known(
    of wanted: [String],
    adding added: [String],
    _ run: ([String]) throws(RuntimeError) -> Platform.ProcessResult
  ) throws(RuntimeError) -> [String] {
    func isKnown(_ flags: [String]) throws(RuntimeError) -> Bool {
      try run(flags).ending == .exited(0)
    }
    // The processor first: what is added may hold for it alone. It has one flag with some compilers and
    // machines, and another with others.
    let target = wanted.first { $0.hasPrefix("-march=") || $0.hasPrefix("-mcpu=") }
    var form: String?
    for flag in [target, target?.replacing("-march=", with: "-mcpu=")] {
      if form == nil, let flag, try isKnown([flag] + added) { form = flag }
    }
    let sure = (form.map { [$0] } ?? []) + added
    if form == nil, !added.isEmpty {
      let asked = try run(added)
      guard asked.ending == .exited(0) else {
        throw failure(
          "cannot make a library of an empty function with what --cc-flag adds",
          asked,
          added,
          seconds: 60
        )
      }
    }
    var kept: [String] = []
    for flag in wanted.dropLast(added.count) {
      if flag == target {
        if let form { kept.append(form) }
      } else if try isKnown(sure + [flag]) {
        kept.append(flag)
      }
    }
    return kept + added
  }

  /// Whether the compiler says that it makes code for another machine than this one.
  ///
  /// Asked only about a library that is for another: it was meant, or the compiler is broken.
  func isForAnotherMachine(_ options: Options, scratch: String) -> Bool {
    let asked = try? execute(
      options.flags + ["-dumpmachine"],
      scratch: scratch,
      seconds: 10,
      outputLimit: 1 << 12
    )
    guard let asked, asked.ending == .exited(0) else { return false }
    let said = String(decoding: asked.output, as: UTF8.self)
    guard let architecture = said.split(separator: "-").first, said.contains("-") else {
      return false
    }
    let host = LibraryFile.host
    return architecture != host && architecture != host.replacing("-", with: "_")
  }

  /// The most stack that a function takes, by what the compiler wrote beside the objects in a folder.
  static func stack(saidIn folder: String) -> Int? {
    let files = ((try? Platform.list(folder)) ?? []).filter { $0.hasSuffix(".su") }
    let texts = files.compactMap { file -> String? in
      let bytes = try? Platform.read(Platform.join(folder, file), limit: 1 << 24)
      return bytes.map { String(decoding: $0, as: UTF8.self) }
    }
    // A line is the place and name of a function, its bytes, and whether they are known beforehand.
    return texts.flatMap { $0.split(separator: "\n") }
      .compactMap { line in line.split(separator: "\t").dropFirst().first.flatMap { Int($0) } }
      .max()
  }

  /// What a library is instead of a whole one for the machine that the compiler compiles for; nil when it
  /// is that.
  func trouble(
    with library: LibraryFile?,
    _ options: Options,
    scratch: String
  ) -> String? {
    guard let library else { return "no whole library" }
    let isExpected =
      library.machine == LibraryFile.host || isForAnotherMachine(options, scratch: scratch)
    return isExpected ? library.trouble : "a library of another architecture"
  }
}
