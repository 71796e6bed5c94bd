/* ---- a model on inputs made here ---------------------------------------------------------------

   What a model's table says of it, laid out in memory of the caller's and called. */

/* Memory handed out piece by piece; where there is none, what is asked for is counted. */
typedef struct trial_memory {
  unsigned char *start;
  size_t used;
} trial_memory;

/* A call of one entry; `kept` has room for its outputs again. */
typedef struct trial_call {
  const rondo_entry *entry; /* null: the model has none of that name */
  rondo_call call;
  const void **inputs;
  void **outputs;
  void **kept;
} trial_call;

/* What all checks work with. */
typedef struct trial {
  const rondo_model *model;
  rondo_context context;
  trial_call initialize, infer, begin, step, gradients;
  const int32_t **lengths; /* by axis; null where calls give none */
  float *values;           /* a parameter as it is, then as it is moved */
  float *moved;
  void **only; /* outputs of `gradients` of which one is wanted */
} trial;

/* The next piece of memory. */
static void *trial_take(trial_memory *memory, size_t bytes) {
  void *const place = memory->start ? memory->start + memory->used : NULL;
  memory->used += (bytes + RONDO_ALIGNMENT - 1) / RONDO_ALIGNMENT * RONDO_ALIGNMENT;
  return place;
}

/* The bytes of an element. */
static size_t trial_size(const rondo_tensor *tensor) {
  return tensor->element == RONDO_UINT8 ? 1 : tensor->element == RONDO_UINT64 ? 8 : 4;
}

/* Few rows are enough, and more than a vector or two threads would share evenly. */
static int32_t trial_rows(const rondo_model *model) {
  return model->axes[0].bound < 3 ? model->axes[0].bound : 3;
}

/* How many elements some dimensions of an array have. */
static size_t trial_extent(const rondo_model *model, const rondo_tensor *tensor, int32_t first,
                           int32_t end) {
  size_t count = 1;
  for (int32_t i = first; i < end; i += 1) {
    const rondo_dimension dimension = tensor->dimensions[i];
    count *= (size_t)(dimension.axis == 0 ? trial_rows(model) : dimension.extent);
  }
  return count;
}

/* How many elements an array has. */
static size_t trial_count(const rondo_model *model, const rondo_tensor *tensor) {
  return trial_extent(model, tensor, 0, tensor->rank);
}

/* A number without a pattern for each place of each array. */
static uint32_t trial_number(const char *name, size_t place) {
  uint32_t number = 2166136261u + (uint32_t)place * 2654435769u;
  for (; *name; name += 1) {
    number = (number ^ (uint32_t)(unsigned char)*name) * 16777619u;
  }
  number = (number ^ (number >> 16)) * 2246822507u;
  number = (number ^ (number >> 13)) * 3266489909u;
  return number ^ (number >> 16);
}

/* Fills an input: tokens below their bound, numbers between 0 and 1, the rest as calls have it. */
static void trial_fill(const rondo_model *model, const rondo_tensor *tensor, void *array) {
  const size_t count = trial_count(model, tensor);
  for (size_t i = 0; i < count; i += 1) {
    const uint32_t number = trial_number(tensor->name, i);
    if (tensor->element == RONDO_UINT8) {
      ((uint8_t *)array)[i] = 1;
    } else if (tensor->element == RONDO_UINT64) {
      ((uint64_t *)array)[i] = 7;
    } else if (tensor->element == RONDO_INT32) {
      ((int32_t *)array)[i] = tensor->tokens > 0 ? (int32_t)(number % (uint32_t)tensor->tokens) : 0;
    } else if (tensor->role == RONDO_DATA) {
      ((float *)array)[i] = (float)(number >> 8) * 5.9604644775390625e-8f;
    } else {
      ((float *)array)[i] = tensor->role == RONDO_RATE ? model->default_rate : 0.0f;
    }
  }
}

/* Whether two names are the same. */
static int trial_is(const char *name, const char *other) {
  while (*name && *name == *other) {
    name += 1;
    other += 1;
  }
  return *name == *other;
}

/* The number of the array of a name among some; -1 if there is none. */
static int32_t trial_place(const rondo_tensor *tensors, int32_t count, const char *name) {
  for (int32_t i = 0; i < count; i += 1) {
    if (trial_is(tensors[i].name, name)) {
      return i;
    }
  }
  return -1;
}

