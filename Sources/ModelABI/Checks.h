/* ---- checks through the table ------------------------------------------------------------------

   A model's gradients against differences of its loss, positions of a stream against the whole
   sequence, more threads against one. */

/* Begins a check in a report; null where there is no room. */
static rondo_check *trial_check(rondo_report *report, const char *name, float bound) {
  static const rondo_check blank = {NULL, RONDO_PASSED, -1, NULL, 0.0f, 0.0f};
  rondo_check *const check = &report->checks[report->count];
  report->count += 1;
  *check = blank;
  check->name = name;
  check->bound = bound;
  return check;
}

/* Notes an error, if it is the largest so far; one that is no number is. */
static void trial_note(rondo_check *check, float error, const char *where, int32_t element) {
  if (!check->where || !(error <= check->error)) {
    check->error = error;
    check->where = where;
    check->element = element;
  }
  if (!(error <= check->bound)) {
    check->outcome = RONDO_FAILED;
  }
}

/* Says why a check was not made. */
static void trial_skip(rondo_check *check, const char *why) {
  check->outcome = RONDO_SKIPPED;
  check->where = why;
}

/* Whether the bytes of two elements differ. */
static int trial_differ(const unsigned char *one, const unsigned char *other, size_t size) {
  size_t i = 0;
  while (i < size && one[i] == other[i]) {
    i += 1;
  }
  return i < size;
}

/* Notes how far two arrays are apart, and that they are if any bit differs. */
static void trial_compare(rondo_check *check, const rondo_tensor *tensor, const void *one,
                          const void *other, size_t first, size_t count) {
  const size_t size = trial_size(tensor);
  for (size_t i = 0; i < count; i += 1) {
    const unsigned char *const a = (const unsigned char *)one + i * size;
    const unsigned char *const b = (const unsigned char *)other + i * size;
    float x, y, apart;
    if (!trial_differ(a, b, size)) {
      continue;
    }
    apart = 1.0f;
    if (tensor->element == RONDO_FLOAT32) {
      memcpy(&x, a, sizeof x);
      memcpy(&y, b, sizeof y);
      apart = x > y ? x - y : y - x;
    }
    /* Zeros of two signs are apart, too. */
    trial_note(check, apart > 0.0f ? apart : 1.0e-38f, tensor->name, (int32_t)(first + i));
  }
}

/* The dimension that an array has more than another along whose axis it was cut; -1: none. */
static int32_t trial_cut(const rondo_tensor *whole, const rondo_tensor *part) {
  int32_t place = 0;
  if (whole->rank != part->rank + 1) {
    return -1;
  }
  while (place < part->rank && whole->dimensions[place].axis == part->dimensions[place].axis &&
         whole->dimensions[place].extent == part->dimensions[place].extent) {
    place += 1;
  }
  return whole->dimensions[place].axis > 0 ? place : -1;
}

/* Gives a call an input of `infer`: whole, or one position of it. */
static int trial_pass(const trial *test, trial_call *to, int32_t position) {
  const rondo_entry *const infer = test->infer.entry;
  for (int32_t i = 0; i < to->entry->input_count; i += 1) {
    const rondo_tensor *const tensor = &to->entry->inputs[i];
    const int32_t place = trial_place(infer->inputs, infer->input_count, tensor->name);
    const size_t size = trial_size(tensor);
    unsigned char *const array = (unsigned char *)(uintptr_t)to->inputs[i];
    const unsigned char *whole;
    int32_t cut;
    if (place < 0) {
      return 0;
    }
    whole = (const unsigned char *)test->infer.inputs[place];
    if (infer->inputs[place].rank == tensor->rank) {
      memcpy(array, whole, trial_count(test->model, tensor) * size);
      continue;
    }
    cut = trial_cut(&infer->inputs[place], tensor);
    if (cut < 0) {
      return 0;
    }
    {
      const rondo_tensor *const source = &infer->inputs[place];
      const size_t outer = trial_extent(test->model, source, 0, cut);
      const size_t inner = trial_extent(test->model, source, cut + 1, source->rank) * size;
      const size_t extent = (size_t)source->dimensions[cut].extent;
      for (size_t row = 0; row < outer; row += 1) {
        memcpy(array + row * inner, whole + (row * extent + (size_t)position) * inner, inner);
      }
    }
  }
  return 1;
}

