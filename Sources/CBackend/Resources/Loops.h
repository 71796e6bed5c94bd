/* ---- loops -------------------------------------------------------------------------------------

   The entries' loops over time against the same steps written out one by one. */

/* Holds an entry against its other form, at the bounds; 1 if it could be called. */
static int trial_loops_of(trial *test, trial_call *made,
                          rondo_status (*run)(const rondo_context *, const rondo_call *),
                          rondo_check *check) {
  if (!made->entry || !run) {
    return 0;
  }
  trial_limit(test, made, 0);
  if (trial_call_once(test, made) != RONDO_OK) {
    return 0;
  }
  for (int32_t i = 0; i < made->entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &made->entry->outputs[i];
    memcpy(made->kept[i], made->outputs[i], trial_count(test->model, tensor) * trial_size(tensor));
  }
  if (run(&test->context, &made->call) != RONDO_OK) {
    trial_note(check, 1.0f, "the steps one by one were refused", -1);
  }
  for (int32_t i = 0; i < made->entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &made->entry->outputs[i];
    trial_compare(check, tensor, made->kept[i], made->outputs[i], 0, trial_count(test->model, tensor));
  }
  return 1;
}

/* Adds the check to a report, on drawn weights or the library's own. */
static rondo_status trial_all_loops(rondo_workers *workers, void *memory, size_t bytes,
                                    rondo_report *report) {
  rondo_check *const check = trial_check(report, "loops against steps one by one", 0.0f);
  trial test;
  trial_memory pieces;
  int made = 0;
  rondo_status status;
  pieces.start = (unsigned char *)memory;
  pieces.used = 0;
  status = trial_start(&test, &rondo_model_table, workers, &pieces, bytes);
  if (status != RONDO_OK) {
    return status;
  }
  made += trial_loops_of(&test, &test.infer, WRITTEN_OUT_INFER, check);
  made += trial_loops_of(&test, &test.gradients, WRITTEN_OUT_GRADIENTS, check);
  if (!made) {
    trial_skip(check, "the loss of made-up inputs is not finite, or they are refused");
  }
  return RONDO_OK;
}
