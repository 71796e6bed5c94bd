// This file and its neighbours, Platform+Processes, Platform+Machine and Platform+Numbers, are all that talks
// to the operating system. Everything else in the house asks here, so porting is porting these four.

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

/// The operating system, as far as the house needs it.
package enum Platform {}

// MARK: - Files

extension Platform {
  /// What `stat` says of a path.
  package struct FileStatus: Hashable, Sendable {
    /// What stands at the path.
    package enum Kind: Hashable, Sendable {
      /// A regular file.
      case file
      /// A folder.
      case folder
      /// A symbolic link (only when links are not followed).
      case link
      /// A device, a pipe, a socket.
      case other
    }

    /// What stands at the path.
    package var kind: Kind
    /// The size in bytes.
    package var size: Int
    /// The user who owns it.
    package var owner: UInt32
    /// The permission bits, with the sticky and set-id bits (07777).
    package var mode: UInt32
    /// When the contents last changed, in nanoseconds since 1970.
    package var modified: Int
    /// When the contents, the name or the rights last changed, which nobody can set.
    package var changed: Int
    /// Its number in its file system.
    package var number: UInt64
  }

  /// Looks at a path; nil where nothing stands.
  package static func status(
    _ path: String,
    followingLinks: Bool = true
  ) throws(RuntimeError) -> FileStatus? {
    var info = stat()
    let path = try checked(path)
    let result = followingLinks ? stat(path, &info) : lstat(path, &info)
    if result != 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure("cannot look at \(quoted(path))")
    }
    let kind: FileStatus.Kind =
      switch info.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    #if canImport(Darwin)
      let (modified, changed) = (info.st_mtimespec, info.st_ctimespec)
    #else
      let (modified, changed) = (info.st_mtim, info.st_ctim)
    #endif
    func nanoseconds(_ time: timespec) -> Int {
      Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
    return FileStatus(
      kind: kind,
      size: Int(info.st_size),
      owner: UInt32(info.st_uid),
      mode: UInt32(info.st_mode) & 0o7777,
      modified: nanoseconds(modified),
      changed: nanoseconds(changed),
      number: UInt64(info.st_ino)
    )
  }

