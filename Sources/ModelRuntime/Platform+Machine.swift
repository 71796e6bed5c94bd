#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

extension Platform {
  /// An open shared library; closed when its last owner lets go.
  package final class Library: @unchecked Sendable {
    // Sendable because the handle never changes and the system's functions on it may be called
    // from any thread.
    /// The system's handle.
    private let handle: UnsafeMutableRawPointer

    /// Opens the library at an absolute path; its constructors run here.
    package init(at path: String) throws(RuntimeError) {
      guard let handle = dlopen(try checked(path), RTLD_NOW | RTLD_LOCAL) else {
        let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
        throw RuntimeError("cannot load \(quoted(path)): \(reason)")
      }
      self.handle = handle
    }

    deinit { dlclose(handle) }

    /// The address of a symbol, which lives as long as the library.
    package func symbol(_ name: String) -> UnsafeRawPointer? {
      UnsafeRawPointer(dlsym(handle, name))
    }
  }

  /// From so many bytes on, memory is asked for in huge pages.
  private static let hugeBytes = 8 << 20
  /// A huge page.
  private static let hugePage = 2 << 20

  /// Zeroed memory for a block, its address a multiple of `alignment`, and what to free; nil when
  /// there is none.
  ///
  /// Pages come from the system zeroed, so what is never used costs nothing. Large blocks begin on a huge
  /// page and ask for such, since weights are read from one end to the other in every call.
  package static func zeroed(
    bytes: Int,
    alignment: Int
  ) -> (start: UnsafeMutableRawPointer, free: UnsafeMutableRawPointer)? {
    let alignment = bytes >= hugeBytes ? max(alignment, hugePage) : alignment
    let (size, overflow) = bytes.addingReportingOverflow(alignment)
    guard !overflow, bytes >= 0, let memory = calloc(1, size) else { return nil }
    let start = memory.alignedUp(toMultipleOf: alignment)
    #if os(Linux)
      // A host that gives none goes on with what it has.
      if bytes >= hugeBytes { _ = madvise(start, bytes, MADV_HUGEPAGE) }
    #endif
    return (start, memory)
  }

  /// Gives memory back.
  package static func release(_ memory: UnsafeMutableRawPointer) { free(memory) }

  /// Seconds on a clock that only goes forward.
  package static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds since 1970.
  package static var date: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The environment, as a value to hand on; read once, at the top.
  package static var environment: [String: String] {
    var result: [String: String] = [:]
    var cursor = environ
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        result[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      cursor += 1
    }
    return result
  }

  /// What this processor can do beyond its architecture, of what a compiler may make use of.
  package static let processorFeatures: [String] = {
    // Read as text, because the kernel leaves out what it does not save at a switch of threads.
    guard let bytes = try? readStream("/proc/cpuinfo", limit: 1 << 16) else { return [] }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("flags") || $0.hasPrefix("Features") })
    else { return [] }
    let words = Set(line.split { $0 == " " || $0 == "\t" || $0 == ":" })
    return instructionSets.filter { words.contains($0[...]) }
  }()

  /// The kernel's names of the instruction sets that compilers know, in a fixed order.
  private static let instructionSets: [String] = [
    "cx16", "pni", "ssse3", "sse4_1", "sse4_2", "sse4a", "popcnt", "movbe", "aes", "pclmulqdq",
    "lahf_lm", "abm", "bmi1", "bmi2", "f16c", "fma", "fma4", "xop", "tbm", "avx", "avx2", "adx",
    "sha_ni", "gfni", "vaes", "vpclmulqdq", "avx_vnni", "avx512f", "avx512cd", "avx512bw",
    "avx512dq", "avx512vl", "avx512ifma", "avx512vbmi", "avx512_vbmi2", "avx512_vnni",
    "avx512_bitalg", "avx512_vpopcntdq", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8",
    "amx_bf16", "asimd", "asimdhp", "asimddp", "atomics", "fphp", "sve", "sve2", "bf16", "i8mm",
  ]

  /// What the processor is called, where the kernel says it.
  package static let processorName: String? = {
    guard let bytes = try? readStream("/proc/cpuinfo", limit: 1 << 16) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("model name") }
    let words = line?.split(separator: ":").last?.split(separator: " ")
    return words?.joined(separator: " ")
  }()

  /// Keeps this thread, and the threads and processes it starts, to so many processors while `body` runs,
  /// so that what is timed does not move about; `body` is told whether the system does that.
  package static func pinned<Result>(
    toProcessors count: Int,
    _ body: (Bool) throws -> Result
  ) rethrows -> Result {
    // The header shows these to GNU sources alone, so they are asked for by name.
    typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> Int32
    var allowed = [UInt64](repeating: 0, count: 16)
    let size = allowed.count * 8
    guard let get = dlsym(nil, "sched_getaffinity"), let set = dlsym(nil, "sched_setaffinity"),
      unsafeBitCast(get, to: Affinity.self)(0, size, &allowed) >= 0
    else { return try body(false) }
    var chosen = allowed
    var left = count
    for place in chosen.indices {
      for bit in UInt64(0)..<64 where chosen[place] & 1 << bit != 0 {
        if left == 0 { chosen[place] &= ~(1 << bit) } else { left -= 1 }
      }
    }
    let isPinned = left == 0 && unsafeBitCast(set, to: Affinity.self)(0, size, &chosen) == 0
    defer { if isPinned { _ = unsafeBitCast(set, to: Affinity.self)(0, size, &allowed) } }
    return try body(isPinned)
  }

  /// Reads a file of the kernel's, whose size is not known beforehand.
  private static func readStream(_ path: String, limit: Int) throws(RuntimeError) -> [UInt8] {
    let file = openAgain(try checked(path), O_RDONLY)
    guard file >= 0 else { throw failure("cannot read \(quoted(path))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    _ = drain(file, into: &bytes, limit: limit)
    return bytes
  }

  /// The user whose rights this process has.
  package static var user: UInt32 { UInt32(geteuid()) }

  /// Whether this process has rights that whoever started it has not.
  package static var isSetUser: Bool {
    geteuid() != getuid() || getegid() != getgid()
  }
}
