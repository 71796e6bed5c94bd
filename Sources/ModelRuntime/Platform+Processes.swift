package import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

// MARK: - This process

extension Platform {
  /// The number of the stream that results go to.
  package static let output = STDOUT_FILENO
  /// The number of the stream for what is said beside results.
  package static let errorOutput = STDERR_FILENO
  /// The signals that ask a process to stop.
  private static let stops = [SIGINT, SIGTERM]

  /// Whether a stream goes to a terminal.
  package static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

  /// Whether an error's number says that nobody reads any more what is written.
  package static func isBrokenPipe(_ number: Int32) -> Bool { number == EPIPE }

  /// What the system says of an error's number.
  package static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

  /// From now on writing for a reader that has gone away fails, and no longer ends the process.
  package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  /// From now on the system says how children end, even if whoever started this process did not care.
  package static func awaitChildren() { signal(SIGCHLD, SIG_DFL) }

  /// Calls `body` with the signal's number when somebody asks this process to stop; it may do no more than
  /// what a signal's handler may.
  package static func onStop(_ body: @escaping @convention(c) (Int32) -> Void) {
    for number in stops { signal(number, body) }
  }

  /// From now on whoever asks this process to stop ends it.
  package static func endByStops() {
    for number in stops { endBy(number) }
  }

  /// From now on the signal ends this process.
  package static func endBy(_ number: Int32) { signal(number, SIG_DFL) }

  /// Ends this process.
  package static func exit(_ code: Int32) -> Never { systemExit(code) }
}

/// The system's function under a name that the member above does not hide.
private func systemExit(_ code: Int32) -> Never { exit(code) }

// MARK: - Other programs

extension Platform {
  /// How a program ended and what it wrote.
  package struct ProcessResult: Hashable, Sendable {
    /// How a program ended.
    package enum Ending: Hashable, Sendable {
      /// By itself, with this code.
      case exited(Int32)
      /// By this signal.
      case killed(signal: Int32)
      /// By us, after the time limit.
      case timedOut
      /// By us, for writing more than the output limit.
      case wroteTooMuch
      /// By us, because this process was asked to end.
      case interrupted
    }

    /// How it ended.
    package var ending: Ending
    /// What it wrote to its output and error streams together, up to the limit.
    package var output: [UInt8]
  }

  /// Set when somebody asks this process to end: the programs it awaits are then ended too.
  package static let isInterrupted = Atomic<Bool>(false)

  /// A program to run.
  package struct Command {
    /// Its file.
    package var program: String
    /// What it is told.
    package var arguments: [String]
    /// Its whole environment.
    package var environment: [(String, String)]

    /// Puts a command together.
    package init(_ program: String, _ arguments: [String], environment: [(String, String)]) {
      self.program = program
      self.arguments = arguments
      self.environment = environment
    }
  }

  /// Runs a program to its end, in a process group of its own that is killed whole when it takes
  /// longer than `seconds` or writes more than `outputLimit` bytes.
  ///
  /// No shell, no inherited environment, no input; nothing is left behind, not even an unawaited
  /// child.
  package static func run(
    _ program: String,
    _ arguments: [String],
    environment: [(String, String)],
    seconds: Double,
    outputLimit: Int = 1 << 20
  ) throws(RuntimeError) -> ProcessResult {
    let command = Command(program, arguments, environment: environment)
    let results = try run(together: [command], seconds: seconds, outputLimit: outputLimit)
    return results[0]
  }

  /// Runs programs at the same time, each to its end; their results in their order.
  package static func run(
    together commands: [Command],
    seconds: Double,
    outputLimit: Int = 1 << 20
  ) throws(RuntimeError) -> [ProcessResult] {
    let deadline = now + seconds
    var children: [Child] = []
    // Those that run when another cannot be started, or known about, end too.
    defer { for child in children { child.leave() } }
    for command in commands { children.append(try Child(command)) }
    while children.contains(where: \.isRunning) {
      for place in children.indices where children[place].isRunning {
        children[place].look(outputLimit: outputLimit, deadline: deadline)
      }
      var waiting = children.filter(\.isRunning).map {
        pollfd(fd: $0.isOpen ? $0.file : -1, events: Int16(POLLIN), revents: 0)
      }
      if waiting.isEmpty { break }
      poll(&waiting, nfds_t(waiting.count), waiting.contains { $0.fd < 0 } ? 2 : 20)
    }
    var results: [ProcessResult] = []
    for place in children.indices {
      results.append(try children[place].result(outputLimit: outputLimit))
    }
    return results
  }

