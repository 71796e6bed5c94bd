package import ModelRuntime

/// Where examples come from: the rows of a table, the windows of a series, the places of arrays.
package protocol ExampleReader: Sendable {
  /// The inputs that each example has a value for.
  var fields: [Field] { get }
  /// How many examples there are.
  var count: Int { get }
  /// Whether what was read may be kept, because there is little of it.
  var isSmall: Bool { get }

  /// The values of an example's fields, in their order.
  ///
  /// - Throws: `RuntimeError` when the file cannot be read, or has been changed; `BadValue` is in the
  ///   result when the example itself is wrong.
  func values(of example: Int) throws(RuntimeError) -> Result<[FieldValue], BadValue>
  /// A bad example as an error that says where it stands.
  func error(_ trouble: BadValue, example: Int) throws(RuntimeError) -> RuntimeError
  /// What its columns are called when an example is written out.
  var columns: [String] { get }
  /// An example as it stands in the file, or a number of its own where it does not stand in cells.
  func cells(of example: Int) throws(RuntimeError) -> [String]
}
