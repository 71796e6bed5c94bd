internal import GraphIR

/// Where a state of a scan stands from step to step.
///
/// A state's slab has one slot more than the axis has positions, so that the states before and after a
/// step are neighbours, and whoever wants either, or the last, reads the slab.
enum StatePlace {
  /// A slot for each step and one more.
  case slab(View)
  /// Two places in turn: only neighbours are read.
  case alternating(View, distance: Size)
  /// One place, of so many elements: each step has read the state before it writes the next.
  case single(View, size: Size)

  /// Where it begins.
  var view: View {
    switch self {
    case .slab(let view), .alternating(let view, _), .single(let view, _): view
    }
  }
}

/// A scan's way along its axis, by which its states find their places.
struct ScanPath {
  var axis: AxisID
  var isReverse: Bool
  /// The axis's length.
  var length: Size
  /// The loop's number.
  var loop: Int

  /// The state before or after the step at which the loop is.
  func slot(_ place: StatePlace, after: Bool) -> View {
    var view = place.view
    view.axes.removeAll { $0.axis == axis }
    view.pointer = state(place).place(after: after, loop: loop)
    return view
  }

  /// The state before the first step.
  func first(_ place: StatePlace) -> View { end(place, isFar: isReverse) }

  /// The states before or after all steps, of which only the last may be used unless they are a slab.
  func whole(_ place: StatePlace, after: Bool) -> View {
    guard case .slab(let view) = place else { return end(place, isFar: !isReverse) }
    guard after != isReverse, let stride = view.stride(axis) else { return view }
    return view.moved([Term(stride)])
  }

  /// Slot 0, or the one behind the last position.
  private func end(_ place: StatePlace, isFar: Bool) -> View {
    var view = place.view
    view.axes.removeAll { $0.axis == axis }
    view.pointer = state(place).end(isFar: isFar, length: length)
    return view
  }

  /// What the loop's statement knows of a state.
  func state(_ place: StatePlace) -> ScanState {
    let (kind, size): (ScanState.Kind, Size) =
      switch place {
      case .slab(let view): (.slab, view.stride(axis) ?? .zero)
      case .alternating(_, let distance): (.alternating, distance)
      case .single(_, let size): (.single, size)
      }
    return ScanState(kind: kind, start: place.view.pointer, isReverse: isReverse, size: size)
  }
}

/// A state of a loop, and where it stands.
package struct ScanState: Hashable, Sendable {
  /// How many places it has.
  package enum Kind: Hashable, Sendable {
    /// One for each step and one more.
    case slab
    /// Two in turn.
    case alternating
    /// One.
    case single
  }

  /// How many places it has.
  package var kind: Kind
  /// The first place.
  package var start: Pointer
  /// `true` iff the last place is where it begins.
  package var isReverse: Bool
  /// How many elements a place has; the next place stands behind them.
  package var size: Size
  /// The rows of the batch among them, if there are.
  package var rows: AxisPlaces?

  /// The state before all steps, of so many.
  package func first(length: Size) -> Pointer { end(isFar: isReverse, length: length) }

  /// The state before or after the step at which its loop is; going forwards the state before step t
  /// stands in slot t, going backwards in slot t + 1.
  func place(after: Bool, loop: Int) -> Pointer {
    let isNext = after != isReverse
    let terms: [Term] =
      switch kind {
      case .slab: [Term(size, .loop(loop))] + (isNext ? [Term(size)] : [])
      case .alternating:
        isNext
          ? [Term(size), Term(size * -1, .loopParity(loop))] : [Term(size, .loopParity(loop))]
      case .single: []
      }
    return Pointer(buffer: start.buffer, address: start.address.adding(terms))
  }

  /// The state after all steps, of so many.
  package func last(length: Size) -> Pointer { end(isFar: !isReverse, length: length) }

  /// The first place, or the one behind so many steps.
  func end(isFar: Bool, length: Size) -> Pointer {
    guard isFar else { return start }
    var pointer = start
    switch kind {
    case .slab: pointer.address = start.address.adding([Term(size * length)])
    case .alternating:
      if let axis = length.lengths.first {
        pointer.address = start.address.adding([Term(size, .lengthParity(axis))])
      } else {
        pointer.address = start.address.adding([Term(size * (length.constant % 2))])
      }
    case .single: break
    }
    return pointer
  }
}

extension [Statement] {
  /// `true` iff a value may stand where another stood that these statements make it from: whatever
  /// reads the old one does so before the new one is written, or in the same kernel at the same element.
  func mayReplace(_ old: BufferID, by new: BufferID) -> Bool {
    var isWritten = false
    for statement in self {
      let pointers = statement.allPointers
      let reads = pointers.contains { $0.buffer == old }
      if isWritten && reads { return false }
      guard pointers.contains(where: { $0.buffer == new }) else { continue }
      // The first statement that names the new value writes it.
      isWritten = true
      guard case .kernel(let call) = statement else {
        if case .loop = statement { return false }
        if reads { return false }
        continue
      }
      guard reads else { continue }
      let uses = BufferUses(call)
      guard call.kernel.fold == nil, let read = uses.only(read: old.index),
        read == uses.only(written: new.index)
      else { return false }
    }
    return true
  }
}

extension Statement {
  /// What it points to, and what the statements of a loop point to.
  fileprivate var allPointers: [Pointer] {
    if case .loop(let loop) = self { return loop.body.flatMap(\.allPointers) }
    return pointers
  }
}