/* Makes room for a call of an entry, and fills its inputs. */
static void trial_prepare(trial_call *made, const rondo_model *model, const char *name,
                          trial_memory *memory) {
  const rondo_entry *entry = NULL;
  memset(made, 0, sizeof *made);
  for (int32_t i = 0; i < model->entry_count; i += 1) {
    if (trial_is(model->entries[i].name, name) && model->entries[i].run) {
      entry = &model->entries[i];
    }
  }
  made->entry = entry;
  if (!entry) {
    return;
  }
  made->inputs = (const void **)trial_take(memory, (size_t)entry->input_count * sizeof(void *));
  made->outputs = (void **)trial_take(memory, (size_t)entry->output_count * sizeof(void *));
  made->kept = (void **)trial_take(memory, (size_t)entry->output_count * sizeof(void *));
  for (int32_t i = 0; i < entry->input_count; i += 1) {
    const rondo_tensor *const tensor = &entry->inputs[i];
    void *const array = trial_take(memory, trial_count(model, tensor) * trial_size(tensor));
    if (array) {
      trial_fill(model, tensor, array);
      made->inputs[i] = array;
    }
  }
  for (int32_t i = 0; i < entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &entry->outputs[i];
    const size_t bytes = trial_count(model, tensor) * trial_size(tensor);
    void *const array = trial_take(memory, bytes);
    void *const kept = trial_take(memory, bytes);
    if (array) {
      made->outputs[i] = array;
      made->kept[i] = kept;
    }
  }
  made->call.size = sizeof made->call;
  made->call.batch = trial_rows(model);
  made->call.threads = 1;
  made->call.inputs = made->inputs;
  made->call.outputs = made->outputs;
}

/* Lays all out in memory; where there is none, what it would be is counted. */
static void trial_lay_out(trial *test, const rondo_model *model, trial_memory *memory) {
  size_t most = 0;
  test->model = model;
  memset(&test->context, 0, sizeof test->context);
  test->context.parameters = trial_take(memory, model->block_bytes[RONDO_PARAMETERS]);
  test->context.state = trial_take(memory, model->block_bytes[RONDO_STATE]);
  test->context.optimizer = trial_take(memory, model->block_bytes[RONDO_OPTIMIZER]);
  test->context.work = trial_take(memory, model->block_bytes[RONDO_WORK]);
  trial_prepare(&test->initialize, model, "initialize", memory);
  trial_prepare(&test->infer, model, "infer", memory);
  trial_prepare(&test->begin, model, "begin", memory);
  trial_prepare(&test->step, model, "step", memory);
  trial_prepare(&test->gradients, model, "gradients", memory);
  test->only = test->gradients.entry
                   ? (void **)trial_take(memory, (size_t)test->gradients.entry->output_count *
                                                     sizeof(void *))
                   : NULL;
  for (int32_t i = 0; i < model->parameter_count; i += 1) {
    const size_t count = trial_count(model, &model->parameters[i]);
    most = count > most ? count : most;
  }
  test->values = (float *)trial_take(memory, most * sizeof(float));
  test->moved = (float *)trial_take(memory, most * sizeof(float));
  test->lengths =
      (const int32_t **)trial_take(memory, (size_t)model->axis_count * sizeof(int32_t *));
  for (int32_t axis = 0; axis < model->axis_count; axis += 1) {
    const size_t count = (size_t)trial_rows(model) * (size_t)model->axes[axis].given;
    const int32_t *const array = (const int32_t *)trial_take(memory, count * sizeof(int32_t));
    if (memory->start) {
      test->lengths[axis] = count > 0 ? array : NULL;
    }
  }
}

/* How much memory the checks need. */
static size_t trial_bytes(const rondo_model *model) {
  trial test;
  trial_memory memory;
  memory.start = NULL;
  memory.used = 0;
  trial_lay_out(&test, model, &memory);
  return memory.used;
}

/* Lets a call go along its axes no farther than so many positions; 0: to their bounds. */
static void trial_limit(const trial *test, trial_call *made, int32_t limit) {
  const rondo_model *const model = test->model;
  made->call.lengths = limit > 0 ? test->lengths : NULL;
  for (int32_t axis = 0; limit > 0 && axis < model->axis_count; axis += 1) {
    const int32_t bound = model->axes[axis].bound;
    int32_t *const lengths = (int32_t *)(uintptr_t)test->lengths[axis];
    for (int32_t i = 0; lengths && i < trial_rows(model) * model->axes[axis].given; i += 1) {
      lengths[i] = bound < limit ? bound : limit;
    }
  }
}

/* Runs a call. */
static rondo_status trial_call_once(const trial *test, const trial_call *made) {
  return made->entry->run(&test->context, &made->call);
}

/* Runs a call on few positions if it can be, else to the bounds. */
static rondo_status trial_begin(const trial *test, trial_call *made, int32_t limit) {
  rondo_status status;
  trial_limit(test, made, limit);
  status = trial_call_once(test, made);
  if (status == RONDO_BAD_LENGTH || status == RONDO_NOT_FINITE) {
    trial_limit(test, made, 0);
    status = trial_call_once(test, made);
  }
  return status;
}
