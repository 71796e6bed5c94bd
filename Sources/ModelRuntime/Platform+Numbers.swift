#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

extension Platform {
  /// e to the power.
  package static func exp(_ x: Double) -> Double { systemExp(x) }

  /// The natural logarithm.
  package static func log(_ x: Double) -> Double { systemLog(x) }

  /// The logarithm to base 10.
  package static func log10(_ x: Double) -> Double { systemLog10(x) }

  /// Ten to the power.
  package static func power(ofTen exponent: Int) -> Double { pow(10, Double(exponent)) }

  /// A number with that many digits after the point, and with an exponent if asked for; the point is a
  /// point, since this process takes up no locale.
  package static func decimal(_ value: Double, digits: Int, hasExponent: Bool = false) -> String {
    let format = hasExponent ? "%.*e" : "%.*f"
    let arguments: [any CVarArg] = [Int32(clamping: digits), value]
    return withVaList(arguments) { list in
      // The largest number has 309 digits before the point.
      let size = 320 + max(digits, 0)
      let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        buffer.withMemoryRebound(to: CChar.self) { text in
          count = min(max(Int(vsnprintf(text.baseAddress, size, format, list)), 0), size - 1)
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

// The system's functions under names that the members above do not hide.

private func systemExp(_ x: Double) -> Double { exp(x) }
private func systemLog(_ x: Double) -> Double { log(x) }
private func systemLog10(_ x: Double) -> Double { log10(x) }
