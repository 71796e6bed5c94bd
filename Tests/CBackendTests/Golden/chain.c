/* broadcast [3], first for chain:5 */
INLINE void make_broadcast_0_lanes(int lanes, float *x0) {
  store_lanes(x0, splat(0.0f), lanes);
}

static void make_broadcast_0(ptrdiff_t first, ptrdiff_t end, float *p0) {
  ptrdiff_t i0 = first;
  for (; i0 + LANES <= end; i0 += LANES) {
    make_broadcast_0_lanes(LANES, p0 + i0);
  }
  if (i0 < end) {
    make_broadcast_0_lanes((int)(end - i0), p0 + i0);
  }
}

/* select [length1, batch, 3], first for chain:7 */
INLINE void make_select_1_lanes(int lanes, const float *x0, const float *x1, float *x2, float u2) {
  const vector v3 = load_lanes(x0, lanes);
  const vector v5 = multiply(v3, load_lanes(x1, lanes));
  const vector v7 = add(v5, splat(1.0f));
  const vector v8 = vector_tanh(v7);
  const vector v9 = multiply(v8, v3);
  const vector v11 = select_lanes(is_true(splat(u2)), v9, splat(0.0f));
  store_lanes(x2, v11, lanes);
}

static void make_select_1(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, const float *p0, const float *p1, const float *p2,
    float *p3) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      const float u0 = (float)i0;
      const float u1 = p0[i1];
      const float u2 = u0 < u1 ? 1.0f : 0.0f;
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_select_1_lanes(
            LANES, p1 + i0 * 3 + i1 * 15 + i2, p2 + i2, p3 + i0 * 3 + i1 * 15 + i2, u2);
      }
      if (i2 < 3) {
        make_select_1_lanes(
            (int)(3 - i2), p1 + i0 * 3 + i1 * 15 + i2, p2 + i2, p3 + i0 * 3 + i1 * 15 + i2, u2);
      }
    }
  }
}


/* ---- lengths --------------------------------------------------------------------------------- */

/* A length that a call gives; the bound where it gives none. */
UNUSED static ptrdiff_t length_at(
    const chain_call *call, int axis, ptrdiff_t place, int32_t bound) {
  const int32_t *lengths = call->lengths ? call->lengths[axis] : NULL;
  return lengths ? lengths[place] : bound;
}

/* Checks a length, and keeps the greatest. */
UNUSED static int take_length(ptrdiff_t own, int32_t bound, ptrdiff_t *greatest) {
  if (own < 1 || own > bound) return 0;
  if (own > *greatest) *greatest = own;
  return 1;
}

