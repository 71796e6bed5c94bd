/* Has the model read the prompt, and then its own values, one position after another. */
rondo_status rondo_generate(const rondo_context *context, const rondo_call *call,
                            const rondo_generation *generation) {
  const size_t bytes = GENERATE_NUMBERS * sizeof(float);
  rondo_status status = check_generation(context, call, generation);
  const float *prompt;
  float *values;
  float *drawn;
  int32_t row, i;
  if (status == RONDO_OK) {
    status = generation->beam_width > 1 ? RONDO_BAD_OPTION : begin_rows(context, call);
  }
  if (status != RONDO_OK) {
    return status;
  }
  prompt = (const float *)generation->prompt;
  values = (float *)generation->values;
  drawn = PLACE(float, context->work, GENERATE_DRAWN_PLACE);
  for (i = 0; i < generation->prompt_length + generation->limit; i += 1) {
    const int32_t place = i - generation->prompt_length;
    status = score_position(context, call->batch, generation->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
    for (row = 0; row < call->batch; row += 1) {
      float *const here = drawn + (ptrdiff_t)row * GENERATE_NUMBERS;
      if (place < 0) {
        memcpy(here, prompt + ((ptrdiff_t)row * generation->prompt_length + i) * GENERATE_NUMBERS,
               bytes);
      } else {
        memcpy(values + ((ptrdiff_t)row * generation->limit + place) * GENERATE_NUMBERS, here, bytes);
      }
    }
    status = advance_position(context, call->batch, generation->seed, call->first_example);
    if (status != RONDO_OK) {
      return status;
    }
  }
  for (row = 0; row < call->batch; row += 1) {
    if (generation->lengths) {
      generation->lengths[row] = generation->limit;
    }
    if (generation->log_probability) {
      generation->log_probability[row] = 0.0f;
    }
  }
  return RONDO_OK;
}
