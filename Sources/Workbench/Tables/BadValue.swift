/// What is wrong with a row or an example: the one it is in is named by whoever knows where it stands.
package struct BadValue: Error, Hashable {
  /// The column or array, if one is to blame.
  var column: String?
  /// What was found there, and what was expected.
  var message: String
  /// What to do about it, where it is not to mend the file.
  var hint: String?

  /// Blames a column, or the whole row.
  init(_ message: String, column: String? = nil, hint: String? = nil) {
    self.message = message
    self.column = column
    self.hint = hint
  }
}
