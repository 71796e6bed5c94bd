internal import GraphIR

/// What is left in variables when all else is done.
///
/// A kernel stores a variable in place if whoever reads it there has read it before: the same kernel
/// at the same element, or an earlier statement. Otherwise the value goes to a temporary first, and is
/// copied once every kernel has run.
struct LastStores {
  private let calls: [KernelCall]
  private let stores: [BlockLowering.Store]
  private let block: BlockLowering

  init(_ calls: [KernelCall], _ stores: [BlockLowering.Store], _ block: BlockLowering) {
    self.calls = calls
    self.stores = stores
    self.block = block
  }

  func statements() throws(Diagnostic) -> [Statement] {
    let late = Set(hazards())
    if late.isEmpty { return calls.map { .kernel($0) } }
    let direct = stores.filter { !late.contains($0.view.pointer.buffer) }
    var copies: [Statement] = []
    var early: [BlockLowering.Store] = []
    for store in stores where late.contains(store.view.pointer.buffer) {
      let temporary = block.builder.temporary(store.type, "next " + block.name(store.value))
      early.append(BlockLowering.Store(value: store.value, view: temporary, type: store.type))
      copies.append(.kernel(copy(temporary, store)))
    }
    return try block.lastKernels(early).map { .kernel($0) }
      + block.lastKernels(direct).map { .kernel($0) } + copies
  }

  /// The variables that some kernel reads after, or elsewhere than, another writes them.
  private func hazards() -> [BufferID] {
    var found: [BufferID] = []
    for (place, call) in calls.enumerated() {
      for written in writes(call) {
        let buffer = call.arguments[written.argument].buffer
        let isReadElsewhere = reads(call).contains {
          call.arguments[$0.argument].buffer == buffer
            && ($0.strides != written.strides || $0.offset != written.offset
              || call.arguments[$0.argument] != call.arguments[written.argument])
        }
        let isReadLater = calls[(place + 1)...].contains { later in
          reads(later).contains { later.arguments[$0.argument].buffer == buffer }
        }
        if isReadElsewhere || isReadLater { found.append(buffer) }
      }
    }
    return found
  }

  private func writes(_ call: KernelCall) -> [Access] { call.kernel.stores.map(\.access) }

  private func reads(_ call: KernelCall) -> [Access] {
    call.kernel.operations.compactMap {
      switch $0 {
      case .load(let access), .loadToken(let access), .gather(let access, _, _),
        .gatherToken(let access, _, _):
        access
      case .line, .index, .constant, .token, .position, .length, .unary, .binary, .select,
        .selectToken, .number,
        .equalTokens, .isToken, .random:
        nil
      }
    }
  }

  private func copy(_ source: View, _ store: BlockLowering.Store) -> KernelCall {
    let axes = store.type.axes.layout
    let domain = block.domain(store.type)
    var kernel = KernelBuilder(
      extents: domain.extents,
      axes: axes,
      program: block.builder
    )
    let map = IndexMap(
      along: axes,
      dims: (axes.count..<domain.extents.count).map { .dim($0, plus: 0) }
    )
    let isToken = store.type.isToken
    let read = kernel.access(source, map)
    let value = kernel.add(isToken ? .loadToken(read) : .load(read))
    kernel.store(value, to: kernel.access(store.view, map, isWritten: true), isToken: isToken)
    return kernel.finish(note: block.name(store.value), origin: .none)
  }
}
