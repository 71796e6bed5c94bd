/// The cases of `Op` without their settings, so that a test can ask whether it has seen them all.
package enum OpKind: String, CaseIterable, Sendable {
  case constant, token, variable, argument, position, length, random
  case unary, binary, select, number
  case contract, reduce, argmax
  case oneHot, gather, scatterAdd, draw
  case slice, pad, concat, transpose, orthogonalize, reshape, broadcast
  case element, place, shift, sequence, reindex
  case scan, project

  /// The kind of an operation; a new one must be named here, and then in every list of tests.
  package init(_ op: Op) {
    switch op {
    case .constant: self = .constant
    case .token: self = .token
    case .variable: self = .variable
    case .argument: self = .argument
    case .position: self = .position
    case .length: self = .length
    case .random: self = .random
    case .unary: self = .unary
    case .binary: self = .binary
    case .select: self = .select
    case .number: self = .number
    case .contract: self = .contract
    case .reduce: self = .reduce
    case .argmax: self = .argmax
    case .oneHot: self = .oneHot
    case .gather: self = .gather
    case .scatterAdd: self = .scatterAdd
    case .draw: self = .draw
    case .slice: self = .slice
    case .pad: self = .pad
    case .concat: self = .concat
    case .transpose: self = .transpose
    case .reshape: self = .reshape
    case .broadcast: self = .broadcast
    case .element: self = .element
    case .place: self = .place
    case .shift: self = .shift
    case .sequence: self = .sequence
    case .reindex: self = .reindex
    case .orthogonalize: self = .orthogonalize
    case .scan: self = .scan
    case .project: self = .project
    }
  }
}
