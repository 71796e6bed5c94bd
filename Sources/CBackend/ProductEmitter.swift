internal import Lowering

/// Writes the matrix product: tiles whose sums stand in named registers, and the walk over them.
///
/// Each element of c is one sum in the order of the terms, whatever the tile, so bits do not depend on
/// how rows and columns are cut. Tiles of 8 x 3 vectors fill 32 registers, of 4 x 3 sixteen. A row alone
/// has tiles of up to 12 vectors: with fewer sums each would wait for itself, and b is read in longer runs.
enum ProductEmitter {
  /// The rows a tile may have.
  private static let rowCounts = [8, 4, 2, 1]

  /// Writes the tiles, `product`, and the same for weights in panels, of floats and of narrower forms.
  static func emit(narrow forms: [StoredForm] = [], into writer: inout CWriter) {
    let floats = RowProductEmitter(.float32)
    writer.section("products")
    writer.comment(
      "c[m, n] = sum over k of a[m, k] b[k, n], each element one sum in the order of k. Columns stand "
        + "next to each other in b and c; whole vectors of b are read, so memory goes on behind it. "
        + "A tile keeps its sums in registers; last is how many columns of its last vector count; "
        + "adds is 1 if the sums go on from c."
    )
    writer.line()
    writer.line(
      "#if defined(__GNUC__) && !defined(__clang__) && !defined(__TINYC__) && defined(__SSE2__)"
    )
    writer.comment(
      "Keeps a vector in its register: gcc would load it again for each row of a small tile."
    )
    writer.line("#define KEEP(v) __asm__(\"\" : \"+v\"(v))")
    writer.line("#else")
    writer.line("#define KEEP(v) (void)(v)")
    writer.line("#endif")
    writer.line()
    for rows in rowCounts {
      if rows == 8 { writer.line("#if LANES == 16") }
      for vectors in RowProductEmitter.counts {
        if rows == 1 {
          floats.tile(vectors, into: &writer)
        } else {
          tile(rows, vectors, into: &writer)
        }
      }
      if rows == 8 {
        writer.line("#endif")
        writer.line()
      }
    }
    floats.wideTiles(into: &writer)
    floats.row(into: &writer)
    walk(into: &writer)
    floats.panels(into: &writer)
    for form in forms { RowProductEmitter(form).emit(into: &writer) }
  }

  private static func name(_ rows: Int, _ vectors: Int) -> String { "tile_\(rows)x\(vectors)" }

  private static let tileParameters = [
    "ptrdiff_t terms", "const float *a", "ptrdiff_t a_row", "ptrdiff_t a_term", "const float *b",
    "ptrdiff_t b_term", "float *c", "ptrdiff_t c_row", "int last", "int adds",
  ]

  private static func tile(_ rows: Int, _ vectors: Int, into writer: inout CWriter) {
    writer.list("UNUSED static void \(name(rows, vectors))(", tileParameters, ") {")
    writer.indented { writer in
      for row in 0..<rows {
        let sums = (0..<vectors).map { "c\(row)\($0) = splat(0.0f)" }
        writer.line("vector " + sums.joined(separator: ", ") + ";")
      }
      writer.block("if (adds) {") { writer in
        for row in 0..<rows {
          for column in 0..<vectors {
            let from = address("c", row, column)
            writer.line(
              column == vectors - 1
                ? "c\(row)\(column) = load_lanes(\(from), last);"
                : "c\(row)\(column) = load(\(from));"
            )
          }
        }
      }
      writer.block("for (ptrdiff_t k = 0; k < terms; k += 1) {") { writer in
        for column in 0..<vectors {
          writer.line("vector b\(column) = load(b\(column == 0 ? "" : " + \(column) * LANES"));")
        }
        writer.line("vector x;")
        if rows <= 4 {
          writer.line((0..<vectors).map { "KEEP(b\($0));" }.joined(separator: " "))
        }
        for row in 0..<rows {
          let from = row == 0 ? "a[0]" : row == 1 ? "a[a_row]" : "a[\(row) * a_row]"
          writer.line("x = splat(\(from));")
          for column in 0..<vectors {
            let sum = "c\(row)\(column)"
            writer.line("\(sum) = multiply_add(x, b\(column), \(sum));")
          }
        }
        writer.line("a += a_term;")
        writer.line("b += b_term;")
      }
      for row in 0..<rows {
        for column in 0..<vectors {
          let to = address("c", row, column)
          writer.line(
            column == vectors - 1
              ? "store_lanes(\(to), c\(row)\(column), last);" : "store(\(to), c\(row)\(column));"
          )
        }
      }
    }
    writer.line("}")
    writer.line()
  }

  /// Where a vector of a tile stands.
  static func address(_ base: String, _ row: Int, _ column: Int) -> String {
    var text = base
    if row > 0 { text += " + \(row == 1 ? "" : "\(row) * ")\(base)_row" }
    if column > 0 { text += " + \(column == 1 ? "" : "\(column) * ")LANES" }
    return text
  }

  /// Terms of a sum that are added before the next columns: with more, a panel of b leaves near memory.
  private static let chunk = 512
  /// Rows and terms of a that are copied next to each other where its terms stand far apart: each would be
  /// on a page of its own, and be fetched again for every panel of columns.
  private static let packed = (rows: 32, terms: 128)

