/* What is known of a hypothesis: the tokens themselves stand in the caller's `beams`. */
typedef struct hypothesis {
  float score;    /* the sum of its tokens' log probabilities */
  float rank;     /* what it is chosen by */
  int32_t parent; /* its place among the example's before its last token; -1: there is none */
  int32_t token;  /* the last */
  int32_t length; /* its tokens */
  int32_t ended;  /* 1: its last token is the ending one */
} hypothesis;

/* Draws row after row, each from its own numbers, until all have ended or are at the limit. */
static rondo_status sample(const rondo_context *context, const rondo_call *call,
                           const rondo_generation *how) {
  const ptrdiff_t batch = call->batch;
  const float *const logits = PLACE(float, context->work, GENERATE_LOGITS_PLACE);
  int32_t *const drawn = PLACE(int32_t, context->work, GENERATE_DRAWN_PLACE);
  int32_t *const lengths = PLACE(int32_t, context->work, GENERATE_LENGTHS_PLACE);
  int32_t *const values = (int32_t *)how->values;
  ptrdiff_t going = batch;
  ptrdiff_t row;
  int32_t i;
  memset(values, 0, (size_t)(batch * how->limit) * sizeof(int32_t));
  for (row = 0; row < batch; row += 1) {
    lengths[row] = 0;
    if (how->log_probability) {
      how->log_probability[row] = 0.0f;
    }
  }
  for (i = 0; i < how->limit && going > 0; i += 1) {
    rondo_status status = score_position(context, batch, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
    going = 0;
    for (row = 0; row < batch; row += 1) {
      float log_probability;
      if (lengths[row] < i) {
        continue;
      }
      drawn[row] = draw_token(logits + row * GENERATE_LOGITS, GENERATE_LOGITS, how->temperature,
                              how->top_k, how->top_p,
                              philox_uniform(how->seed, 0x64726177u,
                                             call->first_example + (uint32_t)row, (uint32_t)i, 0),
                              &log_probability);
      values[row * how->limit + i] = drawn[row];
      lengths[row] = i + 1;
      going += drawn[row] == GENERATE_UNTIL ? 0 : 1;
      if (drawn[row] == GENERATE_UNTIL) {
        /* Ended: a length that no later position equals; the true one is kept below 0. */
        lengths[row] = -(i + 1);
      }
      if (how->log_probability) {
        how->log_probability[row] += log_probability;
      }
    }
    status = advance_position(context, batch, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
  }
  if (how->lengths) {
    for (row = 0; row < batch; row += 1) {
      how->lengths[row] = lengths[row] < 0 ? -lengths[row] : lengths[row];
    }
  }
  return RONDO_OK;
}

/* Puts a hypothesis among the best, which stay in order; what came first stands before its equals. */
static void place_hypothesis(hypothesis *best, int32_t *count, int32_t width, hypothesis candidate) {
  int32_t place = *count < width ? *count : width - 1;
  if (*count == width && !(candidate.rank > best[place].rank)) {
    return;
  }
  while (place > 0 && best[place - 1].rank < candidate.rank) {
    best[place] = best[place - 1];
    place -= 1;
  }
  best[place] = candidate;
  *count += *count < width ? 1 : 0;
}

/* The likeliest of all that an example's hypotheses may go on to; ended ones stay as they are. */
static void extend_hypotheses(const hypothesis *from, hypothesis *best, const float *logits,
                              const rondo_generation *how) {
  const int32_t width = how->beam_width;
  int32_t count = 0;
  int32_t beam, token;
  for (beam = 0; beam < width; beam += 1) {
    const float *const row = logits + (ptrdiff_t)beam * GENERATE_LOGITS;
    const float lowest = float_of(0xff800000u);
    float greatest = lowest;
    float total, divisor;
    hypothesis next = from[beam];
    if (next.parent < 0) {
      continue;
    }
    next.parent = beam;
    if (next.ended) {
      place_hypothesis(best, &count, width, next);
      continue;
    }
    for (token = 0; token < GENERATE_LOGITS; token += 1) {
      greatest = row[token] > greatest ? row[token] : greatest;
    }
    total = greatest > lowest ? log_total_of(row, GENERATE_LOGITS, greatest) : 0.0f;
    next.length += 1;
    divisor = how->length_penalty > 0.0f
                  ? scalar_exp(how->length_penalty * scalar_log((float)next.length))
                  : 1.0f;
    for (token = 0; token < GENERATE_LOGITS; token += 1) {
      float logarithm = lowest;
      if (row[token] > lowest) {
        logarithm = (row[token] >= greatest ? 0.0f : row[token] - greatest) - total;
      }
      next.token = token;
      next.ended = token == GENERATE_UNTIL ? 1 : 0;
      next.score = from[beam].score + logarithm;
      next.rank = next.score / divisor;
      place_hypothesis(best, &count, width, next);
    }
  }
  for (; count < width; count += 1) {
    best[count].score = float_of(0xff800000u);
    best[count].rank = best[count].score;
    best[count].parent = -1;
    best[count].token = 0;
    best[count].length = 0;
    best[count].ended = 1;
  }
}

/* Gives an example's hypotheses the tokens and states of those they go on from. */
static void follow_parents(const rondo_context *context, const hypothesis *best, int32_t *tokens,
                           ptrdiff_t first, int32_t position, const rondo_generation *how) {
  const int32_t width = how->beam_width;
  int32_t *const column = PLACE(int32_t, context->work, GENERATE_LENGTHS_PLACE);
  unsigned char *const copy = PLACE(unsigned char, context->work, GENERATE_ROWS_PLACE);
  int32_t beam, i;
  ptrdiff_t state;
  int moves = 0;
  for (beam = 0; beam < width; beam += 1) {
    moves |= best[beam].parent >= 0 && best[beam].parent != beam;
  }
  if (!moves) {
    return;
  }
  for (i = 0; i < position; i += 1) {
    for (beam = 0; beam < width; beam += 1) {
      const int32_t parent = best[beam].parent;
      column[beam] = parent < 0 ? 0 : tokens[(ptrdiff_t)parent * how->limit + i];
    }
    for (beam = 0; beam < width; beam += 1) {
      tokens[(ptrdiff_t)beam * how->limit + i] = column[beam];
    }
  }
  for (state = 0; state < GENERATE_STATES; state += 1) {
    const ptrdiff_t bytes = state_rows[state].bytes;
    unsigned char *const rows =
        PLACE(unsigned char, context->state, state_rows[state].place + first * bytes);
    if (!state_rows[state].moves) {
      continue;
    }
    memcpy(copy, rows, (size_t)(width * bytes));
    for (beam = 0; beam < width; beam += 1) {
      if (best[beam].parent >= 0 && best[beam].parent != beam) {
        memcpy(rows + beam * bytes, copy + best[beam].parent * bytes, (size_t)bytes);
      }
    }
  }
}

/* Copies each row of the state as often as there are hypotheses, the last row first. */
static void spread_rows(const rondo_context *context, ptrdiff_t batch, int32_t width) {
  ptrdiff_t state, row;
  int32_t beam;
  for (state = 0; state < GENERATE_STATES; state += 1) {
    const ptrdiff_t bytes = state_rows[state].bytes;
    unsigned char *const rows = PLACE(unsigned char, context->state, state_rows[state].place);
    for (row = batch - 1; row >= 0; row -= 1) {
      for (beam = width - 1; beam >= 0; beam -= 1) {
        if (row * width + beam != row) {
          memcpy(rows + (row * width + beam) * bytes, rows + row * bytes, (size_t)bytes);
        }
      }
    }
  }
}

/* Says what came of the search: of each row all hypotheses, and the best. */
static void give_hypotheses(const hypothesis *found, ptrdiff_t batch, const rondo_generation *how) {
  int32_t *const values = (int32_t *)how->values;
  ptrdiff_t row;
  int32_t beam;
  for (row = 0; row < batch; row += 1) {
    const hypothesis *const best = found + row * how->beam_width;
    memcpy(values + row * how->limit, how->beams + row * how->beam_width * how->limit,
           (size_t)how->limit * sizeof(int32_t));
    if (how->lengths) {
      how->lengths[row] = best->length;
    }
    if (how->log_probability) {
      how->log_probability[row] = best->score;
    }
    for (beam = 0; beam < how->beam_width; beam += 1) {
      if (how->beam_lengths) {
        how->beam_lengths[row * how->beam_width + beam] = best[beam].length;
      }
      if (how->beam_log_probability) {
        how->beam_log_probability[row * how->beam_width + beam] = best[beam].score;
      }
    }
  }
}

/* Follows the likeliest hypotheses of every row until all have ended or are at the limit. */
static rondo_status search(const rondo_context *context, const rondo_call *call,
                           const rondo_generation *how) {
  const ptrdiff_t batch = call->batch;
  const float *const logits = PLACE(float, context->work, GENERATE_LOGITS_PLACE);
  int32_t *const drawn = PLACE(int32_t, context->work, GENERATE_DRAWN_PLACE);
  hypothesis *const now = PLACE(hypothesis, context->work, GENERATE_HYPOTHESES_PLACE);
  hypothesis *const next = now + GENERATE_ROWS;
  const int32_t width = how->beam_width;
  const ptrdiff_t rows = batch * width;
  int going = 1;
  ptrdiff_t first;
  int32_t beam, i;
  spread_rows(context, batch, width);
  memset(how->beams, 0, (size_t)(rows * how->limit) * sizeof(int32_t));
  memset(now, 0, (size_t)rows * sizeof(hypothesis));
  for (first = 0; first < rows; first += width) {
    /* All begin alike, so that one of them is enough. */
    for (beam = 1; beam < width; beam += 1) {
      now[first + beam].parent = -1;
    }
  }
  for (i = 0; i < how->limit && going; i += 1) {
    rondo_status status = score_position(context, rows, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
    going = 0;
    for (first = 0; first < rows; first += width) {
      int32_t *const tokens = how->beams + first * how->limit;
      extend_hypotheses(now + first, next + first, logits + first * GENERATE_LOGITS, how);
      follow_parents(context, next + first, tokens, first, i, how);
      for (beam = 0; beam < width; beam += 1) {
        const hypothesis *const one = next + first + beam;
        drawn[first + beam] = one->token;
        if (one->length == i + 1) {
          tokens[(ptrdiff_t)beam * how->limit + i] = one->token;
        }
        going |= !one->ended;
      }
    }
    memcpy(now, next, (size_t)rows * sizeof(hypothesis));
    status = advance_position(context, rows, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
  }
  give_hypotheses(now, batch, how);
  return RONDO_OK;
}

/* Has the model read the prompt, one position after another. */
static rondo_status read_prompt(const rondo_context *context, const rondo_call *call,
                                const rondo_generation *how) {
  const ptrdiff_t batch = call->batch;
  int32_t *const drawn = PLACE(int32_t, context->work, GENERATE_DRAWN_PLACE);
  const int32_t *const prompt = (const int32_t *)how->prompt;
  ptrdiff_t row;
  int32_t i;
  for (i = 0; i < how->prompt_length; i += 1) {
    rondo_status status = score_position(context, batch, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
    for (row = 0; row < batch; row += 1) {
      drawn[row] = prompt[row * how->prompt_length + i];
    }
    status = advance_position(context, batch, how->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
  }
  return RONDO_OK;
}

rondo_status rondo_generate(const rondo_context *context, const rondo_call *call,
                            const rondo_generation *generation) {
  rondo_status status = check_generation(context, call, generation);
  if (status == RONDO_OK && !are_tokens((const int32_t *)generation->prompt, call->batch,
                                        generation->prompt_length, generation->prompt_length,
                                        GENERATE_LOGITS)) {
    status = RONDO_BAD_TOKEN;
  }
  if (status == RONDO_OK) {
    status = begin_rows(context, call);
  }
  if (status == RONDO_OK) {
    status = read_prompt(context, call, generation);
  }
  if (status != RONDO_OK) {
    return status;
  }
  return generation->beam_width > 1 ? search(context, call, generation)
                                    : sample(context, call, generation);
}
