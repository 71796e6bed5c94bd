internal import GraphIR

/// A value to be stored over a domain: an element-by-element value, a copy or zeros.
struct StoreTask {
  /// The places at which it is stored.
  struct Domain {
    /// The axes, as laid out.
    var axes: [AxisID]
    /// How far each goes, then the shape.
    var extents: [Extent]
    /// An axis along which the value is read some places further.
    var shift: (axis: AxisID, by: Int)?
  }

  /// The level whose kernels store it.
  var level: Int
  /// The value; nothing for zeros.
  var value: ValueID?
  /// Where it is stored.
  var domain: Domain
  /// The memory.
  var view: View
  /// Where it was written.
  var origin: SourceSpan
  /// What it is called.
  var name: String
  /// The output that must be wanted.
  var onlyIfWanted: Int?
  /// `true` iff zeros are stored.
  var isZero = false

  init(
    level: Int,
    value: ValueID?,
    domain: Domain,
    view: View,
    origin: SourceSpan,
    name: String
  ) {
    self.level = level
    self.value = value
    self.domain = domain
    self.view = view
    self.origin = origin
    self.name = name
  }
}
