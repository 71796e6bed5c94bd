/// The functions that are not text, by the names that definitions use.
enum Primitive: String, CaseIterable {
  case exp, log, log1p, sqrt, tanh, sigmoid, sin, cos, abs
  case max, min, select
  case stopGradient = "stop_gradient"
  case dropout
  case concat, split, transpose, reshape, outer
  case sum, mean, softmax
  case logSoftmax = "log_softmax"
  case argmax
  case first, last, previous, window, along, position, length
  case onehot, number, draw, uniform, normal, bernoulli
  case average
  case glorot, orthogonal, identity
  case stack
}
