/* broadcast [3], first for steps:5 */
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

/* x [length1, batch, 3], first for steps:3 */
INLINE void make_x_1_lanes(int lanes, const float *x0, float *x1) {
  const vector v0 = load_lanes(x0, lanes);
  store_lanes(x1, v0, lanes);
}

static void make_x_1(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, ptrdiff_t batch, const float *p0, float *p1) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_x_1_lanes(LANES, p0 + i0 * 3 + i1 * 15 + i2, p1 + i0 * 3 * batch + i1 * 3 + i2);
      }
      if (i2 < 3) {
        make_x_1_lanes(
            (int)(3 - i2), p0 + i0 * 3 + i1 * 15 + i2, p1 + i0 * 3 * batch + i1 * 3 + i2);
      }
    }
  }
}

/* h.next [batch, 3], first for steps:8 */
INLINE void make_h_next_2_lanes(
    int lanes, const float *x0, const float *x1, const float *x2, float *x3) {
  const vector v2 = multiply(load_lanes(x0, lanes), load_lanes(x1, lanes));
  const vector v4 = add(v2, load_lanes(x2, lanes));
  const vector v5 = vector_sigmoid(v4);
  store_lanes(x3, v5, lanes);
}

static void make_h_next_2(
    ptrdiff_t first, ptrdiff_t end, const float *p0, const float *p1, const float *p2, float *p3) {
  for (ptrdiff_t i0 = first; i0 < end; i0 += 1) {
    ptrdiff_t i1 = 0;
    for (; i1 + LANES <= 3; i1 += LANES) {
      make_h_next_2_lanes(LANES, p0 + i1, p1 + i0 * 3 + i1, p2 + i0 * 3 + i1, p3 + i0 * 3 + i1);
    }
    if (i1 < 3) {
      make_h_next_2_lanes(
          (int)(3 - i1), p0 + i1, p1 + i0 * 3 + i1, p2 + i0 * 3 + i1, p3 + i0 * 3 + i1);
    }
  }
}

/* select [length1, batch, 3], first for steps:7 */
INLINE void make_select_3_lanes(int lanes, const float *x0, float *x1, float u2) {
  const vector v5 = select_lanes(is_true(splat(u2)), load_lanes(x0, lanes), splat(0.0f));
  store_lanes(x1, v5, lanes);
}

static void make_select_3(
    ptrdiff_t n0, ptrdiff_t first, ptrdiff_t end, ptrdiff_t batch, const float *p0, const float *p1,
    float *p2) {
  for (ptrdiff_t i0 = 0; i0 < n0; i0 += 1) {
    for (ptrdiff_t i1 = first; i1 < end; i1 += 1) {
      const float u0 = (float)i0;
      const float u1 = p0[i1];
      const float u2 = u0 < u1 ? 1.0f : 0.0f;
      ptrdiff_t i2 = 0;
      for (; i2 + LANES <= 3; i2 += LANES) {
        make_select_3_lanes(
            LANES, p1 + i0 * 3 * batch + i1 * 3 + i2, p2 + i0 * 3 + i1 * 15 + i2, u2);
      }
      if (i2 < 3) {
        make_select_3_lanes(
            (int)(3 - i2), p1 + i0 * 3 * batch + i1 * 3 + i2, p2 + i0 * 3 + i1 * 15 + i2, u2);
      }
    }
  }
}


/* ---- lengths --------------------------------------------------------------------------------- */

/* A length that a call gives; the bound where it gives none. */
UNUSED static ptrdiff_t length_at(
    const steps_call *call, int axis, ptrdiff_t place, int32_t bound) {
  const int32_t *lengths = call->lengths ? call->lengths[axis] : NULL;
  return lengths ? lengths[place] : bound;
}

/* Checks a length, and keeps the greatest. */
UNUSED static int take_length(ptrdiff_t own, int32_t bound, ptrdiff_t *greatest) {
  if (own < 1 || own > bound) return 0;
  if (own > *greatest) *greatest = own;
  return 1;
}

