/* ---- arithmetic against stored answers ---------------------------------------------------------

   What this compiler made of the functions above, for this processor. */

/* A function's number, what it is given and what it gives, rounded right, as bits. */
typedef struct known_answer {
  int32_t function;
  uint32_t given;
  uint32_t answer;
} known_answer;

static const known_answer known_answers[58] = {
  {0, 0x00000000u, 0x3f800000u}, {0, 0x3f800000u, 0x402df854u},
  {0, 0xbf800000u, 0x3ebc5ab2u}, {0, 0x3eb16873u, 0x3fb5018au},
  {0, 0xc1a20000u, 0x30dc9ef1u}, {0, 0x42b10000u, 0x7f4cdcc4u},
  {0, 0xc2ae0000u, 0x00b33687u}, {0, 0xc2c80000u, 0x0000001bu},
  {0, 0x358637bdu, 0x3f800008u}, {1, 0x3f800000u, 0x00000000u},
  {1, 0x40000000u, 0x3f317218u}, {1, 0x3f000000u, 0xbf317218u},
  {1, 0x3f3504f3u, 0xbeb17219u}, {1, 0x3fb504f3u, 0x3eb17217u},
  {1, 0x0da24260u, 0xc28a27b5u}, {1, 0x7f61b1e6u, 0x42b13196u},
  {1, 0x3f801fffu, 0x3a7fd807u}, {1, 0x000116c2u, 0xc2b834f2u},
  {2, 0x00000000u, 0x00000000u}, {2, 0x33d6bf95u, 0x33d6bf94u},
  {2, 0xbf000000u, 0xbf317218u}, {2, 0x3e800000u, 0x3e647fbeu},
  {2, 0x40400000u, 0x3fb17218u}, {2, 0x501502f9u, 0x41b834f1u},
  {2, 0xbf7ff972u, 0xc1135ce0u}, {2, 0x3ed41355u, 0x3eb171c3u},
  {3, 0x00000000u, 0x00000000u}, {3, 0x3dcccccdu, 0x3dcc1ebcu},
  {3, 0xbe851eb8u, 0xbe823306u}, {3, 0x3e8a3d71u, 0x3e86f9d6u},
  {3, 0x3f800000u, 0x3f42f7d6u}, {3, 0xc0600000u, 0xbf7f8896u},
  {3, 0x41100000u, 0x3f7fffffu}, {3, 0x2edbe6ffu, 0x2edbe6ffu},
  {4, 0x00000000u, 0x3f000000u}, {4, 0x3f800000u, 0x3f3b26a8u},
  {4, 0xbf800000u, 0x3e89b2b1u}, {4, 0x41200000u, 0x3f7ffd06u},
  {4, 0xc1f00000u, 0x29d2b706u}, {4, 0x3c23d70au, 0x3f00a3d7u},
  {4, 0xc2b00000u, 0x0041edc4u}, {5, 0x3dcccccdu, 0x3dcc7577u},
  {5, 0x3f800000u, 0x3f576aa4u}, {5, 0xc0400000u, 0xbe1081c3u},
  {5, 0x42c80000u, 0xbf01a12eu}, {5, 0x49742400u, 0xbeb33259u},
  {5, 0x60ad78ecu, 0x3f281569u}, {6, 0x3dcccccdu, 0x3f7eb898u},
  {6, 0x3f800000u, 0x3f0a5140u}, {6, 0xc0400000u, 0xbf7d7026u},
  {6, 0x42c80000u, 0x3f5cc0eeu}, {6, 0x49742400u, 0x3f6fcefdu},
  {6, 0x60ad78ecu, 0x3f411723u}, {7, 0x40000000u, 0x3fb504f3u},
  {7, 0x3f000000u, 0x3f3504f3u}, {7, 0x006ce3eeu, 0x1fec1e4au},
  {7, 0x7f61b1e6u, 0x5f705eceu}, {7, 0x000002cau, 0x1c9727d2u}};

/* A function by its number. */
static float known_function(int32_t function, float x) {
  switch (function) {
    case 0: return scalar_exp(x);
    case 1: return scalar_log(x);
    case 2: return scalar_log1p(x);
    case 3: return scalar_tanh(x);
    case 4: return scalar_sigmoid(x);
    case 5: return scalar_sin(x);
    case 6: return scalar_cos(x);
    default: return scalar_sqrt(x);
  }
}