/* Positions of a stream, one after another, give the bits of the whole sequence. */
static void trial_stream(trial *test, rondo_report *report) {
  rondo_check *const check = trial_check(report, "step against infer", 0.0f);
  const rondo_entry *const infer = test->infer.entry;
  int32_t steps = 0;
  rondo_status status;
  if (!infer || !test->step.entry || !test->begin.entry) {
    trial_skip(check, "the model is not streamed, or has no outputs");
    return;
  }
  for (int32_t i = 0; i < infer->output_count; i += 1) {
    const int32_t place =
        trial_place(test->step.entry->outputs, test->step.entry->output_count, infer->outputs[i].name);
    const int32_t cut =
        place < 0 ? -1 : trial_cut(&infer->outputs[i], &test->step.entry->outputs[place]);
    if (cut >= 0) {
      const rondo_dimension along = infer->outputs[i].dimensions[cut];
      steps = along.extent < 6 ? along.extent : 6;
      /* What does not run along the stream is taken whole. */
      trial_limit(test, &test->infer, 1 << 30);
      for (int32_t row = 0; test->lengths[along.axis] && row < trial_rows(test->model); row += 1) {
        ((int32_t *)(uintptr_t)test->lengths[along.axis])[row] = steps;
      }
    }
  }
  if (steps == 0) {
    trial_skip(check, "no output runs along the stream");
    return;
  }
  status = trial_call_once(test, &test->infer);
  if (status == RONDO_BAD_LENGTH) {
    test->infer.call.lengths = NULL;
    status = trial_call_once(test, &test->infer);
  }
  if (status != RONDO_OK || !trial_pass(test, &test->begin, 0)) {
    trial_skip(check, "infer takes other inputs than begin, or refuses them");
    return;
  }
  status = trial_call_once(test, &test->begin);
  for (int32_t position = 0; status == RONDO_OK && position < steps; position += 1) {
    if (!trial_pass(test, &test->step, position)) {
      trial_skip(check, "step takes other inputs than infer");
      return;
    }
    status = trial_call_once(test, &test->step);
    for (int32_t i = 0; status == RONDO_OK && i < infer->output_count; i += 1) {
      const rondo_tensor *const tensor = &infer->outputs[i];
      const int32_t place =
          trial_place(test->step.entry->outputs, test->step.entry->output_count, tensor->name);
      const int32_t cut =
          place < 0 ? -1 : trial_cut(tensor, &test->step.entry->outputs[place]);
      if (cut >= 0) {
        const size_t outer = trial_extent(test->model, tensor, 0, cut);
        const size_t inner = trial_extent(test->model, tensor, cut + 1, tensor->rank);
        const size_t extent = (size_t)tensor->dimensions[cut].extent;
        for (size_t row = 0; row < outer; row += 1) {
          const size_t first = (row * extent + (size_t)position) * inner;
          trial_compare(check, tensor,
                        (const unsigned char *)test->infer.outputs[i] + first * trial_size(tensor),
                        (const unsigned char *)test->step.outputs[place] +
                            row * inner * trial_size(tensor),
                        first, inner);
        }
      }
    }
  }
  if (status != RONDO_OK) {
    trial_note(check, (float)status, "a position was refused", -1);
  }
}

/* All threads together give the bits that one gives. */
static void trial_threads(trial *test, rondo_report *report) {
  rondo_check *const check = trial_check(report, "threads against one", 0.0f);
  trial_call *const made = test->gradients.entry ? &test->gradients : &test->infer;
  if (!test->context.workers) {
    trial_skip(check, "no workers were given");
    return;
  }
  if (!made->entry || trial_begin(test, made, 6) != RONDO_OK) {
    trial_skip(check, "the model refuses made-up inputs");
    return;
  }
  for (int32_t i = 0; i < made->entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &made->entry->outputs[i];
    memcpy(made->kept[i], made->outputs[i], trial_count(test->model, tensor) * trial_size(tensor));
  }
  made->call.threads = 0;
  if (trial_call_once(test, made) != RONDO_OK) {
    trial_note(check, 1.0f, "a call with threads was refused", -1);
  }
  made->call.threads = 1;
  for (int32_t i = 0; i < made->entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &made->entry->outputs[i];
    trial_compare(check, tensor, made->kept[i], made->outputs[i], 0, trial_count(test->model, tensor));
  }
}

