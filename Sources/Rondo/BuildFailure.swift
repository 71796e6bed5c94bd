public import ModelRuntime

/// Why a definition did not become a model that runs.
public enum BuildFailure: Error, Sendable, CustomStringConvertible {
  /// The definition is wrong, or asks for what is not supported.
  case definition(CompilationFailure)
  /// The machine is to blame: its C compiler, its disk, its memory.
  case machine(RuntimeError)

  /// What a person is told.
  public var description: String {
    switch self {
    case .definition(let failure): failure.description
    case .machine(let error): error.description
    }
  }
}
