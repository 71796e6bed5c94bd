/* ---- numbers ---------------------------------------------------------------------------------

   What the kernels below are written in: a vector of LANES floats, elementary functions on it, random
   numbers, and the draw of a token.

   The bits of every result are decided by this text: contraction is off, a fused multiply-add stands
   only in multiply_add, nothing is reassociated. So they are the same for any LANES, compiler and
   level of optimisation; of a NaN, only that it is one. Errors are in units of the last place (ulp),
   the greatest over all 2^32 floats against double, in strict and in fast mode. */

#if defined(__FAST_MATH__) || (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2)
#error "Compile without -ffast-math, and on i386 with -msse2 -mfpmath=sse: the bits depend on it."
#endif

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__TINYC__)
/* The second: gcc 12 at -O1 may write a load as an offset from 0, take that for a read of a null
   pointer, conclude that what follows is never reached, and drop calls of the function (renew). */
#pragma GCC optimize("-ffp-contract=off", "-fno-delete-null-pointer-checks")
#endif

#if defined(__GNUC__) && !defined(__TINYC__)
#define INLINE static inline __attribute__((always_inline, unused))
#define UNUSED __attribute__((unused))
#define APART __attribute__((noinline, unused))
#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#else
#define INLINE static inline
#define UNUSED
#define APART
#endif

/* As wide as the target's registers: wider vectors would go through memory. ARM's 32-bit NEON is left
   out because it flushes subnormals. */
#if defined(RONDO_SCALAR) || !defined(__GNUC__) || defined(__TINYC__)
#define LANES 1
#elif defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#define LANES 8
#elif defined(__SSE2__) || defined(__aarch64__)
#define LANES 4
#else
#define LANES 1
#endif

/* A mask's lanes are all ones (true) or all zeros (false). */
#if LANES > 1
typedef float vector __attribute__((vector_size(LANES * 4)));
typedef int32_t integers __attribute__((vector_size(LANES * 4)));
typedef uint32_t words __attribute__((vector_size(LANES * 4)));
#else
typedef float vector;
typedef int32_t integers;
typedef uint32_t words;
#endif
typedef integers mask;

/* ---- one number ---- */

/* The bits of a float. */
INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The float with these bits. */
INLINE float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The sign cleared. */
INLINE float scalar_absolute(float x) { return float_of(bits_of(x) & 0x7fffffffu); }

/* The greater; NaN if either is; at a tie b. */
INLINE float scalar_maximum(float a, float b) { return a > b || a != a ? a : b; }

/* The lesser; NaN if either is; at a tie b. */
INLINE float scalar_minimum(float a, float b) { return a < b || a != a ? a : b; }

/* a * b + c rounded once. Without the instruction: the product is exact in double, and a sum rounded
   to odd there rounds to float as the exact sum would (Boldo and Melquiond 2008). */
INLINE float scalar_fused(float a, float b, float c) {
#if defined(__FMA__) && defined(__SSE2__)
  return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)));
#elif (defined(__aarch64__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_flen)) && \
    defined(__GNUC__) && !defined(__TINYC__)
  return __builtin_fmaf(a, b, c);
#else
  double product = (double)a * (double)b;
  double addend = (double)c;
  double sum = product + addend;
  double part = sum - product;
  double error = (product - (sum - part)) + (addend - part);
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if ((error > 0.0 || error < 0.0) && (bits & 1u) == 0) {
    bits = (error > 0.0) == (sum > 0.0) ? bits + 1 : bits - 1;
  }
  memcpy(&sum, &bits, sizeof sum);
  return (float)sum;
#endif
}

/* a * b + c: one rounding in fast mode, two in strict mode. */
INLINE float scalar_multiply_add(float a, float b, float c) {
#if RONDO_FUSED
  return scalar_fused(a, b, c);
#else
  return a * b + c;
#endif
}

/* The square root; 0.5 ulp. Without the instruction: in whole numbers, bit by bit. */
INLINE float scalar_sqrt(float x) {
#if defined(__SSE2__) && defined(__GNUC__) && !defined(__TINYC__)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__aarch64__) && defined(__GNUC__) && \
    !defined(__TINYC__)
  float root;
  __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
  return root;
#elif defined(__aarch64__) && defined(__GNUC__) && !defined(__TINYC__)
  float root;
  __asm__("fsqrt %s0, %s1" : "=w"(root) : "w"(x));
  return root;
#elif defined(__riscv_flen) && defined(__GNUC__) && !defined(__TINYC__)
  float root;
  __asm__("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
  return root;
#elif defined(__GNUC__) && !defined(__TINYC__) && !defined(RONDO_EMBEDDED)
  return __builtin_sqrtf(x);
#else
  /* The mantissa as a whole number times a power of 4: its root has 24 bits and one to round by. */
  uint32_t bits = bits_of(x);
  int32_t exponent = (int32_t)(bits >> 23) - 150;
  uint64_t rest = (bits & 0x007fffffu) | 0x00800000u;
  uint64_t root = 0;
  int place;
  if (!(x > 0.0f) || bits == 0x7f800000u) {
    return x < 0.0f ? float_of(0x7fc00000u) : x;
  }
  if (exponent == -150) {
    rest = bits;
    exponent = -149;
    while (rest < 0x00800000u) {
      rest <<= 1;
      exponent -= 1;
    }
  }
  place = (exponent & 1) != 0 ? 25 : 26;
  rest <<= place;
  exponent -= place;
  for (place = 24; place >= 0; place -= 1) {
    const uint64_t bit = (uint64_t)1 << place;
    if (rest >= ((root << 1) + bit) << place) {
      rest -= ((root << 1) + bit) << place;
      root += bit;
    }
  }
  /* A root is never half way between two floats. */
  bits = (uint32_t)((root + 1) >> 1);
  return float_of(bits + ((uint32_t)(exponent / 2 + 150) << 23));
#endif
}

/* ---- vectors: memory ---- */

/* LANES floats, at any address. */
INLINE vector load(const float *from) {
  vector v;
  memcpy(&v, from, sizeof v);
  return v;
}

/* The upper half of a float, rounded to nearest, to even at a tie; of a NaN one that stays a NaN. */
INLINE uint16_t half_of(float x) {
  const uint32_t bits = bits_of(x);
  if (x != x) return (uint16_t)(bits >> 16 | 0x40u);
  return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

/* LANES floats of which only the upper halves stand in memory, at any address. */
INLINE vector load_halves(const uint16_t *from) {
#if LANES == 16
  const __m256i halves = _mm256_loadu_si256((const __m256i *)(const void *)from);
  return (vector)_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16);
#elif LANES == 8
  const __m128i halves = _mm_loadu_si128((const __m128i *)(const void *)from);
  return (vector)_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16);
#else
  float lanes[LANES];
  vector v;
  for (int lane = 0; lane < LANES; lane += 1) lanes[lane] = float_of((uint32_t)from[lane] << 16);
  memcpy(&v, lanes, sizeof v);
  return v;
#endif
}