/* A movement of one parameter: of one element, or of all of them one way or the other. */
typedef struct trial_move {
  int32_t parameter;
  int32_t element;       /* -1: all */
  int32_t follows;       /* of all: 1 along the gradient's signs, 0 along signs without a pattern */
  const float *gradient; /* of this parameter */
  size_t count;
} trial_move;

/* Which way an element goes. */
static float trial_way(const trial_move *move, const char *name, size_t i) {
  if (move->element >= 0) {
    return i == (size_t)move->element ? 1.0f : 0.0f;
  }
  if (move->follows) {
    return move->gradient[i] < 0.0f ? -1.0f : 1.0f;
  }
  return (trial_number(name, i) & 1u) != 0u ? 1.0f : -1.0f;
}

/* The loss with a parameter so far moved; 0 where the model refuses it. */
static int trial_loss(const trial *test, const trial_move *move, float by, float *loss) {
  const rondo_model *const model = test->model;
  const rondo_entry *const entry = test->gradients.entry;
  const char *const name = model->parameters[move->parameter].name;
  rondo_call call = test->gradients.call;
  for (size_t i = 0; i < move->count; i += 1) {
    test->moved[i] = test->values[i] + by * trial_way(move, name, i);
  }
  if (model->set(&test->context, RONDO_PARAMETERS, move->parameter, test->moved) != RONDO_OK) {
    return 0;
  }
  /* The gradients that are checked stay as they are. */
  memset(test->only, 0, (size_t)entry->output_count * sizeof(void *));
  test->only[trial_place(entry->outputs, entry->output_count, "loss")] = loss;
  call.outputs = test->only;
  return entry->run(&test->context, &call) == RONDO_OK;
}

/* How large a number is, whatever its sign. */
static float trial_size_of(float number) { return number < 0.0f ? -number : number; }

/* Holds what the gradient says of a movement against differences of the loss, at smaller and smaller
   steps until they agree. Differences that are lost in the loss's own rounding say nothing.
   1 if any said something. */
static int trial_difference(const trial *test, rondo_check *check, const trial_move *move) {
  const char *const name = test->model->parameters[move->parameter].name;
  float says = 0.0f;
  float least = -1.0f;
  float step = 0.125f;
  float before = 0.0f;
  int has_before = 0;
  if (move->element >= 0) {
    says = move->gradient[move->element];
  } else {
    size_t root = 1;
    for (size_t i = 0; i < move->count; i += 1) {
      says += move->gradient[i] * trial_way(move, name, i);
    }
    while (root * root < move->count) {
      root *= 2;
    }
    step /= (float)root;
  }
  for (int attempt = 0; attempt < 6; attempt += 1) {
    float above = 0.0f;
    float below = 0.0f;
    if (trial_loss(test, move, step, &above) && trial_loss(test, move, -step, &below)) {
      const float is = (above - below) / (2.0f * step);
      /* What is left of it when the step's square is taken out by the step before. */
      const float beyond = has_before ? is + (is - before) / 15.0f : is;
      const float size =
          trial_size_of(is) > trial_size_of(says) ? trial_size_of(is) : trial_size_of(says);
      if (trial_size_of(above) * 1.0e-6f / step <= size * 0.04f) {
        const float error = trial_size_of(is - says) / size;
        const float other = trial_size_of(beyond - says) / size;
        const float smaller = error < other ? error : other;
        least = least < 0.0f || smaller < least ? smaller : least;
      }
      before = is;
      has_before = 1;
    }
    if (least >= 0.0f && least <= check->bound * 0.2f) {
      break;
    }
    step *= 0.25f;
  }
  if (least < 0.0f) {
    return 0;
  }
  trial_note(check, least, name, move->element);
  return 1;
}

