internal import Lowering

/// Writes the product of a row alone, and those with a weight in panels, for one stored form of the weight.
///
/// Numbers are widened as they are read, and their sums are of floats, each in the order of its terms. A form
/// with scales sums numbers as they are stored; a finished sum is multiplied by its column's scale.
struct RowProductEmitter {
  private let form: StoredForm

  /// For a stored form.
  init(_ form: StoredForm) { self.form = form }

  /// The vectors that a tile of a row alone may have, beside those of any tile.
  private static let wideCounts = [12, 10, 8, 6, 4]
  /// The vectors that any tile may have.
  static let counts = [3, 2, 1]
  /// The terms that are widened at a time for several rows.
  private static let widened = 16

  /// What a function is called for this form.
  private func named(_ name: String) -> String { form.prefix + name }

  /// The operand that is read, in the parameters of functions.
  private var operand: [String] { ["const \(form.element) *b", "ptrdiff_t b_term"] + scales }
  private var scales: [String] { form.isScaled ? ["const float *scales"] : [] }

  /// The operand from a column on, as arguments.
  private func operand(_ from: String, _ term: String, column: String) -> [String] {
    [from, term] + (form.isScaled ? ["scales + \(column)"] : [])
  }

  /// Writes all that products with panels of this form need, where it is not of floats.
  func emit(into writer: inout CWriter) {
    for vectors in Self.counts { tile(vectors, into: &writer) }
    wideTiles(into: &writer)
    row(into: &writer)
    rows(into: &writer)
    panels(into: &writer)
  }

  // MARK: A row alone

  /// Writes the tiles that only a row alone has.
  func wideTiles(into writer: inout CWriter) {
    for vectors in Self.wideCounts { tile(vectors, into: &writer) }
  }

  private func tileName(_ vectors: Int) -> String { named("tile_1x\(vectors)") }

  /// Writes a tile of one row.
  func tile(_ vectors: Int, into writer: inout CWriter) {
    let parameters =
      ["ptrdiff_t terms", "const float *a", "ptrdiff_t a_row", "ptrdiff_t a_term"] + operand
      + ["float *c", "ptrdiff_t c_row", "int last", "int adds"]
    let columns = 0..<vectors
    writer.list("UNUSED static void \(tileName(vectors))(", parameters, ") {")
    writer.indented { writer in
      func read(_ column: Int) -> String {
        let from = ProductEmitter.address("c", 0, column)
        return column == vectors - 1 ? "load_lanes(\(from), last)" : "load(\(from))"
      }
      writer.line("(void)a_row; (void)c_row;")
      writer.line(
        "vector " + columns.map { "c0\($0) = splat(0.0f)" }.joined(separator: ", ") + ";"
      )
      if !form.isScaled {
        writer.block("if (adds) {") { writer in
          for column in columns { writer.line("c0\(column) = \(read(column));") }
        }
      }
      writer.block("for (ptrdiff_t k = 0; k < terms; k += 1) {") { writer in
        writer.line("const vector x = splat(a[0]);")
        for column in columns {
          let number = form.load(ProductEmitter.address("b", 0, column))
          writer.line("c0\(column) = multiply_add(x, \(number), c0\(column));")
        }
        writer.line("a += a_term;")
        writer.line("b += b_term;")
      }
      if form.isScaled {
        func scaled(_ column: Int, _ start: String) -> String {
          let scale = "load(\(ProductEmitter.address("scales", 0, column)))"
          return "c0\(column) = multiply_add(\(scale), c0\(column), \(start));"
        }
        writer.block("if (adds) {", closing: "} else {") { writer in
          for column in columns { writer.line(scaled(column, read(column))) }
        }
        writer.indented { writer in
          for column in columns { writer.line(scaled(column, "splat(0.0f)")) }
        }
        writer.line("}")
      }
      for column in columns {
        let to = ProductEmitter.address("c", 0, column)
        writer.line(
          column == vectors - 1
            ? "store_lanes(\(to), c0\(column), last);" : "store(\(to), c0\(column));"
        )
      }
    }
    writer.line("}")
    writer.line()
  }

  /// Writes the walk over columns, in tiles as wide as they come.
  func row(into writer: inout CWriter) {
    let parameters =
      ["ptrdiff_t columns", "ptrdiff_t terms", "const float *a", "ptrdiff_t a_term"] + operand
      + ["float *c", "int adds"]
    writer.list("UNUSED static void \(named("row_product"))(", parameters, ") {")
    writer.indented { writer in
      writer.block("for (ptrdiff_t j = 0; j < columns;) {") { writer in
        writer.line("const ptrdiff_t left = columns - j;")
        writer.line("const ptrdiff_t whole = (left + LANES - 1) / LANES;")
        writer.line("ptrdiff_t vectors = whole;")
        for vectors in Self.wideCounts {
          let test = vectors == Self.wideCounts.first ? "if" : "else if"
          writer.line("\(test) (whole >= \(vectors)) vectors = \(vectors);")
        }
        writer.line(
          "const int last = left < vectors * LANES ? (int)(left - (vectors - 1) * LANES) : LANES;"
        )
        writer.block("switch (vectors) {") { writer in
          for vectors in Self.wideCounts + Self.counts {
            let label = vectors == 1 ? "default" : "case \(vectors)"
            writer.list(
              "\(label): \(tileName(vectors))(",
              ["terms", "a", "0", "a_term"] + operand("b + j", "b_term", column: "j")
                + ["c + j", "0", "last", "adds"],
              "); break;"
            )
          }
        }
        writer.line("j += vectors * LANES;")
      }
    }
    writer.line("}")
    writer.line()
  }