  /// The walk over tiles.
  private static func walk(into writer: inout CWriter) {
    panels(into: &writer)
    farTerms(into: &writer)
    writer.comment(
      "Terms in chunks, so that a panel of b stays in near memory. Sums go on from chunk to chunk in the "
        + "order of the terms."
    )
    writer.list("UNUSED static void product(", ["ptrdiff_t rows"] + walkParameters, ") {")
    writer.indented { writer in
      writer.block("if (rows == 1) {") { writer in
        writer.line("row_product(columns, terms, a, a_term, b, b_term, c, adds);")
        writer.line("return;")
      }
      writer.line("#if LANES > 1")
      writer.block("if (a_term > 1 && terms > 0 && rows >= 8 && columns > 3 * LANES) {") {
        $0.list("far_product(", ["rows"] + names(walkParameters), ");")
        $0.line("return;")
      }
      writer.line("#endif")
      writer.line("const ptrdiff_t chunk = terms > 2 * \(chunk) ? \(chunk) : terms;")
      writer.line("ptrdiff_t k = 0;")
      writer.block("do {", closing: "} while (k < terms);") { writer in
        writer.line("const ptrdiff_t some = terms - k < chunk ? terms - k : chunk;")
        writer.list(
          "product_panels(",
          [
            "rows", "columns", "some", "a + k * a_term", "a_row", "a_term", "b + k * b_term",
            "b_term", "c", "c_row", "adds || k > 0",
          ],
          ");"
        )
        writer.line("k += chunk;")
      }
    }
    writer.line("}")
    writer.line()
  }

  /// The names that parameters declare.
  private static func names(_ parameters: [String]) -> [String] { parameters.map(CText.declared) }

  /// The product where the terms of a stand far apart, such as a weight's gradient.
  private static func farTerms(into writer: inout CWriter) {
    let (rows, terms) = packed
    writer.line("#if LANES > 1")
    writer.comment(
      "The product where a's terms stand far apart: some rows and terms are copied next to each other, "
        + "for all panels. A function of its own, so that no other needs its stack."
    )
    writer.list("APART static void far_product(", ["ptrdiff_t rows"] + walkParameters, ") {")
    writer.indented { writer in
      writer.line("float packed[\(rows) * \(terms)];")
      writer.block("for (ptrdiff_t k = 0; k < terms; k += \(terms)) {") { writer in
        writer.line("const ptrdiff_t some = terms - k < \(terms) ? terms - k : \(terms);")
        writer.block("for (ptrdiff_t i = 0; i < rows; i += \(rows)) {") { writer in
          writer.line("const ptrdiff_t part = rows - i < \(rows) ? rows - i : \(rows);")
          writer.line("const float *const from = a + i * a_row + k * a_term;")
          writer.block("for (ptrdiff_t q = 0; q < some; q += 1) {") { writer in
            writer.block("if (a_row == 1 && part == \(rows)) {", closing: "} else {") {
              $0.line(
                "memcpy(packed + q * \(rows), from + q * a_term, \(rows) * sizeof(float));"
              )
            }
            writer.indented {
              $0.block("for (ptrdiff_t p = 0; p < part; p += 1) {") {
                $0.line("packed[q * \(rows) + p] = from[q * a_term + p * a_row];")
              }
            }
            writer.line("}")
          }
          writer.list(
            "product_panels(",
            [
              "part", "columns", "some", "packed", "1", "\(rows)", "b + k * b_term", "b_term",
              "c + i * c_row", "c_row", "adds || k > 0",
            ],
            ");"
          )
        }
      }
    }
    writer.line("}")
    writer.line("#endif")
    writer.line()
  }

  private static let walkParameters = [
    "ptrdiff_t columns", "ptrdiff_t terms", "const float *a", "ptrdiff_t a_row",
    "ptrdiff_t a_term", "const float *b", "ptrdiff_t b_term", "float *c", "ptrdiff_t c_row",
    "int adds",
  ]

  /// Panels of columns outside, so that a panel of b is read from near memory by every row of tiles.
  private static func panels(into writer: inout CWriter) {
    writer.list("UNUSED static void product_panels(", ["ptrdiff_t rows"] + walkParameters, ") {")
    writer.indented { writer in
      writer.block("for (ptrdiff_t j = 0; j < columns;) {") { writer in
        writer.line("const ptrdiff_t left = columns - j;")
        writer.line("const int vectors = left > 2 * LANES ? 3 : left > LANES ? 2 : 1;")
        writer.line(
          "const int last = left < vectors * LANES ? (int)(left - (vectors - 1) * LANES) : LANES;"
        )
        writer.line("ptrdiff_t i = 0;")
        for rows in rowCounts {
          if rows == 8 { writer.line("#if LANES == 16") }
          writer.block("for (; i + \(rows) <= rows; i += \(rows)) {") { writer in
            let given =
              "terms, a + i * a_row, a_row, a_term, b + j, b_term, c + i * c_row + j, c_row, last, adds"
            for vectors in RowProductEmitter.counts {
              let test =
                vectors == 3
                ? "if (vectors == 3) " : vectors == 2 ? "else if (vectors == 2) " : "else "
              writer.line("\(test)\(name(rows, vectors))(\(given));")
            }
          }
          if rows == 8 { writer.line("#endif") }
        }
        writer.line("j += vectors * LANES;")
      }
    }
    writer.line("}")
    writer.line()
  }
}
