internal import ModelRuntime
package import Rondo

extension CCompiler {
  /// The compiler of models whose speed does not matter, at no optimisation.
  ///
  /// That is clang, which comes with Swift and then takes half of gcc's time; where there is none, the
  /// system's compiler.
  package static func quick() throws -> CCompiler { try found.get() }

  /// It, looked for once.
  private static let found = Result<CCompiler, any Error> {
    if let clang = try? find(option: "clang", environment: Platform.environment) { return clang }
    return try find(environment: Platform.environment)
  }
}
