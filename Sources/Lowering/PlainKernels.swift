package import GraphIR

extension KernelCall {
  /// Puts one number, or one token, in places that loops of these extents and strides lead to.
  package static func fill(
    _ pointer: Pointer,
    _ loops: [(extent: Extent, stride: Size)],
    with value: Operation,
    isToken: Bool = false,
    note: String,
    origin: SourceSpan = .none
  ) -> KernelCall {
    let access = Access(argument: 0, strides: loops.map(\.stride), offset: 0)
    let call = KernelCall(
      kernel: Kernel(
        constants: loops.map(\.extent.constant),
        operations: [value],
        stores: [Kernel.Store(access: access, value: 0, isToken: isToken)],
        arguments: [Kernel.Argument(holdsTokens: isToken, isWritten: true)]
      ),
      extents: loops.map(\.extent),
      arguments: [pointer],
      note: note,
      origin: origin
    )
    return call.merged()
  }

  /// Copies so many neighbouring elements, among which the rows of the batch stand where `rows` says.
  static func copy(
    _ from: Pointer,
    to: Pointer,
    _ size: Size,
    rows: AxisPlaces?,
    holdsTokens: Bool,
    note: String
  ) -> KernelCall {
    func access(_ argument: Int) -> Access {
      Access(argument: argument, strides: [.one], offset: 0)
    }
    return KernelCall(
      kernel: Kernel(
        constants: [nil],
        operations: [holdsTokens ? .loadToken(access(0)) : .load(access(0))],
        stores: [Kernel.Store(access: access(1), value: 0, isToken: holdsTokens)],
        arguments: [
          Kernel.Argument(holdsTokens: holdsTokens, isWritten: false),
          Kernel.Argument(holdsTokens: holdsTokens, isWritten: true),
        ]
      ),
      extents: [Extent(size)],
      arguments: [from, to],
      note: note,
      origin: .none,
      places: rows.map { [.batch: $0] } ?? [:]
    )
  }
}