/* What one of a row's bytes is worth: 127 of them are its greatest magnitude. NaN, as all sums will be, for a
   row with a number that is not finite. */
INLINE float scale_of(const float *row, ptrdiff_t count) {
  const float most = float_of(0x7f7fffffu);
  float greatest = 0.0f;
  float scale;
  for (ptrdiff_t i = 0; i < count; i += 1) {
    greatest = scalar_maximum(greatest, scalar_absolute(row[i]));
  }
  if (!(greatest <= most)) return float_of(0x7fc00000u);
  scale = greatest / 127.0f;
  /* Rounded up, 127 of it may be more than there are floats. */
  return 127.0f * scale <= most ? scale : float_of(bits_of(scale) - 1u);
}

/* How many of a scale a float is, rounded to nearest, to even at a tie; 0 of 0 and of NaN. Of the least
   scales, which are few bits, it might be more than 127. */
INLINE int8_t byte_of(float x, float scale) {
  float count;
  if (!(scale > 0.0f)) return 0;
  count = scalar_minimum(scalar_maximum(x / scale, -127.0f), 127.0f);
  return (int8_t)((int32_t)bits_of(count + 12582912.0f) - 0x4b400000);
}

/* LANES bytes with signs, at any address, as floats. */
INLINE vector load_bytes(const int8_t *from) {
#if LANES == 16
  const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
  return (vector)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
#elif LANES == 8
  const __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)from);
  return (vector)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
#elif LANES == 4 && defined(__SSE2__)
  int32_t four;
  __m128i bytes;
  memcpy(&four, from, sizeof four);
  bytes = _mm_cvtsi32_si128(four);
  bytes = _mm_unpacklo_epi8(bytes, bytes);
  return (vector)_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(bytes, bytes), 24));
#elif LANES == 4 && defined(__AARCH64EL__)
  uint32_t four;
  memcpy(&four, from, sizeof four);
  return (vector)vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(four)))));
#else
  float lanes[LANES];
  vector v;
  for (int lane = 0; lane < LANES; lane += 1) lanes[lane] = (float)from[lane];
  memcpy(&v, lanes, sizeof v);
  return v;
#endif
}

/* The first n < LANES floats, then zeros; touches no others. */
INLINE vector load_part(const float *from, int n) {
#if LANES == 16
  return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1u), from);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  return _mm256_maskload_ps(from, (__m256i)(place < n));
#elif LANES == 4
  vector v = {0.0f, 0.0f, 0.0f, 0.0f};
  memcpy(&v, from, (size_t)n * sizeof(float));
  return v;
#else
  return n > 0 ? *from : 0.0f;
#endif
}

/* Stores LANES floats, at any address. */
INLINE void store(float *to, vector v) { memcpy(to, &v, sizeof v); }

/* Stores the first n < LANES floats; touches no others. */
INLINE void store_part(float *to, vector v, int n) {
#if LANES == 16
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << n) - 1u), v);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_ps(to, (__m256i)(place < n), v);
#else
  memcpy(to, &v, (size_t)n * sizeof(float));
#endif
}

/* LANES integers, at any address. */
INLINE integers load_integers(const int32_t *from) {
  integers v;
  memcpy(&v, from, sizeof v);
  return v;
}

/* The first n < LANES integers, then zeros; touches no others. */
INLINE integers load_integers_part(const int32_t *from, int n) {
#if LANES == 16
  return (integers)_mm512_maskz_loadu_epi32((__mmask16)((1u << n) - 1u), from);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  return (integers)_mm256_maskload_epi32((const int *)from, (__m256i)(place < n));
#elif LANES == 4
  integers v = {0, 0, 0, 0};
  memcpy(&v, from, (size_t)n * sizeof(int32_t));
  return v;
#else
  return n > 0 ? *from : 0;
#endif
}

/* Stores LANES integers, at any address. */
INLINE void store_integers(int32_t *to, integers v) { memcpy(to, &v, sizeof v); }

/* Stores the first n < LANES integers; touches no others. */
INLINE void store_integers_part(int32_t *to, integers v, int n) {
#if LANES == 16
  _mm512_mask_storeu_epi32(to, (__mmask16)((1u << n) - 1u), (__m512i)v);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_epi32((int *)to, (__m256i)(place < n), (__m256i)v);
#else
  memcpy(to, &v, (size_t)n * sizeof(int32_t));
#endif
}

/* One float in every lane. */
INLINE vector splat(float x) {
#if LANES == 16
  return _mm512_set1_ps(x);
#elif LANES == 8
  return _mm256_set1_ps(x);
#elif LANES == 4
  vector v = {x, x, x, x};
  return v;
#else
  return x;
#endif
}

/* One integer in every lane. */
INLINE integers splat_integer(int32_t n) {
#if LANES == 16
  return (integers)_mm512_set1_epi32(n);
#elif LANES == 8
  return (integers)_mm256_set1_epi32(n);
#elif LANES == 4
  integers v = {n, n, n, n};
  return v;
#else
  return n;
#endif
}

/* The first lane. */
INLINE float first_lane(vector v) {
  float x;
  memcpy(&x, &v, sizeof x);
  return x;
}

/* ---- vectors: arithmetic, lane by lane ---- */

