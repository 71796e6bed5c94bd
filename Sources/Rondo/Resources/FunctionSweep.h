/* ---- the sweep --------------------------------------------------------------------------------

   Values of the functions above for every so many floats, and how far they are off. It stands behind
   Functions.h in a library of its own, which nothing but the measurement is linked with. */

#include <math.h>

/* One bit pattern for every NaN. */
static uint32_t canonical(float x) { return x != x ? 0x7fc00000u : bits_of(x); }

/* The float of that number among those tried. */
static float tried(uint64_t number, uint64_t every) { return float_of((uint32_t)(number * every)); }

#define FORMS(name)                                                                       \
  static void vectors_##name(uint64_t first, uint64_t every, int32_t count, uint32_t *bits) { \
    float lanes[LANES];                                                                   \
    for (int32_t i = 0; i < count; i += LANES) {                                          \
      for (int lane = 0; lane < LANES; lane += 1) {                                       \
        lanes[lane] = tried(first + (uint64_t)(i + lane), every);                         \
      }                                                                                   \
      store(lanes, vector_##name(load(lanes)));                                           \
      for (int lane = 0; lane < LANES && i + lane < count; lane += 1) {                   \
        bits[i + lane] = canonical(lanes[lane]);                                          \
      }                                                                                   \
    }                                                                                     \
  }                                                                                       \
  static void scalars_##name(uint64_t first, uint64_t every, int32_t count, uint32_t *bits) { \
    for (int32_t i = 0; i < count; i += 1) {                                              \
      bits[i] = canonical(scalar_##name(tried(first + (uint64_t)i, every)));              \
    }                                                                                     \
  }
FORMS(exp)
FORMS(log)
FORMS(log1p)
FORMS(sqrt)
FORMS(tanh)
FORMS(sigmoid)
FORMS(sin)
FORMS(cos)

static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

static long double sigmoidl(long double x) {
  return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

/* Each function in both forms, and as the C library has it in double and in long double. */
#define ROW(name) {vectors_##name, scalars_##name, name, name##l}
static const struct {
  void (*vectors)(uint64_t first, uint64_t every, int32_t count, uint32_t *bits);
  void (*scalars)(uint64_t first, uint64_t every, int32_t count, uint32_t *bits);
  double (*exact)(double x);
  long double (*exacter)(long double x);
} functions[] = {ROW(exp),  ROW(log),     ROW(log1p), ROW(sqrt),
                 ROW(tanh), ROW(sigmoid), ROW(sin),   ROW(cos)};

#define SHOWN __attribute__((visibility("default")))

/* The bits of a function's values for `count` of the floats tried, from number `first` on, on vectors
   or on one number at a time. */
SHOWN void sweep_values(int32_t function, int32_t scalar, uint64_t first, uint64_t every,
                        int32_t count, uint32_t *bits) {
  (scalar ? functions[function].scalars : functions[function].vectors)(first, every, count, bits);
}

/* What one unit in the last place of the float nearest to a number is. */
static double last_place(double exact) {
  uint64_t bits;
  uint64_t exponent;
  double unit;
  memcpy(&bits, &exact, sizeof bits);
  exponent = bits >> 52 & 0x7ff;
  exponent = (exponent < 1023 - 126 ? 1023 - 126 : exponent) - 23;
  bits = exponent << 52;
  memcpy(&unit, &bits, sizeof unit);
  return unit;
}

/* The same values in double, and the float nearest to each: where
   double cannot tell which of two that is, long double does. */
SHOWN void sweep_exact(int32_t function, uint64_t first, uint64_t every, int32_t count,
                       double *exact, uint32_t *nearest) {
  for (int32_t i = 0; i < count; i += 1) {
    const float x = tried(first + (uint64_t)i, every);
    const double y = functions[function].exact((double)x);
    float float_y = (float)y;
    if (isfinite(float_y)) {
      const double off = fabs((double)float_y - y) / last_place(y);
      if (off > 0.4999999 && off < 0.5000001) {
        float_y = (float)functions[function].exacter((long double)x);
      }
    }
    exact[i] = y;
    nearest[i] = canonical(float_y);
  }
}

/* How many of some values another form gives otherwise, and the number of the first such. */
typedef struct sweep_difference {
  uint64_t count;
  uint64_t first_at;
} sweep_difference;

/* Adds to what was found. */
SHOWN void sweep_differ(uint64_t first, int32_t count, const uint32_t *bits, const uint32_t *other,
                        sweep_difference *found) {
  for (int32_t i = 0; i < count; i += 1) {
    if (bits[i] != other[i]) {
      if (found->count == 0) {
        found->first_at = first + (uint64_t)i;
      }
      found->count += 1;
    }
  }
}

/* What is found of some values: the greatest error in units of the last place, the number of the float
   it is at, how many values are not the nearest float, and how many are infinite, NaN, of a zero's sign,
   or above 1 where they should not be, with the number of the first such. */
typedef struct sweep_error {
  double worst;
  uint64_t worst_at;
  uint64_t rounded_otherwise;
  uint64_t wrong;
  uint64_t wrong_at;
} sweep_error;

/* Adds what is found of values to what was found of others. */
SHOWN void sweep_compare(int32_t is_bounded, uint64_t first, int32_t count, const uint32_t *bits,
                         const double *exact, const uint32_t *nearest, sweep_error *found) {
  for (int32_t i = 0; i < count; i += 1) {
    const float y = float_of(bits[i]);
    const float wanted = float_of(nearest[i]);
    int wrong = is_bounded && (y > 1.0f || y < -1.0f);
    if (!isfinite(y) || !isfinite(wanted)) {
      wrong |= bits[i] != nearest[i];
    } else {
      const double error = fabs((double)y - exact[i]) / last_place(exact[i]);
      wrong |= y == 0.0f && wanted == 0.0f && bits[i] != nearest[i];
      if (error > found->worst) {
        found->worst = error;
        found->worst_at = first + (uint64_t)i;
      }
    }
    found->rounded_otherwise += bits[i] != nearest[i];
    if (wrong) {
      if (found->wrong == 0) {
        found->wrong_at = first + (uint64_t)i;
      }
      found->wrong += 1;
    }
  }
}
