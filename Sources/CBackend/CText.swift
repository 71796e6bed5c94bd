internal import GraphIR
internal import Lowering

/// How numbers, names and sizes are spelt in C.
enum CText {
  /// Places one after another, as expressions.
  struct Range {
    /// The first.
    var first: String
    /// The one behind the last.
    var end: String

    /// The places of each of these, so many each.
    func times(_ inner: Size) -> Range {
      func place(_ row: String) -> String {
        CText.step(inner, inner != .one && row.contains(" ") ? "(\(row))" : row) ?? "0"
      }
      return Range(first: place(first), end: place(end))
    }
  }

  /// A float that reads back to the same bits.
  static func float(_ value: Float) -> String {
    if value.isNaN { return "float_of(0x7fc00000u)" }
    if value.isInfinite {
      return value < 0 ? "float_of(0xff800000u)" : "float_of(0x7f800000u)"
    }
    var text = value.description
    if !text.contains(".") && !text.contains("e") { text += ".0" }
    return value.sign == .minus ? "(\(text)f)" : text + "f"
  }

  /// A name of the definition as part of an identifier; a number behind it keeps two apart.
  static func identifier(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      let isLetter = byte >= 0x61 && byte <= 0x7a || byte >= 0x41 && byte <= 0x5a
      let isDigit = byte >= 0x30 && byte <= 0x39
      if isLetter || isDigit {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else if !text.hasSuffix("_"), !text.isEmpty {
        text += "_"
      }
      if text.utf8.count >= 40 { break }
    }
    while text.hasSuffix("_") { text.removeLast() }
    if let first = text.utf8.first, first >= 0x30 && first <= 0x39 { text = "n" + text }
    return text.isEmpty ? "value" : text
  }

  /// A text of C as the preprocessor leaves it where a macro is 0: without what `#if MACRO` guards, and
  /// without the guards.
  static func without(_ macro: String, _ text: String) -> String {
    var kept: [Substring] = []
    // By open condition: whether it is the macro's, and whether what stands in it is left out.
    var open: [(isOurs: Bool, isOut: Bool)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isGuard =
        if line.hasPrefix("#if") {
          line == "#if \(macro)"
        } else if line.hasPrefix("#e") {
          open.last?.isOurs ?? false
        } else { false }
      if line.hasPrefix("#if") {
        open.append((isGuard, isGuard))
      } else if line == "#else", isGuard {
        open[open.count - 1].isOut = false
      }
      let isOut = open.contains(where: \.isOut)
      if line.hasPrefix("#endif"), !open.isEmpty { open.removeLast() }
      if !isOut, !isGuard { kept.append(line) }
    }
    return kept.joined(separator: "\n")
  }

  /// What a parameter's declaration declares.
  static func declared(_ parameter: String) -> String {
    parameter.prefix { $0 != "[" }.split { $0 == " " || $0 == "*" }.last.map(String.init) ?? ""
  }

  /// What may stand in a comment: letters, digits and a few signs.
  static func commentary(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isPrinted = scalar.value >= 0x20 && scalar.value < 0x7f
          let isSign = scalar == "\\" || scalar == "?" || scalar == "*" || scalar == "/"
          return isPrinted && !isSign ? scalar : "_"
        }
      )
    )
  }

  /// The variable that holds an axis's run-time length.
  static func length(_ axis: AxisID) -> String {
    axis == .batch ? "batch" : axis.pieceName ?? "length\(axis.index)"
  }

  /// A size, as an expression that binds as tightly as a product.
  static func size(_ size: Size) -> String {
    let lengths = size.lengths.map(length)
    if lengths.isEmpty { return "\(size.constant)" }
    if size.constant == 1 { return lengths.joined(separator: " * ") }
    return (["\(size.constant)"] + lengths).joined(separator: " * ")
  }

  /// An extent, as an expression that can stand in any place.
  static func extent(_ extent: Extent) -> String {
    if let constant = extent.constant { return "\(constant)" }
    if extent.plus == 0 { return size(extent.size) }
    return "(" + size(extent.size) + (extent.plus > 0 ? " + " : " - ") + "\(abs(extent.plus)))"
  }

  /// A pointer some elements further: `base + i * 4 + 12`.
  static func moved(_ base: String, _ steps: [String], _ offset: Int) -> String {
    var text = base
    for step in steps { text += " + " + step }
    if offset != 0 { text += (offset > 0 ? " + " : " - ") + "\(abs(offset))" }
    return text
  }

  /// A stride times an index; nothing if it is 0.
  static func step(_ stride: Size, _ index: String) -> String? {
    if stride.isZero { return nil }
    if stride == .one { return index }
    return index + " * " + (stride.constant < 0 ? "(\(size(stride)))" : size(stride))
  }

  /// Where in the definition, as comments say it; nothing for what no line says.
  static func place(_ origin: SourceSpan, _ model: String) -> String? {
    guard origin.line > 0 else { return nil }
    return (origin.source == .library ? "library" : model) + ":\(origin.line)"
  }
}
