/* broadcast [3], first for lookup:5 */
static void make_broadcast_0(ptrdiff_t first, ptrdiff_t end, float *p0) {
  for (ptrdiff_t i0 = first; i0 < end; i0 += 1) {
    p0[i0] = 0.0f;
  }
}

/* add [length1, batch, 3], first for lookup:7 */
INLINE void make_add_1_lanes(int lanes, const float *x0, float *x1, const float *row1) {
  const vector v1 = row1 ? load_lanes(row1, lanes) : splat(0.0f);
  const vector v3 = add(v1, load_lanes(x0, lanes));
  store_lanes(x1, v3, lanes);
}

static void make_add_1(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, const int32_t *p0, const float *p1,
    const float *p2, float *p3) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
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

/* select [length1, batch, 3], first for lookup:7 */
INLINE void make_select_2_lanes(
    int lanes, const float *x0, float *x1, const float *row4, float u2) {
  const vector v4 = row4 ? load_lanes(row4, lanes) : splat(0.0f);
  const vector v6 = add(v4, load_lanes(x0, lanes));
  const vector v8 = select_lanes(is_true(splat(u2)), v6, splat(0.0f));
  store_lanes(x1, v8, lanes);
}

static void make_select_2(
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
        make_select_2_lanes(
            LANES, p3 + i0 * 3 + i1 * 15 + i2, p4 + i0 * 3 + i1 * 15 + i2,
            u3 < 0 ? NULL : p2 + i2 + u3 * 3, u2);
      }
      if (i2 < 3) {
        make_select_2_lanes(
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

/* Checks a length, keeps the greatest, and notes whether some differ. */
UNUSED static int take_length(ptrdiff_t own, int32_t bound, ptrdiff_t *greatest, int *is_ragged) {
  if (own < 1 || own > bound) return 0;
  if (*greatest > 0 && own != *greatest) *is_ragged = 1;
  if (own > *greatest) *greatest = own;
  return 1;
}

