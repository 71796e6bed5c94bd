/// What the head of a library's file says: the machine that it is for, and whether all of it is there.
///
/// Nothing of it is run or mapped: mapping a library that was cut short kills the process, and one of another
/// machine's is refused by the system in words that help nobody.
package struct LibraryFile: Hashable, Sendable {
  /// The machine, such as `x86-64` or `aarch64`.
  package var machine: String
  /// What the file is instead of a whole library; nil when it is one.
  package var trouble: String?

  /// Reads a library's bytes; nil when they do not begin as one.
  package init?(_ bytes: [UInt8]) {
    #if os(Linux)
      guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]),
        (1...2).contains(bytes[4]), (1...2).contains(bytes[5])
      else { return nil }
      let (isWide, isLittle) = (bytes[4] == 2, bytes[5] == 1)
      func number(_ offset: Int, _ size: Int) -> UInt64 {
        let part = bytes[offset..<offset + size]
        return isLittle
          ? part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
          : part.reduce(0) { $0 << 8 | UInt64($1) }
      }
      func isInside(_ start: UInt64, _ length: UInt64) -> Bool {
        let (end, overflow) = start.addingReportingOverflow(length)
        return !overflow && end <= bytes.count
      }
      machine = Self.name(number(18, 2), isWide: isWide, isLittle: isLittle)
      // Neither a program nor what is still to be linked.
      guard number(16, 2) == 3 else {
        trouble = "something else than a library"
        return
      }
      let word = isWide ? 8 : 4
      let counts = isWide ? 54 : 42
      let programs = (
        start: number(isWide ? 32 : 28, word), size: number(counts, 2), count: number(counts + 2, 2)
      )
      let sections = (
        start: number(isWide ? 40 : 32, word), size: number(counts + 4, 2),
        count: number(counts + 6, 2)
      )
      guard programs.size == (isWide ? 56 : 32), programs.count > 0,
        isInside(programs.start, programs.size * programs.count),
        isInside(sections.start, sections.size * sections.count)
      else {
        trouble = "no whole library"
        return
      }
      let isWhole = (0..<programs.count).allSatisfy { index in
        let header = Int(programs.start + index * programs.size)
        return isInside(
          number(header + (isWide ? 8 : 4), word),
          number(header + (isWide ? 32 : 16), word)
        )
      }
      if !isWhole { trouble = "no whole library" }
    #else
      guard bytes.count >= 32 else { return nil }
      machine = Self.host
    #endif
  }

  /// What a machine of an ELF file is called.
  private static func name(_ number: UInt64, isWide: Bool, isLittle: Bool) -> String {
    switch (number, isWide, isLittle) {
    case (62, true, true): "x86-64"
    case (183, true, true): "aarch64"
    case (243, true, true): "riscv64"
    case (243, false, true): "riscv32"
    case (40, false, true): "arm"
    case (3, false, true): "i386"
    case (22, true, false): "s390x"
    case (21, true, true): "ppc64le"
    default: "machine \(number) of \(isWide ? 64 : 32) bits\(isLittle ? "" : ", big-endian")"
    }
  }

  /// This machine.
  package static var host: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "aarch64"
    #elseif arch(riscv64)
      "riscv64"
    #elseif arch(arm)
      "arm"
    #elseif arch(i386)
      "i386"
    #elseif arch(s390x)
      "s390x"
    #elseif arch(powerpc64le)
      "ppc64le"
    #else
      "unknown"
    #endif
  }
}
