static void make_broadcast_0(ptrdiff_t n0, float *p0) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    p0[i0] = 0.0f;
  }
}

INLINE void make_add_1_lanes(int lanes, const float *x0, float *x1, const float *row1) {
  const vector v1 = row1 ? load_lanes(row1, lanes) : splat(0.0f);
  const vector v3 = add(v1, load_lanes(x0, lanes));
  store_lanes(x1, v3, lanes);
}

static void make_add_1(
    ptrdiff_t n0, ptrdiff_t n1, const int32_t *p0, const float *p1, const float *p2, float *p3) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = 0; i1 < n1; i1 += 1) {
      const int32_t u0 = p0[i1];
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_add_1_lanes(
            LANES, p2 + i0 * 3 + i1 * 15 + i2, p3 + i0 * 3 + i1 * 15 + i2,
            u0 < 0 ? NULL : p1 + i2 + u0 * 3);
      }
      if (i2 < 3) {
        make_add_1_lanes(
            (int)(3 - i2), p2 + i0 * 3 + i1 * 15 + i2, p3 + i0 * 3 + i1 * 15 + i2,
            u0 < 0 ? NULL : p1 + i2 + u0 * 3);
      }
    }
  }
}

