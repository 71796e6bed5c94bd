/* What one core of this machine can do at most: multiply-adds in registers, and bytes read from its
   caches and from memory. Prints one figure a line. */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Twelve sums, more than a multiply-add takes cycles, in as many registers. */
static float multiply_add(long rounds) {
  const vector a = {0.5f}, b = {1.0f};
  vector s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a,
         s11 = a;
  for (long round = 0; round < rounds; round += 1) {
#define NEXT(s) s = s * a + b; __asm__("" : "+x"(s))
    NEXT(s0); NEXT(s1); NEXT(s2); NEXT(s3); NEXT(s4); NEXT(s5);
    NEXT(s6); NEXT(s7); NEXT(s8); NEXT(s9); NEXT(s10); NEXT(s11);
  }
  const vector sum = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
  return sum[0];
}

static float read_all(const float *from, size_t count) {
  vector s[8] = {{0}};
  for (size_t i = 0; i + 8 * LANES <= count; i += 8 * LANES) {
    for (size_t k = 0; k < 8; k += 1) s[k] += *(const vector *)(const void *)(from + i + k * LANES);
  }
  return (s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7])[0];
}

int main(void) {
  volatile float sink = 0;
  double best = 0;
  for (int trial = 0; trial < 20; trial += 1) {
    const long rounds = 200000;
    const double start = now();
    sink = sink + multiply_add(rounds);
    const double rate = 2.0 * 12 * LANES * (double)rounds / (now() - start);
    if (rate > best) best = rate;
  }
  printf("flops %.4g\n", best);
  /* Half a usual second-level cache, and more than most third-level ones keep for one core. */
  static const struct { const char *name; size_t bytes; } places[] = {
    {"second", (size_t)512 << 10}, {"third", (size_t)8 << 20}, {"memory", (size_t)256 << 20}};
  for (int place = 0; place < 3; place += 1) {
    const size_t bytes = places[place].bytes;
    float *const memory = (float *)calloc(1, bytes + 64);
    if (!memory) return 1;
    for (size_t i = 0; i < bytes / sizeof(float); i += 512) memory[i] = 1;
    const long repeats = (long)(((size_t)256 << 20) / bytes);
    best = 0;
    for (int trial = 0; trial < 7; trial += 1) {
      const double start = now();
      for (long repeat = 0; repeat < repeats; repeat += 1) {
        sink = sink + read_all(memory, bytes / sizeof(float));
      }
      const double rate = (double)bytes * (double)repeats / (now() - start);
      if (rate > best) best = rate;
    }
    printf("%s %.4g\n", places[place].name, best);
    free(memory);
  }
  return sink == 0.123f;
}
