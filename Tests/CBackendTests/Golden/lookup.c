/* broadcast [3], first for lookup:5 */
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

/* select [length1, batch, 3], first for lookup:7 */
INLINE void make_select_1_lanes(
    int lanes, const float *x0, float *x1, const float *row4, float u2) {
  const vector v4 = row4 ? load_lanes(row4, lanes) : splat(0.0f);
  const vector v6 = add(v4, load_lanes(x0, lanes));
  const vector v8 = select_lanes(is_true(splat(u2)), v6, splat(0.0f));
  store_lanes(x1, v8, lanes);
}

static void make_select_1(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, const float *p0, const int32_t *p1,
    const float *p2, const float *p3, float *p4) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      const float u0 = (float)i0;
      const float u1 = p0[i1];
      const float u2 = u0 < u1 ? 1.0f : 0.0f;
      const int32_t u3 = p1[i1];
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_select_1_lanes(
            LANES, p3 + i0 * 3 + i1 * 15 + i2, p4 + i0 * 3 + i1 * 15 + i2,
            u3 < 0 ? NULL : p2 + i2 + u3 * 3, u2);
      }
      if (i2 < 3) {
        make_select_1_lanes(
            (int)(3 - i2), p3 + i0 * 3 + i1 * 15 + i2, p4 + i0 * 3 + i1 * 15 + i2,
            u3 < 0 ? NULL : p2 + i2 + u3 * 3, u2);
      }
    }
  }
}


/* ---- lengths --------------------------------------------------------------------------------- */

/* A length that a call gives; the bound where it gives none. */
UNUSED static ptrdiff_t length_at(
    const lookup_call *call, int axis, ptrdiff_t place, int32_t bound) {
  const int32_t *lengths = call->lengths ? call->lengths[axis] : NULL;
  return lengths ? lengths[place] : bound;
}

/* Checks a length, and keeps the greatest. */
UNUSED static int take_length(ptrdiff_t own, int32_t bound, ptrdiff_t *greatest) {
  if (own < 1 || own > bound) return 0;
  if (own > *greatest) *greatest = own;
  return 1;
}

