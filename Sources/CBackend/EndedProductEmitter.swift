internal import Lowering

/// Writes the products that leave out rows, or terms, that have ended.
///
/// What is left is copied next to each other, some at a time, since tiles walk evenly; long runs are multiplied
/// where they stand.
enum EndedProductEmitter {
  /// The product whose rows end.
  static let rows = "product_of_rows"
  /// The product whose terms end.
  static let terms = "product_of_terms"

  /// Writes both.
  static func emit(into writer: inout CWriter) {
    let width = TurnedForms.panelWidth
    writer.verbatim(
      """
      /* What is copied at once, which takes 20 kB of a call's stack, and what is gone through at once. */
      #define SOME_ROWS 32
      #define SOME_TERMS 64
      #define SOME_COLUMNS 48
      #define NEAR_TERMS 512

      /* Some rows' part of a product, copied next to each other. */
      APART static void product_of_some_rows(
          const ptrdiff_t *places, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t terms, const float *a,
          ptrdiff_t a_row, ptrdiff_t a_term, const float *b, ptrdiff_t b_term, float *c, ptrdiff_t c_row,
          int adds) {
        float packed[SOME_ROWS * SOME_TERMS];
        float sums[SOME_ROWS * 2 * SOME_COLUMNS];
        packed[0] = 0.0f; /* Not all compilers see that there is a row. */
        for (ptrdiff_t j = 0; j < columns; j += 2 * SOME_COLUMNS) {
          const ptrdiff_t some = columns - j < 2 * SOME_COLUMNS ? columns - j : 2 * SOME_COLUMNS;
          const size_t bytes = (size_t)some * sizeof(float);
          for (ptrdiff_t i = 0; adds && i < rows; i += 1) {
            memcpy(sums + i * 2 * SOME_COLUMNS, c + places[i] * c_row + j, bytes);
          }
          ptrdiff_t k = 0;
          do {
            const ptrdiff_t part = terms - k < SOME_TERMS ? terms - k : SOME_TERMS;
            for (ptrdiff_t i = 0; i < rows; i += 1) {
              const float *const row = a + places[i] * a_row + k * a_term;
              if (a_term == 1) memcpy(packed + i * SOME_TERMS, row, (size_t)part * sizeof(float));
              for (ptrdiff_t q = 0; a_term != 1 && q < part; q += 1) {
                packed[i * SOME_TERMS + q] = row[q * a_term];
              }
            }
            product(
                rows, some, part, packed, SOME_TERMS, 1, b + k * b_term + j, b_term, sums,
                2 * SOME_COLUMNS, adds || k > 0);
            k += SOME_TERMS;
          } while (k < terms);
          for (ptrdiff_t i = 0; i < rows; i += 1) {
            memcpy(c + places[i] * c_row + j, sums + i * 2 * SOME_COLUMNS, bytes);
          }
        }
      }

      /* The product of the rows on a walk with some of the columns and terms. */
      UNUSED static void product_of_walk(
          span at, ptrdiff_t columns, ptrdiff_t terms, const float *a, ptrdiff_t a_row, ptrdiff_t a_term,
          const float *b, ptrdiff_t b_term, float *c, ptrdiff_t c_row, int adds) {
        ptrdiff_t places[SOME_ROWS];
        ptrdiff_t count = 0;
        while (next_span(&at)) {
          const ptrdiff_t rows = at.end - at.first;
          if (rows >= 8) {
            product(
                rows, columns, terms, a + at.first * a_row, a_row, a_term, b, b_term,
                c + at.first * c_row, c_row, adds);
            continue;
          }
          for (ptrdiff_t place = at.first; place < at.end; place += 1) {
            places[count++] = place;
            if (count < SOME_ROWS) continue;
            product_of_some_rows(
                places, count, columns, terms, a, a_row, a_term, b, b_term, c, c_row, adds);
            count = 0;
          }
        }
        if (count > 0) {
          product_of_some_rows(
              places, count, columns, terms, a, a_row, a_term, b, b_term, c, c_row, adds);
        }
      }

      /* The product of the rows on a walk, columns first to end: as much of b at a time as stays near, since
         every run of rows reads it; b is in panels of \(width) columns if b_term is 0. */
      UNUSED static void product_of_rows(
          span at, ptrdiff_t first, ptrdiff_t end, ptrdiff_t columns, ptrdiff_t terms, const float *a,
          ptrdiff_t a_row, ptrdiff_t a_term, const float *b, ptrdiff_t b_term, float *c,
          ptrdiff_t c_row) {
        for (ptrdiff_t j = first; j < end;) {
          const ptrdiff_t panel = j / \(width) * \(width);
          const ptrdiff_t left = columns - panel < \(width) ? columns - panel : \(width);
          const ptrdiff_t past = end - panel < \(width) ? end : panel + \(width);
          const ptrdiff_t stride = b_term ? b_term : (left + 15) / 16 * 16;
          const float *const from = b_term ? b + j : b + panel * terms + (j - panel);
          ptrdiff_t k = 0;
          do {
            const ptrdiff_t part = terms - k < NEAR_TERMS ? terms - k : NEAR_TERMS;
            product_of_walk(
                at, past - j, part, a + k * a_term, a_row, a_term, from + k * stride, stride, c + j,
                c_row, k > 0);
            k += NEAR_TERMS;
          } while (k < terms);
          j = past;
        }
      }

      /* Some terms' part of a product, copied next to each other. */
      APART static void product_of_some_terms(
          const ptrdiff_t *places, ptrdiff_t terms, ptrdiff_t rows, ptrdiff_t columns, const float *a,
          ptrdiff_t a_row, ptrdiff_t a_term, const float *b, ptrdiff_t b_term, float *c, ptrdiff_t c_row,
          int adds) {
        float from[SOME_ROWS * SOME_TERMS];
        float panel[SOME_TERMS * SOME_COLUMNS];
        for (ptrdiff_t j = 0; j < columns; j += SOME_COLUMNS) {
          const ptrdiff_t some = columns - j < SOME_COLUMNS ? columns - j : SOME_COLUMNS;
          if (some < SOME_COLUMNS) memset(panel, 0, sizeof panel);
          for (ptrdiff_t q = 0; q < terms; q += 1) {
            const float *const term = b + places[q] * b_term + j;
            memcpy(panel + q * SOME_COLUMNS, term, (size_t)some * sizeof(float));
          }
          for (ptrdiff_t i = 0; i < rows; i += SOME_ROWS) {
            const ptrdiff_t part = rows - i < SOME_ROWS ? rows - i : SOME_ROWS;
            for (ptrdiff_t q = 0; q < terms; q += 1) {
              const float *const term = a + places[q] * a_term + i * a_row;
              for (ptrdiff_t p = 0; p < part; p += 1) from[q * SOME_ROWS + p] = term[p * a_row];
            }
            product_panels(
                part, some, terms, from, 1, SOME_ROWS, panel, SOME_COLUMNS, c + i * c_row + j, c_row,
                adds);
          }
        }
      }

      /* The product of the terms on a walk. */
      UNUSED static void product_of_terms(
          span at, ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t a_row, ptrdiff_t a_term,
          const float *b, ptrdiff_t b_term, float *c, ptrdiff_t c_row, int adds) {
        ptrdiff_t places[SOME_TERMS];
        ptrdiff_t count = 0;
        while (next_span(&at)) {
          const ptrdiff_t terms = at.end - at.first;
          for (ptrdiff_t place = at.first; terms < 64 && place < at.end; place += 1) {
            places[count++] = place;
            if (count < SOME_TERMS) continue;
            product_of_some_terms(
                places, count, rows, columns, a, a_row, a_term, b, b_term, c, c_row, adds);
            count = 0;
            adds = 1;
          }
          if (terms < 64) continue;
          if (count > 0) {
            product_of_some_terms(
                places, count, rows, columns, a, a_row, a_term, b, b_term, c, c_row, adds);
            count = 0;
            adds = 1;
          }
          product(
              rows, columns, terms, a + at.first * a_term, a_row, a_term, b + at.first * b_term, b_term, c,
              c_row, adds);
          adds = 1;
        }
        if (count > 0) {
          product_of_some_terms(
              places, count, rows, columns, a, a_row, a_term, b, b_term, c, c_row, adds);
        }
      }

      """
    )
  }
}
