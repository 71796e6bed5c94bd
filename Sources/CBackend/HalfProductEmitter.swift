internal import Lowering

/// Writes the product with a weight in panels of bfloat16, which are widened as they are read.
enum HalfProductEmitter {
  /// The vectors that a tile of a row alone may have.
  private static let counts = [12, 8, 4, 2, 1]
  /// Terms that are widened at a time for several rows.
  private static let terms = 16

  /// Writes tiles, and the walk over panels.
  static func emit(into writer: inout CWriter) {
    for vectors in counts { tile(vectors, into: &writer) }
    row(into: &writer)
    rows(into: &writer)
    walk(into: &writer)
  }

  private static func tile(_ vectors: Int, into writer: inout CWriter) {
    writer.list(
      "UNUSED static void half_tile_\(vectors)(",
      [
        "ptrdiff_t terms", "const float *a", "ptrdiff_t a_term", "const uint16_t *b",
        "ptrdiff_t b_term", "float *c", "int last", "int adds",
      ],
      ") {"
    )
    writer.indented { writer in
      let sums = (0..<vectors).map { "c\($0) = splat(0.0f)" }
      writer.line("vector " + sums.joined(separator: ", ") + ";")
      writer.block("if (adds) {") { writer in
        for column in 0..<vectors {
          let from = "c + \(column) * LANES"
          writer.line(
            column == vectors - 1
              ? "c\(column) = load_lanes(\(from), last);" : "c\(column) = load(\(from));"
          )
        }
      }
      writer.block("for (ptrdiff_t k = 0; k < terms; k += 1) {") { writer in
        writer.line("const vector x = splat(a[0]);")
        for column in 0..<vectors {
          writer.line(
            "c\(column) = multiply_add(x, load_halves(b + \(column) * LANES), c\(column));"
          )
        }
        writer.line("a += a_term;")
        writer.line("b += b_term;")
      }
      for column in 0..<vectors {
        let to = "c + \(column) * LANES"
        writer.line(
          column == vectors - 1
            ? "store_lanes(\(to), c\(column), last);" : "store(\(to), c\(column));"
        )
      }
    }
    writer.line("}")
    writer.line()
  }

  /// Columns of one panel for a row alone.
  private static func row(into writer: inout CWriter) {
    writer.list(
      "UNUSED static void half_row(",
      [
        "ptrdiff_t columns", "ptrdiff_t terms", "const float *a", "ptrdiff_t a_term",
        "const uint16_t *b", "ptrdiff_t b_term", "float *c", "int adds",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.block("for (ptrdiff_t j = 0; j < columns;) {") { writer in
        writer.line("const ptrdiff_t left = columns - j;")
        writer.line("const ptrdiff_t whole = (left + LANES - 1) / LANES;")
        writer.line("ptrdiff_t vectors = 1;")
        for vectors in counts.dropLast().reversed() {
          writer.line("if (whole >= \(vectors)) vectors = \(vectors);")
        }
        writer.line(
          "const int last = left < vectors * LANES ? (int)(left - (vectors - 1) * LANES) : LANES;"
        )
        writer.block("switch (vectors) {") { writer in
          for vectors in counts {
            let label = vectors == 1 ? "default" : "case \(vectors)"
            writer.line(
              "\(label): half_tile_\(vectors)(terms, a, a_term, b + j, b_term, c + j, last, adds); "
                + "break;"
            )
          }
        }
        writer.line("j += vectors * LANES;")
      }
    }
    writer.line("}")
    writer.line()
  }

  /// Columns of one panel for several rows.
  private static func rows(into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    writer.comment("Some terms are widened at a time, for all rows.")
    writer.list(
      "APART static void half_rows(",
      [
        "ptrdiff_t rows", "ptrdiff_t columns", "ptrdiff_t terms", "const float *a",
        "ptrdiff_t a_row", "ptrdiff_t a_term", "const uint16_t *b", "ptrdiff_t b_term", "float *c",
        "ptrdiff_t c_row", "int adds",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.line("float wide[\(terms) * \(width) + 16];")
      writer.block("for (ptrdiff_t k = 0; k < terms; k += \(terms)) {") { writer in
        writer.line("const ptrdiff_t some = terms - k < \(terms) ? terms - k : \(terms);")
        writer.block("for (ptrdiff_t q = 0; q < some; q += 1) {") { writer in
          writer.block("for (ptrdiff_t j = 0; j < (columns + 15) / 16 * 16; j += 1) {") {
            $0.line("wide[q * \(width) + j] = float_of((uint32_t)b[(k + q) * b_term + j] << 16);")
          }
        }
        writer.list(
          "product(",
          [
            "rows", "columns", "some", "a + k * a_term", "a_row", "a_term", "wide", "\(width)", "c",
            "c_row", "adds || k > 0",
          ],
          ");"
        )
      }
    }
    writer.line("}")
    writer.line()
  }

  /// The walk over panels.
  private static func walk(into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    writer.comment("The same where the panels are of bfloat16.")
    writer.list(
      "UNUSED static void half_panel_product(",
      [
        "ptrdiff_t rows", "ptrdiff_t first", "ptrdiff_t end", "ptrdiff_t columns",
        "ptrdiff_t terms", "const float *a", "ptrdiff_t a_row", "ptrdiff_t a_term",
        "const uint16_t *b", "float *c", "ptrdiff_t c_row", "int adds",
      ],
      ") {"
    )
    writer.indented { writer in
      writer.block("for (ptrdiff_t j = first; j < end;) {") { writer in
        writer.line("const ptrdiff_t panel = j / \(width) * \(width);")
        writer.line("const ptrdiff_t left = columns - panel;")
        writer.line("const ptrdiff_t stride = left < \(width) ? (left + 15) / 16 * 16 : \(width);")
        writer.line("const ptrdiff_t some = (end - panel < \(width) ? end : panel + \(width)) - j;")
        writer.line("const uint16_t *const from = b + panel * terms + (j - panel);")
        writer.block("if (rows == 1) {", closing: "} else {") {
          $0.line("half_row(some, terms, a, a_term, from, stride, c + j, adds);")
        }
        writer.indented {
          $0.list(
            "half_rows(",
            [
              "rows", "some", "terms", "a", "a_row", "a_term", "from", "stride", "c + j", "c_row",
              "adds",
            ],
            ");"
          )
        }
        writer.line("}")
        writer.line("j += some;")
      }
    }
    writer.line("}")
    writer.line()
  }
}