  /// Reads a regular file whole, or its first bytes; refuses one of more than `limit` bytes before
  /// reading it.
  package static func read(
    _ path: String,
    first: Int = .max,
    limit: Int = 1 << 36
  ) throws(RuntimeError) -> [UInt8] {
    // Without blocking, since opening a pipe that nobody writes would wait for ever.
    let file = openAgain(try checked(path), O_RDONLY | O_NONBLOCK)
    guard file >= 0 else { throw failure("cannot read \(quoted(path))") }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw failure("cannot read \(quoted(path))") }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw RuntimeError("\(quoted(path)) is not a regular file")
    }
    guard info.st_size <= limit else {
      throw RuntimeError("\(quoted(path)) has \(info.st_size) bytes, more than \(limit)")
    }
    let size = min(Int(info.st_size), max(first, 0))
    var errorNumber: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Self.readOnce(file, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 { errorNumber = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    guard errorNumber == 0 else { throw failure("cannot read \(quoted(path))", errorNumber) }
    return bytes
  }

  /// `read`, again when a signal interrupts it.
  static func readOnce(_ file: Int32, _ to: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    while true {
      #if canImport(Glibc)
        let got = Glibc.read(file, to, count)
      #else
        let got = Darwin.read(file, to, count)
      #endif
      if got < 0 && errno == EINTR { continue }
      return got
    }
  }

  /// `open`, again when a signal interrupts it; no child inherits what it opens.
  static func openAgain(_ path: String, _ flags: Int32, _ mode: UInt32 = 0) -> Int32 {
    while true {
      let file = open(path, flags | O_CLOEXEC, mode_t(mode))
      if file < 0 && errno == EINTR { continue }
      return file
    }
  }

  /// `fsync`, again when a signal interrupts it: 0, or the error's number.
  private static func synchronize(_ file: Int32) -> Int32 {
    while fsync(file) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  /// Makes an empty file of a new name in a folder.
  private static func makeTemporaryFile(
    in folder: String,
    mode: UInt32
  ) throws(RuntimeError) -> (path: String, file: Int32) {
    // Not by `mkstemp`, which gives a mode of its own: so the person's mask decides, as for any file.
    for _ in 0..<100 {
      let name = ".rondo-" + String(UInt64.random(in: .min ... .max), radix: 36)
      let path = try checked(join(folder, name))
      let file = openAgain(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
      if file >= 0 || errno != EEXIST { return (path, file) }
    }
    return (folder, -1)
  }

  /// Replaces a file's contents in one step that survives a crash: what stands at the path is, at
  /// any moment, the old bytes or the new.
  ///
  /// On failure the old stay and no other file is left. Only when the new stand there already and the
  /// folder cannot be synchronized is there an error though they do.
  package static func replace(
    _ path: String,
    with bytes: [UInt8],
    mode: UInt32 = 0o644
  ) throws(RuntimeError) {
    let (folder, name) = split(path)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw RuntimeError("\(quoted(path)) does not name a file")
    }
    let target = try checked(path)
    // The superuser could put a file in the place of `/dev/null`, for everybody.
    if let status = try status(path), status.kind == .other {
      throw RuntimeError("cannot write \(quoted(path)): it is a device or a pipe, and no file")
    }
    let (temporary, file) = try makeTemporaryFile(in: folder, mode: mode)
    guard file >= 0 else { throw failure("cannot write \(quoted(path))") }
    func giveUp(_ number: Int32) -> RuntimeError {
      unlink(temporary)
      return failure("cannot write \(quoted(path))", number)
    }
    let written = write(bytes, to: file)
    let trouble = written != 0 ? written : synchronize(file)
    // Closing may be where a full disk shows, so its result counts too; interrupted, it is closed.
    let closed = close(file) != 0 && errno != EINTR ? errno : 0
    guard trouble == 0 else { throw giveUp(trouble) }
    guard closed == 0 else { throw giveUp(closed) }
    guard rename(temporary, target) == 0 else { throw giveUp(errno) }
    try synchronize(folder: folder)
  }

  /// Removes what writers left in a folder that were killed more than `seconds` ago: temporary files
  /// of `replace`, and private folders.
  package static func removeLeftovers(in folder: String, olderThan seconds: Double) {
    for name in (try? list(folder)) ?? []
    where name.hasPrefix(".rondo-") || name.hasPrefix("rondo-") {
      let path = join(folder, name)
      guard let status = try? status(path, followingLinks: false) else { continue }
      if Double(status.modified) * 1e-9 < date - seconds { try? remove(path) }
    }
  }

  /// Writes all bytes to an open file; 0, or the error's number.
  package static func write(_ bytes: [UInt8], to file: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let part = UnsafeRawBufferPointer(rebasing: buffer[done...])
        #if canImport(Glibc)
          let got = Glibc.write(file, part.baseAddress, part.count)
        #else
          let got = Darwin.write(file, part.baseAddress, part.count)
        #endif
        if got < 0 {
          if errno == EINTR { continue }
          return errno
        }
        // A disk that takes nothing and does not say why would keep us here for ever.
        if got == 0 { return ENOSPC }
        done += got
      }
      return 0
    }
  }

  /// Makes what was renamed into a folder survive a loss of power.
  package static func synchronize(folder: String) throws(RuntimeError) {
    let file = openAgain(try checked(folder), O_RDONLY)
    guard file >= 0 else { throw failure("cannot synchronize \(quoted(folder))") }
    defer { close(file) }
    // Some file systems have no such thing for folders and say so; there is nothing to add.
    let trouble = synchronize(file)
    guard trouble == 0 || trouble == EINVAL || trouble == EROFS else {
      throw failure("cannot synchronize \(quoted(folder))", trouble)
    }
  }

  /// Gives a file or folder another name; false when the place is taken by a folder with contents.
  package static func move(_ path: String, to other: String) throws(RuntimeError) -> Bool {
    if rename(try checked(path), try checked(other)) == 0 { return true }
    if errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR { return false }
    throw failure("cannot rename \(quoted(path)) to \(quoted(other))")
  }

  /// Makes a folder and those above it; what exists stays as it is.
  package static func makeFolder(_ path: String, mode: UInt32 = 0o777) throws(RuntimeError) {
    if try status(path)?.kind == .folder { return }
    let (above, name) = split(path)
    if !name.isEmpty, above != path { try makeFolder(above, mode: mode) }
    guard mkdir(try checked(path), mode_t(mode)) == 0 || errno == EEXIST else {
      throw failure("cannot make the folder \(quoted(path))")
    }
    guard try status(path)?.kind == .folder else {
      throw RuntimeError("\(quoted(path)) is in the way of a folder of that name")
    }
  }

  /// Makes a folder of a new name that only this user may enter.
  package static func makePrivateFolder(in folder: String) throws(RuntimeError) -> String {
    var template = Array(try checked(join(folder, "rondo-XXXXXX")).utf8CString)
    guard mkdtemp(&template) != nil else {
      throw failure("cannot make a folder in \(quoted(folder))")
    }
    return template.withUnsafeBufferPointer { buffer in
      String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// The names in a folder, in the order of their bytes.
  package static func list(_ folder: String) throws(RuntimeError) -> [String] {
    guard let stream = opendir(try checked(folder)) else {
      throw failure("cannot list \(quoted(folder))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      // The end and an error look alike but for this number.
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw failure("cannot list \(quoted(folder))") }
        break
      }
      let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: capacity) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file, or a folder with all that is in it; nothing happens when nothing is there.
  ///
  /// Links are removed, never followed.
  package static func remove(_ path: String) throws(RuntimeError) {
    guard let status = try status(path, followingLinks: false) else { return }
    if status.kind == .folder {
      for name in try list(path) { try remove(join(path, name)) }
    }
    let result = status.kind == .folder ? rmdir(try checked(path)) : unlink(try checked(path))
    guard result == 0 || errno == ENOENT else { throw failure("cannot remove \(quoted(path))") }
  }

  /// The path with links and dots resolved; it must exist.
  package static func resolved(_ path: String) throws(RuntimeError) -> String {
    guard let buffer = realpath(try checked(path), nil) else {
      throw failure("cannot find \(quoted(path))")
    }
    defer { free(buffer) }
    return try utf8(buffer)
  }

  /// A path that the system gave; one that is not UTF-8 would be another path once it is a text.
  private static func utf8(_ path: UnsafePointer<CChar>) throws(RuntimeError) -> String {
    guard let text = String(validatingCString: path) else {
      throw RuntimeError(
        .unsupported,
        "the path \(quoted(String(cString: path))) is not UTF-8",
        hint: "rename the folder, or work in another one"
      )
    }
    return text
  }

  /// The path as an absolute one, by the current folder; nothing need stand there.
  package static func absolute(_ path: String) throws(RuntimeError) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let buffer = getcwd(nil, 0) else { throw failure("cannot find the current folder") }
    defer { free(buffer) }
    return join(try utf8(buffer), path)
  }

  /// Whether this user may execute what stands at the path.
  package static func isExecutable(_ path: String) -> Bool {
    guard let path = try? checked(path), let status = try? status(path) else { return false }
    return status.kind == .file && access(path, X_OK) == 0
  }

  /// A folder's path and a name in it, joined.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
  }

  /// A path's folder and its last name; trailing slashes do not count.
  package static func split(_ path: String) -> (folder: String, name: String) {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
      return (".", String(decoding: bytes, as: UTF8.self))
    }
    let folder = slash == 0 ? bytes[..<1] : bytes[..<slash]
    return (
      String(decoding: folder, as: UTF8.self),
      String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    )
  }

  /// The path, if the system can take it: C would silently stop at a NUL.
  static func checked(_ path: String) throws(RuntimeError) -> String {
    guard !path.isEmpty else { throw RuntimeError("a path is empty") }
    guard !path.utf8.contains(0) else {
      throw RuntimeError("the path \(quoted(path)) has a NUL in it")
    }
    return path
  }

  /// An error with the system's reason.
  static func failure(_ message: String, _ number: Int32 = errno) -> RuntimeError {
    RuntimeError("\(message): \(reason(number))")
  }
}