/* The lanes' bits. */
INLINE integers bits_of_lanes(vector v) {
  integers bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

/* The lanes with these bits. */
INLINE vector lanes_of(integers bits) {
  vector v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

/* a + b. */
INLINE vector add(vector a, vector b) { return a + b; }

/* a - b. */
INLINE vector subtract(vector a, vector b) { return a - b; }

/* a * b. */
INLINE vector multiply(vector a, vector b) { return a * b; }

/* a / b. */
INLINE vector divide(vector a, vector b) { return a / b; }

/* The sign changed, of zeros and NaN too. */
INLINE vector negate(vector v) { return -v; }

/* The sign cleared. */
INLINE vector absolute(vector v) { return lanes_of(bits_of_lanes(v) & splat_integer(0x7fffffff)); }

/* Where a < b. */
INLINE mask less(vector a, vector b) {
#if LANES > 1
  return (mask)(a < b);
#else
  return a < b ? -1 : 0;
#endif
}

/* Where a <= b. */
INLINE mask less_equal(vector a, vector b) {
#if LANES > 1
  return (mask)(a <= b);
#else
  return a <= b ? -1 : 0;
#endif
}

/* Where a = b; NaN equals nothing. */
INLINE mask equal(vector a, vector b) {
#if LANES > 1
  return (mask)(a == b);
#else
  return a == b ? -1 : 0;
#endif
}

/* Where not a = b. */
INLINE mask not_equal(vector a, vector b) { return ~equal(a, b); }

/* Where two tokens are equal; none (-1) equals nothing. */
INLINE mask equal_integers(integers a, integers b) {
#if LANES > 1
  return (mask)((a == b) & (a >= 0));
#else
  return a == b && a >= 0 ? -1 : 0;
#endif
}

/* Where a value counts as true: all but zeros, NaN too. */
INLINE mask is_true(vector v) { return not_equal(v, splat(0.0f)); }

/* 1 where true, else 0. */
INLINE vector one_where(mask m) { return lanes_of(m & splat_integer(0x3f800000)); }

/* a where true, else b. */
INLINE integers select_integers(mask m, integers a, integers b) { return (a & m) | (b & ~m); }

/* a where true, else b; both are computed, so that no 0 * NaN creeps in. */
INLINE vector select_lanes(mask m, vector a, vector b) {
  return lanes_of(select_integers(m, bits_of_lanes(a), bits_of_lanes(b)));
}

/* x where a < b, else y; both are computed. */
INLINE vector select_less(vector a, vector b, vector x, vector y) {
#if LANES == 16
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
#elif LANES == 8
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
#else
  return select_lanes(less(a, b), x, y);
#endif
}

/* The greater of a value and a bound that is not 0; NaN of NaN. */
INLINE vector at_least(vector x, float bound) {
#if LANES == 16
  return _mm512_maskz_max_ps((__mmask16)0xffff, splat(bound), x);
#elif LANES == 8
  return _mm256_max_ps(splat(bound), x);
#else
  return select_less(x, splat(bound), splat(bound), x);
#endif
}

/* The lesser of a value and a bound that is not 0; NaN of NaN. */
INLINE vector at_most(vector x, float bound) {
#if LANES == 16
  return _mm512_maskz_min_ps((__mmask16)0xffff, splat(bound), x);
#elif LANES == 8
  return _mm256_min_ps(splat(bound), x);
#else
  return select_less(splat(bound), x, splat(bound), x);
#endif
}

/* The first n lanes of a, the others of b. */
INLINE vector first_lanes(vector a, vector b, int n) {
#if LANES == 16
  return _mm512_mask_blend_ps((__mmask16)((1u << n) - 1u), b, a);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  return select_lanes((mask)(place < n), a, b);
#elif LANES == 4
  const integers place = {0, 1, 2, 3};
  return select_lanes((mask)(place < n), a, b);
#else
  return n > 0 ? a : b;
#endif
}

/* The lanes moved down by so many places, a power of two; what comes after them is of no use. */
INLINE vector moved_down(vector v, int places) {
#if LANES == 16
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return _mm512_maskz_permutexvar_ps((__mmask16)0xffff, (__m512i)(place + places), v);
#elif LANES == 8
  const integers place = {0, 1, 2, 3, 4, 5, 6, 7};
  return _mm256_permutevar8x32_ps(v, (__m256i)(place + places));
#elif LANES == 4
  const vector moved = {v[places], v[(places + 1) & 3], v[3], v[3]};
  return moved;
#else
  return places == 0 ? v : 0.0f;
#endif
}

/* The greater; NaN if either is; at a tie b. */
INLINE vector maximum(vector a, vector b) {
#if LANES == 16
  return _mm512_mask_max_ps(a, _mm512_cmp_ps_mask(a, a, _CMP_ORD_Q), a, b);
#elif LANES == 8
  return _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
#else
  return select_lanes(less(b, a) | not_equal(a, a), a, b);
#endif
}

/* The lesser; NaN if either is; at a tie b. */
INLINE vector minimum(vector a, vector b) {
#if LANES == 16
  return _mm512_mask_min_ps(a, _mm512_cmp_ps_mask(a, a, _CMP_ORD_Q), a, b);
#elif LANES == 8
  return _mm256_blendv_ps(_mm256_min_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
#else
  return select_lanes(less(a, b) | not_equal(a, a), a, b);
#endif
}

/* Integers as floats, rounded to nearest; exact up to 2^24. */
INLINE vector to_real(integers n) {
#if LANES > 1
  return __builtin_convertvector(n, vector);
#else
  return (float)n;
#endif
}

/* a * b + c: one rounding in fast mode, two in strict mode. */
INLINE vector multiply_add(vector a, vector b, vector c) {
#if !RONDO_FUSED
  return a * b + c;
#elif LANES == 16
  return _mm512_fmadd_ps(a, b, c);
#elif LANES == 8
  return _mm256_fmadd_ps(a, b, c);
#elif LANES == 4 && defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#elif LANES == 4 && defined(__FMA__)
  return _mm_fmadd_ps(a, b, c);
#elif LANES == 4
  vector v = {scalar_fused(a[0], b[0], c[0]), scalar_fused(a[1], b[1], c[1]),
              scalar_fused(a[2], b[2], c[2]), scalar_fused(a[3], b[3], c[3])};
  return v;
#else
  return scalar_fused(a, b, c);
#endif
}

/* The square root; 0.5 ulp. */
INLINE vector vector_sqrt(vector v) {
#if LANES == 16
  return _mm512_maskz_sqrt_ps((__mmask16)0xffff, v);
#elif LANES == 8
  return _mm256_sqrt_ps(v);
#elif LANES == 4 && defined(__aarch64__)
  return vsqrtq_f32(v);
#elif LANES == 4
  return _mm_sqrt_ps(v);
#else
  return scalar_sqrt(v);
#endif
}

/* ---- vectors: elementary functions ---- */

/* 2^n, for n from -126 to 127. */
INLINE vector power_of_two(integers n) {
  return lanes_of((integers)((words)(n + 127) << 23));
}

/* exp(x) = 2^n * (1 + e) for |x| <= 104: gives e, and n as 12582912 + n, whose last bits are n's.
   ln 2 is split as Cephes does, so that n * 0.693359375 is exact; the polynomial is a minimax fit to
   (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2, off by 3e-9. */
INLINE vector exp_parts(vector x, vector *shifted) {
  vector t = multiply_add(x, splat(1.44269504f), splat(12582912.0f));
  vector n = t - splat(12582912.0f);
  vector r = multiply_add(n, splat(-0.693359375f), x);
  vector q = splat(0.00138145406f);
  r = multiply_add(n, splat(2.12194440e-4f), r);
  q = multiply_add(q, r, splat(0.00836874545f));
  q = multiply_add(q, r, splat(0.041668389f));
  q = multiply_add(q, r, splat(0.166665211f));
  q = multiply_add(q, r, splat(0.49999994f));
  *shifted = t;
  return multiply_add(r * r, q, r);
}

/* v * 2^n, from the parts' 12582912 + n and a v near 1; a subnormal is rounded once, so 2^n is two
   factors where the processor has no operation for it. */
INLINE vector times_power(vector v, vector shifted) {
#if LANES == 16
  return _mm512_maskz_scalef_ps((__mmask16)0xffff, v, shifted - splat(12582912.0f));
#else
  integers n = bits_of_lanes(shifted) - splat_integer(0x4b400000);
  integers half = n >> 1;
  return v * power_of_two(half) * power_of_two(n - half);
#endif
}

/* e to the power; 0.99 and 1.01 ulp. Past the bounds it is 0 or infinity. */
INLINE vector vector_exp(vector x) {
  vector shifted;
  vector e = exp_parts(at_most(at_least(x, -104.0f), 89.0f), &shifted);
  return times_power(e + splat(1.0f), shifted);
}

/* log(1 + f) + n ln 2 for 1 + f in [sqrt(1/2), sqrt(2)], with a correction of 1 + f. With s = f/(2+f)
   log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + R)), R = 2/3 s^2 + 2/5 s^4 + ..: a minimax fit,
   off by 2e-9. ln 2 is split as for exp. */
INLINE vector log_parts(vector n, vector f, vector correction) {
  vector s = f / (f + splat(2.0f));
  vector z = s * s;
  vector square = splat(0.5f) * f * f;
  vector p = splat(0.298717618f);
  vector low;
  p = multiply_add(p, z, splat(0.399775416f));
  p = multiply_add(p, z, splat(0.666667759f));
  low = multiply_add(n, splat(-2.12194440e-4f), correction);
  low = multiply_add(s, multiply_add(p, z, square), low);
  return multiply_add(n, splat(0.693359375f), f - (square - low));
}

/* The exponent n and the fraction f of x = 2^n (1 + f), x positive and normal, 1 + f as above. */
INLINE vector split_exponent(vector x, vector *fraction) {
  integers bits = bits_of_lanes(x) + splat_integer(0x3f800000 - 0x3f3504f3);
  integers n = (bits >> 23) - splat_integer(127);
  integers rest = (bits & splat_integer(0x007fffff)) + splat_integer(0x3f3504f3);
  *fraction = lanes_of(rest) - splat(1.0f);
  return to_real(n);
}

/* What log gives of 0 (-infinity), +infinity (itself), a negative number (NaN) and NaN. */
INLINE vector log_of_special(vector x) {
  vector of_rest = select_lanes(less(splat(0.0f), x), x, lanes_of(splat_integer(0x7fc00000)));
  return select_lanes(equal(x, splat(0.0f)), splat(float_of(0xff800000u)), of_rest);
}

/* The natural logarithm; 0.84 ulp. A subnormal is scaled by 2^23 first. */
INLINE vector vector_log(vector x) {
  vector fraction;
  mask ordinary = less(splat(0.0f), x) & less(x, splat(float_of(0x7f800000u)));
  mask tiny = less(x, splat(1.17549435e-38f));
  vector scaled = select_lanes(tiny, x * splat(8388608.0f), x);
  vector n = split_exponent(select_lanes(ordinary, scaled, splat(1.0f)), &fraction);
  n = n - lanes_of(tiny & bits_of_lanes(splat(23.0f)));
  return select_lanes(ordinary, log_parts(n, fraction, splat(0.0f)), log_of_special(x));
}

/* log(1 + x); 0.85 ulp. What 1 + x loses in rounding is put back, divided by 1 + x; where no power of
   two is split off, f is x itself and nothing is lost. */
INLINE vector vector_log1p(vector x) {
  vector fraction, lost, correction, result;
  vector sum = x + splat(1.0f);
  mask ordinary = less(splat(0.0f), sum) & less(sum, splat(float_of(0x7f800000u)));
  vector argument = select_lanes(ordinary, sum, splat(1.0f));
  vector n = split_exponent(argument, &fraction);
  mask whole = equal(n, splat(0.0f));
  lost = select_lanes(less(x, splat(1.0f)), x - (sum - splat(1.0f)), splat(1.0f) - (sum - x));
  correction = select_lanes(whole, splat(0.0f), lost / argument);
  result = log_parts(n, select_lanes(whole, x, fraction), correction);
  result = select_lanes(ordinary, result, log_of_special(sum));
  return select_lanes(equal(x, splat(0.0f)), x, result);
}

/* The hyperbolic tangent; 1.50 ulp. It is (exp(2|x|) - 1) / (exp(2|x|) + 1) with x's sign, 1 from
   |x| = 10 on. Below 0.265, where that would err by 2.7 ulp, it is x + x^3 P(x^2), a minimax fit off
   by 5e-9. */
INLINE vector vector_tanh(vector x) {
  vector shifted, scale, e, p, small;
  vector size = absolute(x);
  vector twice = size + size;
  vector square = size * size;
  e = exp_parts(at_most(twice, 20.0f), &shifted);
  scale = power_of_two(bits_of_lanes(shifted) - splat_integer(0x4b400000));
  e = multiply_add(scale, e, scale - splat(1.0f));
  e = e / (e + splat(2.0f));
  p = splat(-0.0510281026f);
  p = multiply_add(p, square, splat(0.133210897f));
  p = multiply_add(p, square, splat(-0.333331883f));
  small = multiply_add(square * p, size, size);
  e = select_less(size, splat(0.265f), small, e);
  return lanes_of(bits_of_lanes(e) | (bits_of_lanes(x) & splat_integer(INT32_MIN)));
}

/* 1 / (1 + exp(-x)); 2.41 ulp. It is exp(x) / (1 + exp(x)) where x < 0, so that no tail is lost. */
INLINE vector vector_sigmoid(vector x) {
  vector shifted;
  vector negative = lanes_of(bits_of_lanes(x) | splat_integer(INT32_MIN));
  vector parts = exp_parts(at_least(negative, -104.0f), &shifted);
  vector e = times_power(parts + splat(1.0f), shifted);
  vector over = select_less(x, splat(0.0f), e, splat(1.0f));
  return over / (splat(1.0f) + e);
}

/* ---- sine and cosine, a number at a time in double ---- */

/* The first 224 bits of 2/pi, after 32 zeros. */
static const uint32_t two_over_pi[8] UNUSED = {0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                               0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};

/* The nearest multiple of pi/2 (modulo 4) and what is left of |x|, for 1/2 <= |x| < infinity. x is
   m * 2^e; 96 bits of 2/pi, from the first that matters modulo 4, give the quotient exactly enough at
   any size (Payne and Hanek 1983): the top 2 of 64 bits are the multiple, the others the fraction. */
INLINE uint32_t reduce_angle(float x, double *rest) {
  uint32_t bits = bits_of(x);
  uint64_t m = (bits & 0x007fffffu) | 0x00800000u;
  uint32_t first = ((bits >> 23) & 0xffu) - 120u; /* e - 1 + 31: where the 96 bits begin */
  const uint32_t *at = two_over_pi + (first >> 5);
  uint32_t shift = first & 31u;
  uint64_t high = (uint64_t)at[0] << 32 | at[1];
  uint64_t low = (uint64_t)at[2] << 32 | at[3];
  uint64_t turn, quarter;
  high = high << shift | low >> 1 >> (63u - shift);
  low = (low << shift) >> 32;
  turn = m * high + ((m * low) >> 32);
  quarter = (turn + ((uint64_t)1 << 61)) >> 62;
  turn -= quarter << 62;
  *rest = (double)(int64_t)turn * 3.4061215800865546e-19; /* pi / 2 * 2^-62 */
  return (uint32_t)quarter;
}

/* sin(x + quarter * pi / 2); 0.51 ulp. Taylor's polynomials on |r| <= pi/4, off by 1e-11. */
INLINE float sine_of(float x, uint32_t quarter) {
  double r = (double)x;
  double z, y;
  uint32_t magnitude = bits_of(x) & 0x7fffffffu;
  if (magnitude >= 0x7f800000u) {
    return x - x;
  }
  if (magnitude >= 0x3f000000u) {
    uint32_t reduced = reduce_angle(x, &r);
    quarter += x < 0.0f ? 4u - reduced : reduced;
    r = x < 0.0f ? -r : r;
  }
  z = r * r;
  if ((quarter & 1u) == 0) {
    y = -1.0 / 39916800.0;
    y = y * z + 1.0 / 362880.0;
    y = y * z - 1.0 / 5040.0;
    y = y * z + 1.0 / 120.0;
    y = y * z - 1.0 / 6.0;
    y = (y * z + 1.0) * r;
  } else {
    y = 1.0 / 479001600.0;
    y = y * z - 1.0 / 3628800.0;
    y = y * z + 1.0 / 40320.0;
    y = y * z - 1.0 / 720.0;
    y = y * z + 1.0 / 24.0;
    y = y * z - 0.5;
    y = y * z + 1.0;
  }
  return (float)((quarter & 2u) == 0 ? y : -y);
}

/* The sine of radians; 0.51 ulp at any size. */
INLINE float scalar_sin(float x) { return sine_of(x, 0); }

/* The cosine of radians; 0.51 ulp at any size. */
INLINE float scalar_cos(float x) { return sine_of(x, 1); }

/* The sine of radians. */
INLINE vector vector_sin(vector v) {
  float lanes[LANES];
  int lane;
  store(lanes, v);
  for (lane = 0; lane < LANES; lane += 1) {
    lanes[lane] = scalar_sin(lanes[lane]);
  }
  return load(lanes);
}

/* The cosine of radians. */
INLINE vector vector_cos(vector v) {
  float lanes[LANES];
  int lane;
  store(lanes, v);
  for (lane = 0; lane < LANES; lane += 1) {
    lanes[lane] = scalar_cos(lanes[lane]);
  }
  return load(lanes);
}

/* ---- the same functions of one number: a lane of the vector's, hence its bits ---- */

/* e to the power. */
INLINE float scalar_exp(float x) { return first_lane(vector_exp(splat(x))); }

/* The natural logarithm. */
INLINE float scalar_log(float x) { return first_lane(vector_log(splat(x))); }

/* log(1 + x). */
INLINE float scalar_log1p(float x) { return first_lane(vector_log1p(splat(x))); }

/* The hyperbolic tangent. */
INLINE float scalar_tanh(float x) { return first_lane(vector_tanh(splat(x))); }

/* 1 / (1 + exp(-x)). */
INLINE float scalar_sigmoid(float x) { return first_lane(vector_sigmoid(splat(x))); }

/* ---- chance ---- */

/* Philox 4x32 with 10 rounds (Salmon, Moraes, Dror and Shaw 2011; their constants). The counter is
   changed in place into four random words. */
INLINE void philox(uint64_t key, uint32_t counter[4]) {
  uint32_t key0 = (uint32_t)key;
  uint32_t key1 = (uint32_t)(key >> 32);
  int round;
  for (round = 0; round < 10; round += 1) {
    uint64_t a = (uint64_t)0xd2511f53u * counter[0];
    uint64_t b = (uint64_t)0xcd9e8d57u * counter[2];
    counter[0] = (uint32_t)(b >> 32) ^ counter[1] ^ key0;
    counter[2] = (uint32_t)(a >> 32) ^ counter[3] ^ key1;
    counter[1] = (uint32_t)b;
    counter[3] = (uint32_t)a;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
}

/* From 0 up to, but not including, 1, in steps of 2^-24: the top 24 bits of word 0. The key is the
   seed, low half first; the counter is (element, position, example, draw). */
INLINE float philox_uniform(uint64_t seed, uint32_t draw, uint32_t example, uint32_t position,
                            uint32_t element) {
  uint32_t word[4];
  word[0] = element;
  word[1] = position;
  word[2] = example;
  word[3] = draw;
  philox(seed, word);
  return (float)(int32_t)(word[0] >> 8) * 5.9604644775390625e-8f;
}

/* With mean 0 and variance 1 (Box and Muller 1958): sqrt(-2 log u) cos(2 pi v) with u from word 0, in
   steps of 2^-24 above 0 up to 1, and v from word 1, from 0 below 1. Key and counter as above. */
INLINE float philox_normal(uint64_t seed, uint32_t draw, uint32_t example, uint32_t position,
                           uint32_t element) {
  uint32_t word[4];
  float u, v;
  word[0] = element;
  word[1] = position;
  word[2] = example;
  word[3] = draw;
  philox(seed, word);
  u = (float)(int32_t)((word[0] >> 8) + 1u) * 5.9604644775390625e-8f;
  v = (float)(int32_t)(word[1] >> 8) * 5.9604644775390625e-8f;
  return scalar_sqrt(-2.0f * scalar_log(u)) * scalar_cos(6.28318531f * v);
}

/* The products of words and a factor, as high and low words. */
INLINE void multiply_words(words v, uint32_t factor, words *high, words *low) {
#if LANES == 16
  const __m512i by = _mm512_set1_epi32((int)factor);
  const __m512i even = _mm512_mul_epu32((__m512i)v, by);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64((__m512i)v, 32), by);
  *low = (words)_mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
  *high = (words)_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
#elif LANES == 8
  const __m256i by = _mm256_set1_epi32((int)factor);
  const __m256i even = _mm256_mul_epu32((__m256i)v, by);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64((__m256i)v, 32), by);
  *low = (words)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
  *high = (words)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
#elif LANES == 4 && defined(__SSE2__)
  const __m128i by = _mm_set1_epi32((int)factor);
  const __m128i upper = _mm_set_epi32(-1, 0, -1, 0);
  const __m128i even = _mm_mul_epu32((__m128i)v, by);
  const __m128i odd = _mm_mul_epu32(_mm_srli_epi64((__m128i)v, 32), by);
  *low = (words)_mm_or_si128(_mm_andnot_si128(upper, even), _mm_slli_epi64(odd, 32));
  *high = (words)_mm_or_si128(_mm_srli_epi64(even, 32), _mm_and_si128(upper, odd));
#else
  uint32_t highs[LANES], lows[LANES];
  int lane;
  memcpy(lows, &v, sizeof v);
  for (lane = 0; lane < LANES; lane += 1) {
    uint64_t product = (uint64_t)factor * lows[lane];
    highs[lane] = (uint32_t)(product >> 32);
    lows[lane] = (uint32_t)product;
  }
  memcpy(high, highs, sizeof v);
  memcpy(low, lows, sizeof v);
#endif
}

/* A word in all lanes. */
INLINE words splat_word(uint32_t word) { return (words)splat_integer((int32_t)word); }

/* The numbers of the lanes. */
static const int32_t lane_numbers[16] UNUSED = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* A word, and in each lane a step more. */
INLINE words count_words(uint32_t first, uint32_t step) {
  return splat_word(first) + (words)load_integers(lane_numbers) * splat_word(step);
}

/* philox in every lane. */
INLINE void philox_lanes(uint64_t key, words counter[4]) {
  uint32_t key0 = (uint32_t)key;
  uint32_t key1 = (uint32_t)(key >> 32);
  int round;
  for (round = 0; round < 10; round += 1) {
    words high_a, low_a, high_b, low_b;
    multiply_words(counter[0], 0xd2511f53u, &high_a, &low_a);
    multiply_words(counter[2], 0xcd9e8d57u, &high_b, &low_b);
    counter[0] = high_b ^ counter[1] ^ splat_word(key0);
    counter[2] = high_a ^ counter[3] ^ splat_word(key1);
    counter[1] = low_b;
    counter[3] = low_a;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
}

/* philox_uniform in every lane. */
INLINE vector philox_uniform_lanes(uint64_t seed, uint32_t draw, words example, words position,
                                   words element) {
  words word[4];
  word[0] = element;
  word[1] = position;
  word[2] = example;
  word[3] = splat_word(draw);
  philox_lanes(seed, word);
  return to_real((integers)(word[0] >> 8)) * splat(5.9604644775390625e-8f);
}

/* philox_normal in every lane. */
INLINE vector philox_normal_lanes(uint64_t seed, uint32_t draw, words example, words position,
                                  words element) {
  words word[4];
  vector u, v;
  word[0] = element;
  word[1] = position;
  word[2] = example;
  word[3] = splat_word(draw);
  philox_lanes(seed, word);
  u = to_real((integers)((word[0] >> 8) + splat_word(1))) * splat(5.9604644775390625e-8f);
  v = to_real((integers)(word[1] >> 8)) * splat(5.9604644775390625e-8f);
  return vector_sqrt(splat(-2.0f) * vector_log(u)) * vector_cos(splat(6.28318531f) * v);
}

/* ---- perpendicular vectors ---- */

/* Takes a vector of length 1 out of up to 64 rows. Several at a time, since each one's sum waits for
   itself; the order of each sum is the same. */
INLINE void take_out_of_rows(const float *own, float *rows, int count, ptrdiff_t next,
                             ptrdiff_t length) {
  float products[64];
  ptrdiff_t i;
  int row;
  for (row = 0; row < count; row += 1) {
    products[row] = 0.0f;
  }
  for (i = 0; i < length; i += 1) {
    for (row = 0; row < count; row += 1) {
      products[row] += rows[row * next + i] * own[i];
    }
  }
  for (row = 0; row < count; row += 1) {
    for (i = 0; i < length; i += 1) {
      rows[row * next + i] -= products[row] * own[i];
    }
  }
}

/* The same of columns, whose elements lie beside each other. */
INLINE void take_out_of_columns(const float *own, float *columns, int count, ptrdiff_t length,
                                ptrdiff_t along) {
  float products[64];
  ptrdiff_t i;
  int column;
  for (column = 0; column < count; column += 1) {
    products[column] = 0.0f;
  }
  for (i = 0; i < length; i += 1) {
    for (column = 0; column < count; column += 1) {
      products[column] += columns[i * along + column] * own[i * along];
    }
  }
  for (i = 0; i < length; i += 1) {
    for (column = 0; column < count; column += 1) {
      columns[i * along + column] -= products[column] * own[i * along];
    }
  }
}

/* Makes vectors perpendicular and of length 1, in place: Gram and Schmidt, each vector in turn taken
   out of all later ones. They are rows, `next` apart, or columns, whose elements are `along` apart. */
UNUSED static void orthogonalize(float *matrix, ptrdiff_t count, ptrdiff_t next, ptrdiff_t length,
                                 ptrdiff_t along) {
  ptrdiff_t first, i;
  for (first = 0; first < count; first += 1) {
    float *const own = matrix + first * next;
    float square = 0.0f;
    ptrdiff_t other = first + 1;
    float norm;
    for (i = 0; i < length; i += 1) {
      square += own[i * along] * own[i * along];
    }
    norm = scalar_sqrt(square);
    for (i = 0; i < length; i += 1) {
      own[i * along] /= norm;
    }
    if (along == 1) {
      for (; other + 8 <= count; other += 8) {
        take_out_of_rows(own, matrix + other * next, 8, next, length);
      }
      for (; other < count; other += 1) {
        take_out_of_rows(own, matrix + other * next, 1, next, length);
      }
    } else {
      for (; other + 64 <= count; other += 64) {
        take_out_of_columns(own, matrix + other, 64, length, along);
      }
      for (; other + 8 <= count; other += 8) {
        take_out_of_columns(own, matrix + other, 8, length, along);
      }
      for (; other < count; other += 1) {
        take_out_of_columns(own, matrix + other, 1, length, along);
      }
    }
  }
}

/* ---- the draw of a token ---- */

/* The tokens that may be drawn: in falling order of logits, at a tie by rising index, those above a
   threshold and the first few at it. Both top-k and nucleus leave a beginning of that order. */
typedef struct candidates {
  const float *logits;
  int32_t count;
  float greatest;
  float temperature;
  uint32_t threshold; /* an order_of */
  int32_t at_threshold;
} candidates;

/* Numbers that order as the floats do; -0 as 0, NaN as -infinity. */
INLINE uint32_t order_of(float x) {
  uint32_t bits = bits_of(x != x ? float_of(0xff800000u) : x + 0.0f);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}

/* The weights of LANES tokens from `first` on, 0 for what is no candidate: softmax's numerators in
   steps of 2^-32, whose sums are exact, or 1 each. `left` counts the candidates at the threshold. */
INLINE void weigh(const candidates *c, int32_t first, int equally, int32_t *left,
                  uint64_t weights[LANES]) {
  const float *from = c->logits + first;
  int32_t n = c->count - first < LANES ? c->count - first : LANES;
  float lanes[LANES];
  int32_t lane;
  vector logits = n < LANES ? load_part(from, n) : load(from);
  store(lanes, vector_exp((logits - splat(c->greatest)) / splat(c->temperature)));
  for (lane = 0; lane < LANES; lane += 1) {
    uint32_t order;
    weights[lane] = 0;
    if (lane >= n) {
      continue;
    }
    order = order_of(from[lane]);
    if (order < c->threshold || (order == c->threshold && *left == 0)) {
      continue;
    }
    *left -= order == c->threshold ? 1 : 0;
    if (equally) {
      weights[lane] = 1;
    } else if (from[lane] >= c->greatest) {
      weights[lane] = (uint64_t)1 << 32;
    } else if (lanes[lane] > 0.0f) {
      weights[lane] = (uint64_t)(lanes[lane] * 4294967296.0f);
    }
  }
}

/* The candidate at which the running sum of weights, in index order, first exceeds a target; the
   first of all if none does. Leaves the sum it came to. */
UNUSED static int32_t token_at(const candidates *c, uint64_t target, uint64_t *sum) {
  int32_t left = c->at_threshold;
  int32_t first, lane;
  *sum = 0;
  for (first = 0; first < c->count; first += LANES) {
    uint64_t weights[LANES];
    weigh(c, first, 0, &left, weights);
    for (lane = 0; lane < LANES; lane += 1) {
      *sum += weights[lane];
      if (*sum > target) {
        return first + lane;
      }
    }
    if (c->count - first <= LANES) {
      break;
    }
  }
  return 0;
}

/* Leaves the fewest candidates, from the likeliest on, whose weights reach `wanted`, which all
   together do. The threshold is found eight bits at a time, from a table of the weight of each digit
   among those whose higher digits are right: four passes, nothing sorted, nothing allocated. */
UNUSED static void narrow(candidates *c, int equally, uint64_t wanted) {
  uint32_t threshold = 0;
  uint32_t digit = 0;
  uint64_t above = 0;
  uint64_t needed;
  uint64_t each[256];
  int shift;
  for (shift = 24; shift >= 0; shift -= 8) {
    uint64_t table[256];
    int32_t left = c->at_threshold;
    int32_t first, lane;
    memset(table, 0, sizeof table);
    for (first = 0; first < c->count; first += LANES) {
      uint64_t weights[LANES];
      weigh(c, first, equally, &left, weights);
      for (lane = 0; lane < LANES; lane += 1) {
        if (weights[lane] != 0) {
          uint32_t order = order_of(c->logits[first + lane]);
          if (shift == 24 || (order ^ threshold) >> (shift + 8) == 0) {
            digit = order >> shift & 255u;
            table[digit] += weights[lane];
            each[digit] = weights[lane];
          }
        }
      }
      if (c->count - first <= LANES) {
        break;
      }
    }
    for (digit = 255; digit > 0 && above + table[digit] < wanted; digit -= 1) {
      above += table[digit];
    }
    threshold |= digit << shift;
  }
  /* In the last pass a digit was one logit, so that `each` is the weight of one candidate there. */
  needed = (wanted - above + each[digit] - 1) / each[digit];
  c->threshold = threshold;
  c->at_threshold = needed > (uint64_t)c->count ? c->count : (int32_t)needed;
}

/* The logarithm of the sum of exp(logits - greatest), taken in index order, in double. */
UNUSED static float log_total_of(const float *logits, int32_t count, float greatest) {
  double sum = 0.0;
  int32_t i, lane;
  for (i = 0; i < count; i += LANES) {
    int32_t n = count - i < LANES ? count - i : LANES;
    vector part = n < LANES ? load_part(logits + i, n) : load(logits + i);
    float lanes[LANES];
    store(lanes, vector_exp(part - splat(greatest)));
    for (lane = 0; lane < n; lane += 1) {
      if (logits[i + lane] >= greatest) {
        sum += 1.0;
      } else if (lanes[lane] > 0.0f) {
        sum += (double)lanes[lane];
      }
    }
    if (count - i <= LANES) {
      break;
    }
  }
  return scalar_log((float)sum);
}

/* The logarithm of softmax(logits)[token]. */
UNUSED static float log_probability_of(const float *logits, int32_t count, float greatest,
                                       int32_t token) {
  return (logits[token] >= greatest ? 0.0f : logits[token] - greatest) -
         log_total_of(logits, count, greatest);
}

/* A token drawn from softmax(logits / temperature), cut to the top_k likeliest (0: all) and, of these,
   to the fewest likeliest that together reach top_p (1: all); `uniform` is from 0 below 1, and picks
   by the running sum in index order. Temperature 0 takes the first greatest. A logit of NaN counts as
   -infinity; where none is above that, the token is 0. log_probability, if not null, receives the
   token's at temperature 1 among all, within 3e-7 (1 + |it|). */
UNUSED static int32_t draw_token(const float *logits, int32_t count, float temperature,
                                 int32_t top_k, float top_p, float uniform,
                                 float *log_probability) {
  float greatest = float_of(0xff800000u);
  int32_t token = 0;
  int32_t i;
  for (i = 0; i < count; i += 1) {
    if (logits[i] > greatest) {
      greatest = logits[i];
      token = i;
    }
  }
  if (bits_of(greatest) == 0xff800000u) {
    if (log_probability) {
      *log_probability = greatest;
    }
    return 0;
  }
  if (temperature > 0.0f) {
    candidates c;
    uint64_t sum;
    c.logits = logits;
    c.count = count;
    c.greatest = greatest;
    c.temperature = temperature;
    c.threshold = 0;
    c.at_threshold = count;
    if (top_k > 0 && top_k < count) {
      narrow(&c, 1, (uint64_t)top_k);
    }
    if (top_p < 1.0f) {
      double share;
      uint64_t wanted;
      (void)token_at(&c, UINT64_MAX, &sum);
      share = top_p > 0.0f ? (double)top_p * (double)sum : 1.0;
      wanted = (uint64_t)share;
      wanted += (double)wanted < share ? 1 : 0;
      narrow(&c, 0, wanted);
    }
    (void)token_at(&c, UINT64_MAX, &sum);
    token = token_at(&c, (uint64_t)((double)uniform * (double)sum), &sum);
  }
  if (log_probability) {
    *log_probability = log_probability_of(logits, count, greatest, token);
  }
  return token;
}

/* ---- rows of unlike lengths -------------------------------------------------------------------- */

/* A walk over rows at steps, from run to run of those that have not ended: row r of step s, counted from
   the first step, has the number s * batch + r. */
typedef struct span {
  const float *lengths;
  ptrdiff_t batch, first_row, end_row, first_step, end_step;
  ptrdiff_t step, row;  /* where the walk is */
  ptrdiff_t first, end; /* the run */
} span;

/* The walk over some rows at some steps, before its first run. */
UNUSED static span spans(
    const float *lengths, ptrdiff_t batch, ptrdiff_t first_row, ptrdiff_t end_row,
    ptrdiff_t first_step, ptrdiff_t end_step) {
  span at;
  at.lengths = lengths;
  at.batch = batch;
  at.first_row = first_row;
  at.end_row = end_row;
  at.first_step = first_step;
  at.end_step = first_row < end_row ? end_step : first_step;
  at.step = first_step;
  at.row = first_row;
  at.first = 0;
  at.end = 0;
  return at;
}

/* Goes to the next run; 0 if there is none. */
UNUSED static int next_span(span *at) {
  int is_found = 0;
  for (; at->step < at->end_step; at->step += 1) {
    const float step = (float)at->step;
    const ptrdiff_t base = (at->step - at->first_step) * at->batch;
    for (; at->row < at->end_row; at->row += 1) {
      const int is_there = at->lengths[at->row] > step;
      if (is_found && !is_there) return 1;
      if (!is_there) continue;
      if (!is_found) at->first = base + at->row;
      is_found = 1;
      at->end = base + at->row + 1;
    }
    at->row = at->first_row;
    /* Rows that are not all of them lie apart from those of the next step. */
    if (is_found && at->end_row - at->first_row < at->batch) {
      at->step += 1;
      return 1;
    }
  }
  return is_found;
}

/* Copies the rows of a state that have ended before a step, at each of some places. */
UNUSED static void hold_rows(
    const float *lengths, ptrdiff_t batch, ptrdiff_t first_row, ptrdiff_t end_row, ptrdiff_t step,
    const float *before, float *after, ptrdiff_t places, ptrdiff_t width) {
  for (ptrdiff_t row = first_row; row < end_row; row += 1) {
    if (lengths[row] > (float)step) continue;
    for (ptrdiff_t place = 0; place < places; place += 1) {
      const ptrdiff_t at = (place * batch + row) * width;
      memcpy(after + at, before + at, (size_t)width * sizeof(float));
    }
  }
}
