#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A kind of real number that graphs are computed with here: Float, bit for bit as strict C computes,
/// or Double, to measure it by.
package protocol Scalar: BinaryFloatingPoint, Sendable {
  /// e to the power.
  static func exp(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// log(1 + x).
  static func log1p(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
  /// 1 / (1 + exp(-x)).
  static func sigmoid(_ x: Self) -> Self
  /// The sine of radians.
  static func sin(_ x: Self) -> Self
  /// The cosine of radians.
  static func cos(_ x: Self) -> Self
}

extension Double: Scalar {
  package static func exp(_ x: Double) -> Double { platformExp(x) }
  package static func log(_ x: Double) -> Double { platformLog(x) }
  package static func log1p(_ x: Double) -> Double { platformLog1p(x) }
  package static func tanh(_ x: Double) -> Double { platformTanh(x) }
  package static func sin(_ x: Double) -> Double { platformSin(x) }
  package static func cos(_ x: Double) -> Double { platformCos(x) }

  package static func sigmoid(_ x: Double) -> Double {
    let e = platformExp(-x.magnitude)
    return (x < 0 ? e : 1) / (1 + e)
  }
}

// The platform's functions under names that the members above do not hide.

private func platformExp(_ x: Double) -> Double { exp(x) }
private func platformLog(_ x: Double) -> Double { log(x) }
private func platformLog1p(_ x: Double) -> Double { log1p(x) }
private func platformTanh(_ x: Double) -> Double { tanh(x) }
private func platformSin(_ x: Double) -> Double { sin(x) }
private func platformCos(_ x: Double) -> Double { cos(x) }