// MARK: - Files read in parts

extension Platform {
  /// A regular file that stays open and is read in parts, by any thread.
  ///
  /// Read by position and not mapped: a file that is cut while it is read gives an error, no signal.
  package final class OpenFile: Sendable {
    /// The path it was opened by.
    package let path: String
    /// How many bytes it had when it was opened.
    package let size: Int
    /// The system's number of it.
    private let file: Int32

    /// Opens a file.
    package init(_ path: String) throws(RuntimeError) {
      // Without blocking, since opening a pipe that nobody writes would wait for ever.
      let file = Platform.openAgain(try Platform.checked(path), O_RDONLY | O_NONBLOCK)
      guard file >= 0 else { throw Platform.failure("cannot read \(quoted(path))") }
      var info = stat()
      let isRead = fstat(file, &info) == 0
      guard isRead, info.st_mode & S_IFMT == S_IFREG else {
        close(file)
        throw RuntimeError("\(quoted(path)) is not a regular file")
      }
      self.path = path
      self.file = file
      size = Int(info.st_size)
    }

    deinit { close(file) }

    /// Some bytes from a place on; throws when the file has not so many.
    package func bytes(at place: Int, count: Int) throws(RuntimeError) -> [UInt8] {
      var errorNumber: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
        while done < count {
          let got = pread(
            file,
            buffer.baseAddress.map { $0 + done },
            count - done,
            off_t(place + done)
          )
          if got < 0 && errno == EINTR { continue }
          if got < 0 { errorNumber = errno }
          guard got > 0 else { break }
          done += got
        }
      }
      guard errorNumber == 0 else {
        throw Platform.failure("cannot read \(quoted(path))", errorNumber)
      }
      guard bytes.count == count else {
        throw RuntimeError("\(quoted(path)) has become shorter while it was read")
      }
      return bytes
    }
  }
}
