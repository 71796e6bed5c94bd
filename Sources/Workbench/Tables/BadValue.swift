/// What is wrong with a row or an example: the one it is in is named by whoever knows where it stands.
package struct BadValue: Error, Hashable {
  /// The column or array, if one is to blame.
  var column: String?
  /// What was found there, and what was expected.
  var message: String

  /// Blames a column, or the whole row.
  init(_ message: String, column: String? = nil) {
    self.message = message
    self.column = column
  }
}
