package import GraphIR
package import Reference

/// What a call is given: weights, inputs, states and moments alike by name.
package struct CallData: Sendable {
  /// How many rows there are.
  package var batch: Int
  /// All rows' lengths by axis; an axis that is not named is at its bound.
  package var lengths: [String: Int]
  /// Rows' own lengths by axis, as calls take them.
  package var own: [String: [Int]]
  /// The arrays.
  package var arrays: Arrays
  /// The seed of what is drawn.
  package var seed: UInt64 = 0
  /// The number of the first row among all examples.
  package var firstExample: UInt32 = 0

  /// Says what a call is given.
  package init(
    batch: Int,
    lengths: [String: Int] = [:],
    own: [String: [Int]] = [:],
    arrays: Arrays
  ) {
    self.batch = batch
    self.lengths = lengths
    self.own = own
    self.arrays = arrays
  }

  /// The lengths of a graph's axes.
  package func lengths(of graph: Graph) -> Lengths {
    Lengths(of: graph, rows: batch) { axis, places in
      let name = graph[axis].name
      guard let own = own[name] else { return lengths[name] ?? graph[axis].bound ?? 1 }
      let around = graph.lengthAxes(of: axis).axes
      return own[
        around.reduce(0) { place, outer in
          place * (outer == .batch ? batch : graph[outer].bound ?? 1) + (places[outer] ?? 0)
        }
      ]
    }
  }
}

extension CallData {
  /// Random arrays for all that the caller gives to a graph; what lies past a length is NaN, or no token.
  ///
  /// An array follows from the seed and the variable's name, so that it stays when others go.
  package static func random(
    for graph: Graph,
    batch: Int,
    lengths: [String: Int] = [:],
    own: [String: [Int]] = [:],
    seed: UInt64
  ) -> CallData {
    var data = CallData(batch: batch, lengths: lengths, own: own, arrays: [:])
    data.seed = seed
    let lengths = data.lengths(of: graph)
    for variable in graph.variables {
      var random = FuzzRandom(seed: seed, stream: variable.name)
      switch variable.kind {
      case .state, .optimizer, .fresh, .rate, .training, .divisor: continue
      case .parameter, .input, .outputGradient: break
      }
      let count = graph.boundaryCount(variable.type, batch: batch)
      let padding: Float = variable.type.isToken ? 0x1p31 : .signalingNaN
      let all = (0..<count).map { _ -> Float in
        if case .token(let bound) = variable.type.element {
          Float(random.below(Int(bound)))
        } else {
          Float(random.real(-1.1, 1.3))
        }
      }
      let valid: Tensor<Float> = graph.tensor(all, variable.type, lengths: lengths)
      data.arrays[variable.name] = graph.array(valid, lengths: lengths, padding: padding)
    }
    return data
  }

  /// Fills the states of carried windows and streams, says which rows go on from them, and divides
  /// averages by some number.
  package mutating func fillStates(of graph: Graph, seed: UInt64) {
    for variable in graph.variables {
      var random = FuzzRandom(seed: seed, stream: variable.name)
      let count = graph.boundaryCount(variable.type, batch: batch)
      switch variable.kind {
      case .state:
        arrays[variable.name] = (0..<count).map { _ in
          // A state of tokens may hold the token that is not there.
          if case .token(let bound) = variable.type.element {
            Float(random.below(Int(bound) + 1) - 1)
          } else {
            Float(random.real(-1.1, 1.3))
          }
        }
      case .fresh: arrays[variable.name] = (0..<count).map { _ in Float(random.below(2)) }
      case .divisor: arrays[variable.name] = [Float(random.below(3))]
      case .optimizer, .rate, .training, .parameter, .input, .outputGradient: continue
      }
    }
    // Lengths that `begin` kept are those of the call.
    for index in graph.axes.indices {
      guard let kept = graph.keptLengths[AxisID(index)] else { continue }
      arrays[graph[kept].name] = own[graph[AxisID(index)].name]?.map { Float($0) }
    }
  }
}