/* The gradient of each parameter: of its largest element, of some others, of all together. */
static void trial_gradients(trial *test, int stops, rondo_report *report) {
  rondo_check *const check = trial_check(report, "gradients against differences, relative", 0.05f);
  const rondo_model *const model = test->model;
  const rondo_entry *const entry = test->gradients.entry;
  int said = 0;
  if (!entry || trial_place(entry->outputs, entry->output_count, "loss") < 0) {
    trial_skip(check, "the model has no gradients");
    return;
  }
  if (stops) {
    trial_skip(check, "the definition stops gradients, which differences do not");
    return;
  }
  if (trial_begin(test, &test->gradients, 6) != RONDO_OK) {
    trial_skip(check, "the loss of made-up inputs is not finite, or they are refused");
    return;
  }
  for (int32_t i = 0; i < entry->output_count; i += 1) {
    trial_move move;
    size_t largest = 0;
    if (entry->outputs[i].role != RONDO_GRADIENT) {
      continue;
    }
    move.parameter = trial_place(model->parameters, model->parameter_count, entry->outputs[i].name);
    if (move.parameter < 0 ||
        model->get(&test->context, RONDO_PARAMETERS, move.parameter, test->values) != RONDO_OK) {
      continue;
    }
    move.gradient = (const float *)test->gradients.outputs[i];
    move.count = trial_count(model, &entry->outputs[i]);
    for (size_t k = 1; k < move.count; k += 1) {
      const float most = trial_size_of(move.gradient[largest]);
      largest = trial_size_of(move.gradient[k]) > most ? k : largest;
    }
    for (int32_t kind = 0; kind < 7; kind += 1) {
      const size_t place = move.count * (size_t)kind / 4;
      move.follows = kind == 5;
      move.element = kind > 4 ? -1 : kind == 4 ? (int32_t)largest : (int32_t)place;
      said += trial_difference(test, check, &move);
    }
    (void)model->set(&test->context, RONDO_PARAMETERS, move.parameter, test->values);
  }
  if (!said) {
    trial_skip(check, "no gradient stands out of the loss's rounding");
  }
}

/* Lays a model out in memory, and gives it weights. */
static rondo_status trial_start(trial *test, const rondo_model *model, rondo_workers *workers,
                                trial_memory *pieces, size_t bytes) {
  if (bytes < trial_bytes(model)) {
    return RONDO_BAD_SIZE;
  }
  memset(pieces->start, 0, bytes);
  trial_lay_out(test, model, pieces);
  test->context.workers = workers;
  if (model->weights) {
    memcpy(test->context.parameters, model->weights, model->block_bytes[RONDO_PARAMETERS]);
    return RONDO_OK;
  }
  return test->initialize.entry ? trial_call_once(test, &test->initialize) : RONDO_OK;
}

/* Makes all checks and adds them to a report, which has room; `stops`: the definition stops
   gradients. */
static rondo_status trial_all(const rondo_model *model, int stops, rondo_workers *workers, void *memory,
                              size_t bytes, rondo_report *report) {
  trial test;
  trial_memory pieces;
  rondo_status status;
  pieces.start = (unsigned char *)memory;
  pieces.used = 0;
  status = trial_start(&test, model, workers, &pieces, bytes);
  if (status != RONDO_OK) {
    return status;
  }
  trial_gradients(&test, stops, report);
  trial_stream(&test, report);
  trial_threads(&test, report);
  return RONDO_OK;
}

/* The same, from the beginning to the end of a report. */
static rondo_status trial_run(const rondo_model *model, int stops, rondo_workers *workers, void *memory,
                              size_t bytes, rondo_report *report) {
  rondo_status status;
  if (!memory || !report) {
    return RONDO_NULL_POINTER;
  }
  if ((uintptr_t)memory % RONDO_ALIGNMENT != 0) {
    return RONDO_MISALIGNED;
  }
  if (report->size != sizeof(rondo_report)) {
    return RONDO_BAD_SIZE;
  }
  report->count = 0;
  report->failed = 0;
  status = trial_all(model, stops, workers, memory, bytes, report);
  for (int32_t i = 0; i < report->count; i += 1) {
    report->failed += report->checks[i].outcome == RONDO_FAILED ? 1 : 0;
  }
  return status;
}
