/* broadcast [3], first for rows:5 */
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

/* reduce.maximum [length1, batch, 3], first for rows:7 */
static void make_maximum_1(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, ptrdiff_t batch, const float *p0, float *p1) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      float folded = float_of(0xff800000u);
      for (ptrdiff_t i2 = 0; i2 < 3; i2 += 1) {
        const float u0 = p0[i0 * 3 + i1 * 15 + i2];
        folded = scalar_maximum(u0, folded);
      }
      p1[i0 * batch + i1] = folded;
    }
  }
}

/* exp [length1, batch, 3], first for rows:7 */
INLINE void make_exp_2_lanes(int lanes, const float *x0, float *x1, float u1) {
  const vector v2 = subtract(load_lanes(x0, lanes), splat(u1));
  const vector v3 = vector_exp(v2);
  store_lanes(x1, v3, lanes);
}

static void make_exp_2(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, ptrdiff_t batch, const float *p0, const float *p1,
    float *p2) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      const float u1 = p1[i0 * batch + i1];
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_exp_2_lanes(LANES, p0 + i0 * 3 + i1 * 15 + i2, p2 + i0 * 3 * batch + i1 * 3 + i2, u1);
      }
      if (i2 < 3) {
        make_exp_2_lanes(
            (int)(3 - i2), p0 + i0 * 3 + i1 * 15 + i2, p2 + i0 * 3 * batch + i1 * 3 + i2, u1);
      }
    }
  }
}

/* reduce.sum [batch _ length1, 3], first for rows:7 */
static void make_sum_3(ptrdiff_t first, ptrdiff_t end, const float *p0, float *p1) {
  for (ptrdiff_t i0 = first; i0 < end; i0 += 1) {
    float folded = 0.0f;
    for (ptrdiff_t i1 = 0; i1 < 3; i1 += 1) {
      const float u0 = p0[i0 * 3 + i1];
      folded = folded + u0;
    }
    p1[i0] = folded;
  }
}

/* select [length1, batch, 3], first for rows:7 */
INLINE void make_select_4_lanes(int lanes, const float *x0, float *x1, float u2, float u4) {
  const vector v5 = divide(load_lanes(x0, lanes), splat(u4));
  const vector v7 = select_lanes(is_true(splat(u2)), v5, splat(0.0f));
  store_lanes(x1, v7, lanes);
}

static void make_select_4(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, ptrdiff_t batch, const float *p0, const float *p1,
    const float *p2, float *p3) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      const float u0 = (float)i0;
      const float u1 = p0[i1];
      const float u2 = u0 < u1 ? 1.0f : 0.0f;
      const float u4 = p2[i0 * batch + i1];
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_select_4_lanes(
            LANES, p1 + i0 * 3 * batch + i1 * 3 + i2, p3 + i0 * 3 + i1 * 15 + i2, u2, u4);
      }
      if (i2 < 3) {
        make_select_4_lanes(
            (int)(3 - i2), p1 + i0 * 3 * batch + i1 * 3 + i2, p3 + i0 * 3 + i1 * 15 + i2, u2, u4);
      }
    }
  }
}


/* ---- lengths --------------------------------------------------------------------------------- */

/* A length that a call gives; the bound where it gives none. */
UNUSED static ptrdiff_t length_at(const rows_call *call, int axis, ptrdiff_t place, int32_t bound) {
  const int32_t *lengths = call->lengths ? call->lengths[axis] : NULL;
  return lengths ? lengths[place] : bound;
}

/* Checks a length, and keeps the greatest. */
UNUSED static int take_length(ptrdiff_t own, int32_t bound, ptrdiff_t *greatest) {
  if (own < 1 || own > bound) return 0;
  if (own > *greatest) *greatest = own;
  return 1;
}

