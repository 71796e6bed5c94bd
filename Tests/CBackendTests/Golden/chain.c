static void make_broadcast_0(ptrdiff_t n0, float *p0) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    p0[i0] = 0.0f;
  }
}

INLINE void make_multiply_1_lanes(int lanes, const float *x0, const float *x1, float *x2) {
  const vector v0 = load_lanes(x0, lanes);
  const vector v2 = multiply(v0, load_lanes(x1, lanes));
  const vector v4 = add(v2, splat(1.0f));
  const vector v5 = vector_tanh(v4);
  const vector v6 = multiply(v5, v0);
  store_lanes(x2, v6, lanes);
}

static void make_multiply_1(
    ptrdiff_t n0, ptrdiff_t n1, const float *p0, const float *p1, float *p2) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = 0; i1 < n1; i1 += 1) {
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_multiply_1_lanes(
            LANES, p0 + i0 * 3 + i1 * 15 + i2, p1 + i2, p2 + i0 * 3 + i1 * 15 + i2);
      }
      if (i2 < 3) {
        make_multiply_1_lanes(
            (int)(3 - i2), p0 + i0 * 3 + i1 * 15 + i2, p1 + i2, p2 + i0 * 3 + i1 * 15 + i2);
      }
    }
  }
}

