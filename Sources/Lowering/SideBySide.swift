internal import GraphIR

extension Program {
  /// Gives loops that need nothing of each other to two workers, who go through them at the same time.
  ///
  /// A row alone has no other rows to divide. Where the loops of two directions are to hand, each worker goes
  /// through one of them and waits for nobody; else products are cut into columns and workers meet at every
  /// step. Large products stay cut, as more than two workers can share those.
  mutating func runSideBySide() {
    var place = 0
    while place < statements.count {
      defer { place += 1 }
      guard case .loop(let first) = statements[place], first.isForOneWorker else { continue }
      let next = statements[(place + 1)...].firstIndex {
        if case .loop = $0 { true } else { false }
      }
      guard let next, case .loop(let second) = statements[next], second.isForOneWorker,
        statements[(place + 1)...next].allSatisfy({ isIndependent($0, of: .loop(first)) })
      else { continue }
      // What stands between them is done before both.
      statements[next] = .loop(second.done(by: 1))
      statements.remove(at: place)
      statements.insert(.loop(first.done(by: 0)), at: next - 1)
      place = next
    }
  }

  /// `true` iff no statement writes what the other touches.
  private func isIndependent(_ a: Statement, of b: Statement) -> Bool {
    let (one, other) = (a.buffersTouched, b.buffersTouched)
    func meet(_ written: Set<BufferID>, _ touched: Set<BufferID>) -> Bool {
      let places = Set(touched.map { memory($0) })
      return written.contains { places.contains(memory($0)) }
    }
    return !meet(one.written, other.written.union(other.read)) && !meet(other.written, one.read)
  }

  /// What tells a buffer's memory from others': outside the arena several buffers may lie in one place.
  private func memory(_ id: BufferID) -> Memory {
    self[id].place == .arena ? .buffer(id) : .place(self[id].place)
  }

  private enum Memory: Hashable {
    case buffer(BufferID)
    case place(Buffer.Place)
  }
}

extension LoopStatement {
  /// The most numbers of a weight that one worker multiplies by at a step while others wait.
  private static let mostWeights = 1 << 20

  /// `true` iff it is a scan of steps whose products are worth a wait, but no more workers than two.
  fileprivate var isForOneWorker: Bool {
    guard case .axis = span else { return false }
    let products = body.compactMap { statement -> ProductCall? in
      if case .product(let call) = statement { call } else { nil }
    }
    let weights = products.reduce(0) { sum, call in
      sum + (call.n.constant ?? 0) * (call.k.constant ?? 0)
    }
    return products.contains { $0.isWorthWaiting } && weights < Self.mostWeights
  }

  /// The loop with all that it does done by one worker.
  fileprivate func done(by worker: Int) -> LoopStatement {
    var loop = self
    loop.worker = worker
    loop.body = body.map { statement in
      switch statement {
      case .kernel(var call):
        call.share = .alone
        return .kernel(call)
      case .product(var call):
        call.share = .alone
        return .product(call)
      case .scatter(var call):
        call.share = .alone
        return .scatter(call)
      case .loop(let inner): return .loop(inner.done(by: worker))
      case .orthogonalize, .draw, .requireFinite, .barrier: return statement
      }
    }
    return loop
  }
}

extension Statement {
  /// The buffers that a statement reads, and those that it writes.
  fileprivate var buffersTouched: (read: Set<BufferID>, written: Set<BufferID>) {
    switch self {
    case .kernel(let call):
      var (read, written): (Set<BufferID>, Set<BufferID>) = ([], [])
      for (pointer, argument) in zip(call.arguments, call.kernel.arguments) {
        if argument.isWritten { written.insert(pointer.buffer) }
        read.insert(pointer.buffer)
      }
      return (read, written)
    case .product(let call): return ([call.a.buffer, call.b.buffer], [call.c.buffer])
    case .scatter(let call): return ([call.token.buffer, call.value.buffer], [call.table.buffer])
    case .orthogonalize(let call): return ([], [call.matrix.buffer])
    case .draw(let call): return ([call.logits.buffer], [call.tokens.buffer])
    case .requireFinite(let pointers):
      return (Set(pointers.map(\.buffer)), Set(pointers.map(\.buffer)))
    case .barrier: return ([], [])
    case .loop(let loop):
      return loop.body.map(\.buffersTouched).reduce(into: ([], [])) {
        $0.0.formUnion($1.read)
        $0.1.formUnion($1.written)
      }
    }
  }
}