  // MARK: Several rows

  private var rowsParameters: [String] {
    [
      "ptrdiff_t rows", "ptrdiff_t columns", "ptrdiff_t terms", "const float *a", "ptrdiff_t a_row",
      "ptrdiff_t a_term",
    ] + operand + ["float *c", "ptrdiff_t c_row", "int adds"]
  }

  /// Writes the product for any number of rows, where the operand is not of floats.
  private func rows(into writer: inout CWriter) {
    widening(into: &writer)
    writer.list("UNUSED static void \(named("product"))(", rowsParameters, ") {")
    writer.indented { writer in
      if form.isScaled {
        writer.comment("What scaled sums are added to must be kept until they are whole.")
      }
      writer.block(form.isScaled ? "if (rows == 1 || adds) {" : "if (rows == 1) {") { writer in
        let row = named("row_product")
        let given = operand("b", "b_term", column: "0")
        guard form.isScaled else {
          writer.list(
            "\(row)(",
            ["columns", "terms", "a", "a_term"] + given + ["c", "adds"],
            ");"
          )
          return writer.line("return;")
        }
        writer.block("for (ptrdiff_t i = 0; i < rows; i += 1) {") { writer in
          writer.list(
            "\(row)(",
            ["columns", "terms", "a + i * a_row", "a_term"] + given + ["c + i * c_row", "adds"],
            ");"
          )
        }
        writer.line("return;")
      }
      writer.list("\(named("rows"))(", rowsParameters.map(CText.declared), ");")
    }
    writer.line("}")
    writer.line()
  }

  /// Writes the product of several rows, for which some terms are widened at a time.
  private func widening(into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    writer.comment(
      "Several rows: some terms are widened at a time, for all of them. A function of its own, so that no "
        + "other needs its stack."
    )
    writer.list("APART static void \(named("rows"))(", rowsParameters, ") {")
    writer.indented { writer in
      writer.line("float wide[\(Self.widened) * \(width)];")
      writer.block("for (ptrdiff_t k = 0; k < terms; k += \(Self.widened)) {") { writer in
        writer.line(
          "const ptrdiff_t some = terms - k < \(Self.widened) ? terms - k : \(Self.widened);"
        )
        writer.block("for (ptrdiff_t q = 0; q < some; q += 1) {") { writer in
          writer.block("for (ptrdiff_t j = 0; j < columns; j += LANES) {") {
            let number = form.load("b + (k + q) * b_term + j")
            $0.line("store(wide + q * \(width) + j, \(number));")
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
      guard form.isScaled else { return }
      writer.block("for (ptrdiff_t i = 0; i < rows; i += 1) {") { writer in
        writer.block("for (ptrdiff_t j = 0; j < columns; j += LANES) {") { writer in
          writer.line("const int last = columns - j < LANES ? (int)(columns - j) : LANES;")
          writer.line("float *const to = c + i * c_row + j;")
          writer.line("const vector sum = load_lanes(to, last);")
          writer.line(
            "store_lanes(to, multiply_add(load(scales + j), sum, splat(0.0f)), last);"
          )
        }
      }
    }
    writer.line("}")
    writer.line()
  }

  // MARK: Panels

  /// Writes the product with a weight in panels.
  func panels(into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    switch form {
    case .float32:
      writer.comment(
        "The columns from first to end of the same, where b is a weight in panels of \(width) columns, each "
          + "panel's terms one after the other: memory is read from one end to the other, or, if turned, the "
          + "last panel first."
      )
    case .bfloat16, .int8:
      writer.comment("The same where the panels are of \(form.rawValue).")
    }
    let parameters = [
      "ptrdiff_t rows", "ptrdiff_t first", "ptrdiff_t end", "ptrdiff_t columns", "ptrdiff_t terms",
      "const float *a", "ptrdiff_t a_row", "ptrdiff_t a_term", "const \(form.element) *b",
      "float *c", "ptrdiff_t c_row", "int adds", "int turned",
    ]
    writer.list("UNUSED static void \(form.panelProduct)(", parameters, ") {")
    writer.indented { writer in
      if form.isScaled {
        let behind = "b + (columns + 15) / 16 * 16 * terms"
        writer.line("const float *const scales = (const float *)(const void *)(\(behind));")
      }
      writer.block("for (ptrdiff_t rest = end - first; rest > 0;) {") { writer in
        writer.line("const ptrdiff_t at = turned ? first + rest - 1 : end - rest;")
        writer.line("const ptrdiff_t panel = at / \(width) * \(width);")
        writer.line("const ptrdiff_t left = columns - panel;")
        writer.line("const ptrdiff_t stride = left < \(width) ? (left + 15) / 16 * 16 : \(width);")
        writer.line("const ptrdiff_t j = panel > first ? panel : first;")
        writer.line("const ptrdiff_t some = (end - panel < \(width) ? end : panel + \(width)) - j;")
        writer.list(
          "\(named("product"))(",
          ["rows", "some", "terms", "a", "a_row", "a_term"]
            + operand("b + panel * terms + (j - panel)", "stride", column: "j")
            + ["c + j", "c_row", "adds"],
          ");"
        )
        writer.line("rest -= some;")
      }
    }
    writer.line("}")
    writer.line()
  }
}
