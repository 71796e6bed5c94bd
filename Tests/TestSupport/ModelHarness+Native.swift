package import Rondo

extension ModelHarness {
  /// The model, compiled and loaded; once for equal texts and options.
  package func native(optimization: Int = 0) throws -> NativeModel {
    try NativeModel(
      (fault == nil ? text : nil).map {
        try BuiltModels.shared.model($0, options, optimization: optimization)
      }
        ?? BuiltModels.build(generated(), optimization),
      stores: stores
    )
  }
}
