/// What one statement of a profiled model took, in all calls so far.
package struct ProfileSite: Hashable, Sendable {
  /// The entry it belongs to.
  package var entry: String
  /// What it calculates.
  package var what: String
  /// The definition's line, or the library's; 0 if none says it.
  package var line: Int
  /// Whether the line is one of the library of layers.
  package var isInLibrary: Bool
  /// How often it ran.
  package var calls: Int
  /// How long that took.
  package var seconds: Double
  /// Additions, multiplications and the like.
  package var operations: Double
  /// Bytes that it had to read and write at least.
  package var bytes: Double
}

extension CompiledModel {
  /// The statements that have run since the library was loaded, in no order that means anything; nil if
  /// it was not compiled for this.
  package var profile: [ProfileSite]? {
    typealias Head = @convention(c) () -> UnsafeRawPointer?
    guard let function = library.symbol("\(manifest.model)_profile") else { return nil }
    var sites: [ProfileSite] = []
    // The layout is that of `profile_site` in the model's C.
    var next = unsafeBitCast(function, to: Head.self)()
    while let site = next {
      func text(_ offset: Int) -> String {
        site.load(fromByteOffset: offset, as: UnsafePointer<CChar>?.self)
          .map { String(cString: $0) } ?? ""
      }
      sites.append(
        ProfileSite(
          entry: text(0),
          what: text(8),
          line: Int(site.load(fromByteOffset: 16, as: Int32.self)),
          isInLibrary: site.load(fromByteOffset: 20, as: Int32.self) != 0,
          calls: Int(site.load(fromByteOffset: 32, as: UInt64.self)),
          seconds: site.load(fromByteOffset: 40, as: Double.self),
          operations: site.load(fromByteOffset: 48, as: Double.self),
          bytes: site.load(fromByteOffset: 56, as: Double.self)
        )
      )
      next = site.load(fromByteOffset: 24, as: UnsafeRawPointer?.self)
    }
    return sites
  }
}
