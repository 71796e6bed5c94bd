package import GraphIR

/// The second forms of a weight, in which its rows are columns.
package struct TurnedForms: Hashable, Sendable {
  /// How far apart its columns are where they stand one after the other; nil where nobody reads them so.
  package var stride: Int?
  /// The forms in which products read it in panels, in the order of their cases.
  package private(set) var panels: [StoredForm]

  /// Columns, panels, or neither.
  init(stride: Int? = nil, panels: [StoredForm] = []) {
    self.stride = stride
    self.panels = panels
  }

  /// The columns of a panel; the last has fewer, rounded up to whole vectors.
  ///
  /// Twelve vectors of sixteen: what a row alone multiplies at a time, and four times what a tile does.
  package static let panelWidth = 192

  /// Rounded up to whole vectors.
  package static func padded(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }

  /// Both forms' users.
  func union(_ other: TurnedForms) -> TurnedForms {
    TurnedForms(
      stride: stride ?? other.stride,
      panels: StoredForm.allCases.filter { (panels + other.panels).contains($0) }
    )
  }
}

extension [VariableID: TurnedForms] {
  /// Adds what another program reads.
  package mutating func add(_ others: [VariableID: TurnedForms]) {
    merge(others) { $0.union($1) }
  }
}
