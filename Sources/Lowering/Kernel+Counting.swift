internal import GraphIR

extension Kernel {
  /// The kernel with places of a dimension counted from a position of an axis, each of which has `inner` of them.
  func counting(_ dimension: Int, from start: Size, _ inner: Size) -> Kernel {
    var kernel = self
    kernel.operations = []
    var moved: [Int] = []
    func word(_ word: CounterWord) -> CounterWord {
      guard word.dims[dimension] != 0 else { return word }
      var word = word
      word.sizes.append(start * inner * Int(word.dims[dimension]))
      return word
    }
    for operation in operations {
      var operation = operation.renumbered { moved[$0] }
      switch operation {
      case .position(dimension, _):
        guard let axis = start.lengths.first else { break }
        kernel.operations += [operation, .length(axis, plus: 0)]
        let count = kernel.operations.count
        operation = .binary(.add, count - 2, count - 1)
      case .line(var line):
        if line.dims[dimension] != 0 { line.sizes.append(start * line.dims[dimension]) }
        operation = .line(line)
      case .random(let op, let draw, var counter):
        counter.element = word(counter.element)
        counter.position = word(counter.position)
        counter.row = word(counter.row)
        operation = .random(op, draw: draw, counter)
      case .load, .loadToken, .gather, .gatherToken, .index, .constant, .token, .position, .length,
        .unary, .binary, .select, .selectToken, .number, .equalTokens, .isToken:
        break
      }
      kernel.operations.append(operation)
      moved.append(kernel.operations.count - 1)
    }
    for place in kernel.stores.indices { kernel.stores[place].value = moved[stores[place].value] }
    if let fold { kernel.fold?.value = moved[fold.value] }
    return kernel
  }
}

extension Operation {
  /// The operation made of other values, named by `new` of the old names.
  fileprivate func renumbered(_ new: (Int) -> Int) -> Operation {
    switch self {
    case .load, .loadToken, .line, .constant, .token, .position, .length: self
    case .gather(let access, let token, let stride):
      .gather(access, token: new(token), stride: stride)
    case .gatherToken(let access, let token, let stride):
      .gatherToken(access, token: new(token), stride: stride)
    case .index(let a, let plus): .index(new(a), plus: plus)
    case .unary(let op, let a): .unary(op, new(a))
    case .binary(let op, let a, let b): .binary(op, new(a), new(b))
    case .select(let c, let a, let b): .select(new(c), new(a), new(b))
    case .selectToken(let c, let a, let b): .selectToken(new(c), new(a), new(b))
    case .number(let a): .number(new(a))
    case .equalTokens(let a, let b): .equalTokens(new(a), new(b))
    case .isToken(let token, let dim, let plus): .isToken(new(token), dim: dim, plus: plus)
    case .random(let op, let draw, var counter):
      {
        if let given = counter.given { counter.given?.value = new(given.value) }
        return .random(op, draw: draw, counter)
      }()
    }
  }
}