/* The number of a float among all in their order. */
static int64_t known_rank(uint32_t bits) {
  return (bits & 0x80000000u) != 0u ? -(int64_t)(bits & 0x7fffffffu) : (int64_t)bits;
}

/* The elementary functions. */
static void trial_functions(rondo_report *report) {
  static const char *const names[8] = {"exp", "log", "log1p", "tanh", "sigmoid", "sin", "cos", "sqrt"};
  rondo_check *const check = trial_check(report, "elementary functions, units in the last place", 3.0f);
  for (int32_t i = 0; i < 58; i += 1) {
    const known_answer *const known = &known_answers[i];
    const float is = known_function(known->function, float_of(known->given));
    const int64_t apart = known_rank(bits_of(is)) - known_rank(known->answer);
    trial_note(check, (float)(apart < 0 ? -apart : apart), names[known->function], i);
  }
}

/* What is drawn: the answers of the generator's authors (Random123, `kat_vectors`). */
static void trial_draws(rondo_report *report) {
  static const uint32_t answers[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u},
    {0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du,
     0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu},
    {0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u,
     0x94fdccebu, 0x5001e420u, 0x24126ea1u}};
  rondo_check *const check = trial_check(report, "draws, words that differ", 0.0f);
  for (int32_t i = 0; i < 3; i += 1) {
    uint32_t counter[4];
    int32_t wrong = 0;
    memcpy(counter, answers[i], sizeof counter);
    philox((uint64_t)answers[i][5] << 32 | answers[i][4], counter);
    for (int32_t k = 0; k < 4; k += 1) {
      wrong += counter[k] != answers[i][6 + k] ? 1 : 0;
    }
    trial_note(check, (float)wrong, "Philox 4x32-10", i);
  }
}

/* Products of whole numbers, whose sums are exact in any order, over tiles, rests and single rows. */
static void trial_products(rondo_report *report) {
  enum { COLUMNS = 21, TERMS = 7, ROWS = 13 };
  rondo_check *const check = trial_check(report, "products and sums, absolute", 0.0f);
  float a[ROWS * TERMS];
  float b[TERMS * COLUMNS + 16];
  float c[ROWS * COLUMNS];
  for (int32_t i = 0; i < ROWS * TERMS; i += 1) {
    a[i] = (float)((int32_t)(trial_number("a", (size_t)i) % 201u) - 100);
  }
  for (int32_t i = 0; i < TERMS * COLUMNS + 16; i += 1) {
    b[i] = (float)((int32_t)(trial_number("b", (size_t)i) % 201u) - 100);
  }
  for (int32_t rows = 1; rows <= ROWS; rows += 12) {
    for (int32_t columns = 1; columns <= COLUMNS; columns += 5) {
      for (int32_t i = 0; i < ROWS * COLUMNS; i += 1) {
        c[i] = 3.0f;
      }
      product(rows, columns, TERMS, a, TERMS, 1, b, COLUMNS, c, COLUMNS, columns > 9 ? 1 : 0);
      for (int32_t i = 0; i < ROWS * COLUMNS; i += 1) {
        const int32_t row = i / COLUMNS;
        const int32_t column = i % COLUMNS;
        float sum = row < rows && column < columns && columns <= 9 ? 0.0f : 3.0f;
        for (int32_t k = 0; k < TERMS && row < rows && column < columns; k += 1) {
          sum += a[row * TERMS + k] * b[k * COLUMNS + column];
        }
        trial_note(check, trial_size_of(c[i] - sum), "product", i);
      }
    }
  }
}

size_t rondo_selftest_bytes(void) { return trial_bytes(&rondo_model_table); }

rondo_status rondo_selftest(rondo_workers *workers, void *memory, size_t bytes,
                            rondo_report *report) {
  rondo_status status = trial_run(&rondo_model_table, STOPS_GRADIENTS, workers, memory, bytes, report);
  if (status == RONDO_OK) {
    const int32_t first = report->count;
    trial_functions(report);
    trial_draws(report);
    trial_products(report);
#if CHECKS_LOOPS
    status = trial_all_loops(workers, memory, bytes, report);
#endif
    for (int32_t i = first; i < report->count; i += 1) {
      report->failed += report->checks[i].outcome == RONDO_FAILED ? 1 : 0;
    }
  }
  return status;
}