  /// A program that was started.
  private struct Child {
    /// The end of the pipe that its output comes from.
    let file: Int32
    /// `true` iff more output may come.
    private(set) var isOpen = true
    /// `true` until it has ended or must.
    private(set) var isRunning = true
    private let program: String
    private let id: pid_t
    private var isAwaited = false
    private var stop: ProcessResult.Ending?
    private var output: [UInt8] = []

    /// Starts it.
    init(_ command: Command) throws(RuntimeError) {
      let texts = command.arguments + command.environment.map(\.1)
      for text in texts where text.utf8.contains(0) {
        throw RuntimeError("the argument \(quoted(text)) has a NUL in it")
      }
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw failure("cannot make a pipe") }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
      let (arguments, environment) = (command.arguments, command.environment)
      defer { close(ends[1]) }
      do {
        program = command.program
        id = try spawn(try checked(program), arguments, environment, output: ends[1])
        file = ends[0]
      } catch {
        close(ends[0])
        throw error
      }
    }

    /// Reads what it has written, and sees whether it has ended or must.
    mutating func look(outputLimit: Int, deadline: Double) {
      // A grandchild may hold the pipe open after the program's end, or the program may close it
      // and go on, so neither is waited for alone.
      let ended = hasEnded(id)
      if isOpen { isOpen = drain(file, into: &output, limit: outputLimit) }
      if output.count > outputLimit { stop = .wroteTooMuch }
      if !ended {
        if now > deadline { stop = .timedOut }
        if isInterrupted.load(ordering: .relaxed) { stop = .interrupted }
      }
      isRunning = !ended && stop == nil
    }

    /// Ends what is left of its group, and says how it ended.
    mutating func result(outputLimit: Int) throws(RuntimeError) -> ProcessResult {
      // The child is not awaited yet, so its number cannot have become another's.
      kill(-id, SIGKILL)
      isAwaited = true
      var code: Int32 = 0
      var awaited = waitpid(id, &code, 0)
      while awaited < 0 && errno == EINTR { awaited = waitpid(id, &code, 0) }
      guard awaited == id || stop != nil else {
        throw RuntimeError(
          "how \(quoted(program)) ended cannot be known: somebody else in this process awaits its "
            + "children, or SIGCHLD is ignored"
        )
      }
      output.removeLast(max(0, output.count - outputLimit))
      let ending: ProcessResult.Ending =
        code & 0x7f == 0 ? .exited(code >> 8 & 0xff) : .killed(signal: code & 0x7f)
      return ProcessResult(ending: stop ?? ending, output: output)
    }

    /// Closes its pipe, and ends it if nobody has asked for its result.
    func leave() {
      if !isAwaited {
        kill(-id, SIGKILL)
        while waitpid(id, nil, 0) < 0 && errno == EINTR {}
      }
      close(file)
    }
  }

  /// Starts the program with both output streams on `output`.
  private static func spawn(
    _ program: String,
    _ arguments: [String],
    _ environment: [(String, String)],
    output: Int32
  ) throws(RuntimeError) -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t? = nil
      var attributes: posix_spawnattr_t? = nil
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGCHLD] {
      sigaddset(&signals, signal)
    }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0.0 + "=" + $0.1) } + [nil]
    defer { for text in argv + envp { free(text) } }
    var child: pid_t = 0
    var result = posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
    // Another thread's child may for a moment hold a program open that was just written here.
    for _ in 0..<100 where result == ETXTBSY {
      usleep(2_000)
      result = posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
    }
    guard result == 0 else { throw failure("cannot run \(quoted(program))", result) }
    return child
  }

  /// Reads what is there; false when there will be no more.
  ///
  /// Stops soon after the limit.
  static func drain(_ file: Int32, into output: inout [UInt8], limit: Int) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while output.count <= limit {
      let got = buffer.withUnsafeMutableBytes { readOnce(file, $0.baseAddress, $0.count) }
      if got < 0 { return errno == EAGAIN }
      if got == 0 { return false }
      output += buffer[..<got]
    }
    return true
  }

  /// Whether the child has ended, leaving it to be awaited.
  private static func hasEnded(_ child: pid_t) -> Bool {
    var info = siginfo_t()
    let result = waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT)
    return result != 0 ? errno != EINTR : info.si_signo == SIGCHLD
  }
}
