/* A program that calls everything a model has, on random data, so that tools which watch memory can
 * look on: sanitizers, valgrind, or with COUNTS_MEMORY its own malloc. With THREADS=N calls have N threads.
 *
 * Every array has memory of its own and of exactly the size the table states. The work block begins
 * unset. Wrong calls come between the others and must be refused. The last line is a hash of all that was
 * left, which is the same however the strict model is compiled.
 *
 * What follows the model's header: rondo_ stands for the model's prefix. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef COUNTS_MEMORY
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Memory for the whole run; nothing is ever given back. */
static unsigned char memory[1 << 28] __attribute__((aligned(64)));
static size_t memory_used;
/* How often memory was asked for or given back. */
static long memory_calls;

void *aligned_alloc(size_t alignment, size_t bytes) {
  const size_t start = (memory_used + alignment - 1) / alignment * alignment;
  memory_calls += 1;
  if (bytes > sizeof memory - start) {
    abort();
  }
  memory_used = start + bytes;
  return memory + start;
}
void *malloc(size_t bytes) { return aligned_alloc(64, bytes); }
void *calloc(size_t count, size_t bytes) { return malloc(count * bytes); }
void *realloc(void *old, size_t bytes) {
  void *moved = malloc(bytes);
  if (old) {
    const size_t left = (size_t)(memory + sizeof memory - (unsigned char *)old);
    memmove(moved, old, bytes < left ? bytes : left);
  }
  return moved;
}
void free(void *old) {
  (void)old;
  memory_calls += 1;
}
void *mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset) {
  memory_calls += 1;
  return (void *)syscall(SYS_mmap, at, bytes, protection, flags, file, offset);
}
#else
static const long memory_calls = 0;
#endif

static const rondo_model *const model = &rondo_model_table;
static uint64_t hash = 0xcbf29ce484222325u;
static uint64_t random_state = 1;

/* The next of a row of numbers, below a bound. */
static uint32_t below(uint32_t bound) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(((random_state >> 32) * bound) >> 32);
}

/* From -1.1 to 1.3, in one rounding, so that no compiler can fuse anything. */
static float real(void) { return (float)((int32_t)below(1u << 20) - 480000) / 436907.0f; }

/* Goes on with the hash. */
static void note(const void *bytes, size_t count) {
  size_t i;
  for (i = 0; i < count; i += 1) {
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
  }
}

/* Floats, every NaN as one. */
static void note_floats(const float *floats, size_t count) {
  size_t i;
  for (i = 0; i < count; i += 1) {
    uint32_t bits = 0x7fc00000u;
    if (floats[i] == floats[i]) {
      memcpy(&bits, &floats[i], sizeof bits);
    }
    note(&bits, sizeof bits);
  }
}

/* Ends the program, saying why. */
static void fail(const char *entry, const char *what, rondo_status status) {
  printf("%s: %s, status %d\n", entry, what, (int)status);
  exit(3);
}

static size_t count_of(const rondo_tensor *tensor, int32_t batch) {
  size_t count = 1;
  int32_t i;
  for (i = 0; i < tensor->rank; i += 1) {
    const rondo_dimension dimension = tensor->dimensions[i];
    count *= (size_t)(dimension.axis == 0 ? batch : dimension.extent);
  }
  return count;
}

static size_t size_of(int32_t element) {
  return element == RONDO_UINT8 ? 1 : element == RONDO_UINT64 ? 8 : 4;
}

/* An array for an input, filled. */
static void *input_of(const rondo_tensor *tensor, int32_t batch) {
  const size_t count = count_of(tensor, batch);
  void *const array = malloc(count * size_of(tensor->element));
  size_t i;
  for (i = 0; i < count; i += 1) {
    if (tensor->element == RONDO_UINT8) {
      ((uint8_t *)array)[i] = (uint8_t)below(2);
    } else if (tensor->element == RONDO_UINT64) {
      ((uint64_t *)array)[i] = below(1000);
    } else if (tensor->element == RONDO_INT32) {
      ((int32_t *)array)[i] = (int32_t)below(tensor->tokens > 0 ? (uint32_t)tensor->tokens : 1);
    } else {
      ((float *)array)[i] = tensor->role == RONDO_RATE ? 0.01f : real();
    }
  }
  return array;
}

/* Calls an entry, and counts that nothing asks for memory. */
static rondo_status run(const rondo_entry *entry, const rondo_context *context,
                        const rondo_call *call) {
  const long before = memory_calls;
  const rondo_status status = entry->run(context, call);
  if (memory_calls != before) {
    fail(entry->name, "memory was asked for", status);
  }
  return status;
}

/* Calls that must be refused: each differs from a good one in one thing. */
static void refuse(const rondo_entry *entry, const rondo_context *context, const rondo_call *good) {
  rondo_call call = *good;
  int32_t i;
  if (run(entry, NULL, &call) == RONDO_OK || run(entry, context, NULL) == RONDO_OK) {
    fail(entry->name, "a null pointer was taken", RONDO_OK);
  }
  call.size -= 1;
  if (run(entry, context, &call) != RONDO_BAD_SIZE) {
    fail(entry->name, "a wrong size was taken", RONDO_OK);
  }
  call = *good;
  call.batch = 0;
  if (run(entry, context, &call) != RONDO_BAD_BATCH) {
    fail(entry->name, "no rows were taken", RONDO_OK);
  }
  call.batch = INT32_MAX;
  if (run(entry, context, &call) != RONDO_BAD_BATCH) {
    fail(entry->name, "too many rows were taken", RONDO_OK);
  }
  call = *good;
  for (i = 0; i < entry->input_count; i += 1) {
    const rondo_tensor *const tensor = &entry->inputs[i];
    if (tensor->element == RONDO_INT32 && tensor->tokens > 0) {
      int32_t *const tokens = (int32_t *)(void *)(uintptr_t)good->inputs[i];
      const int32_t first = tokens[0];
      const int32_t wrong[] = {tensor->tokens, INT32_MAX, -2, INT32_MIN};
      size_t j;
      for (j = 0; j < sizeof wrong / sizeof wrong[0]; j += 1) {
        tokens[0] = wrong[j];
        if (run(entry, context, &call) != RONDO_BAD_TOKEN) {
          fail(entry->name, "a wrong token was taken", RONDO_OK);
        }
      }
      tokens[0] = first;
    }
  }
}

/* Lengths of every axis that a call gives lengths of. */
static const int32_t **lengths_of(int32_t batch, int at_bounds) {
  const int32_t **const lengths =
      (const int32_t **)calloc((size_t)model->axis_count, sizeof(int32_t *));
  int32_t axis, i;
  for (axis = 1; axis < model->axis_count; axis += 1) {
    const rondo_axis *const its = &model->axes[axis];
    if (its->given > 0) {
      int32_t *const array = (int32_t *)malloc((size_t)(batch * its->given) * sizeof(int32_t));
      int32_t least = its->bound < 8 ? 1 : its->bound / 2;
      for (i = 1; i < model->axis_count; i += 1) {
        /* An axis that is made of this one must have a place. */
        if (model->axes[i].source == axis && model->axes[i].divisor > least) {
          least = model->axes[i].divisor;
        }
      }
      for (i = 0; i < batch * its->given; i += 1) {
        array[i] = at_bounds ? its->bound
                             : least + (int32_t)below((uint32_t)(its->bound - least + 1));
      }
      lengths[axis] = array;
    }
  }
  return lengths;
}

static void free_lengths(const int32_t **lengths) {
  int32_t axis;
  for (axis = 0; axis < model->axis_count; axis += 1) {
    free((void *)(uintptr_t)lengths[axis]);
  }
  free((void *)lengths);
}

/* How many elements one position of a row has. */
static size_t width_of(const rondo_tensor *tensor) {
  size_t count = 1;
  int32_t i;
  for (i = 0; i < tensor->rank; i += 1) {
    count *= tensor->dimensions[i].axis < 0 ? (size_t)tensor->dimensions[i].extent : 1;
  }
  return count;
}

/* Draws rows, and with a beam where it may. */
static void generate(const rondo_entry *entry, const rondo_context *context,
                     const rondo_call *call) {
  const rondo_tensor *const target = &entry->outputs[0];
  const size_t width = width_of(target) * 4;
  const size_t rows = (size_t)call->batch;
  const int32_t limit = 5, prompt_length = 2;
  size_t i;
  int32_t beams;
  for (beams = 0; beams <= 2; beams += 2) {
    rondo_generation g;
    rondo_status status;
    long before;
    memset(&g, 0, sizeof g);
    g.size = sizeof g;
    g.limit = limit;
    g.prompt_length = prompt_length;
    g.top_k = 3;
    g.top_p = 0.9f;
    g.temperature = 0.8f;
    g.seed = 7;
    g.beam_width = beams;
    {
      unsigned char *const prompt = (unsigned char *)malloc(rows * 2 * width);
      for (i = 0; i < rows * 2 * width; i += 4) {
        const int32_t token = (int32_t)below(target->tokens > 0 ? (uint32_t)target->tokens : 1);
        const float number = real();
        memcpy(prompt + i, target->element == RONDO_INT32 ? (const void *)&token : &number, 4);
      }
      g.prompt = prompt;
    }
    g.values = malloc(rows * (size_t)limit * width);
    g.lengths = (int32_t *)malloc(rows * 4);
    g.log_probability = (float *)malloc(rows * 4);
    g.beams = (int32_t *)malloc(rows * 2 * (size_t)limit * 4);
    g.beam_lengths = (int32_t *)malloc(rows * 2 * 4);
    g.beam_log_probability = (float *)malloc(rows * 2 * 4);
    before = memory_calls;
    status = model->generate(context, call, &g);
    if (memory_calls != before) {
      fail("generate", "memory was asked for", status);
    }
    if (status == RONDO_OK) {
      /* Behind a row's own values stands whatever stood there. */
      for (i = 0; i < rows; i += 1) {
        note((const unsigned char *)g.values + i * (size_t)limit * width,
             (size_t)g.lengths[i] * width);
      }
      note(g.lengths, rows * 4);
      note_floats(g.log_probability, rows);
    } else if (beams == 0) {
      fail("generate", "a good call was refused", status);
    }
    free((void *)(uintptr_t)g.prompt);
    free(g.values);
    free(g.lengths);
    free(g.log_probability);
    free(g.beams);
    free(g.beam_lengths);
    free(g.beam_log_probability);
  }
}

/* One call of an entry on arrays of its own. */
static void exercise(const rondo_entry *entry, const rondo_context *context, int round) {
  const int32_t batch = round == 0 ? RONDO_BATCH : 1 + (int32_t)below(RONDO_BATCH);
  void **const inputs = (void **)calloc((size_t)entry->input_count + 1, sizeof(void *));
  void **const outputs = (void **)calloc((size_t)entry->output_count + 1, sizeof(void *));
  const int32_t **const lengths = lengths_of(batch, round == 0);
  rondo_call call;
  rondo_status status;
  int32_t i;
  for (i = 0; i < entry->input_count; i += 1) {
    inputs[i] = input_of(&entry->inputs[i], batch);
  }
  for (i = 0; i < entry->output_count; i += 1) {
    const rondo_tensor *const tensor = &entry->outputs[i];
    /* In the last round every other output is not wanted. */
    if (round < 2 || i % 2 == 0) {
      outputs[i] = malloc(count_of(tensor, batch) * size_of(tensor->element));
    }
  }
  memset(&call, 0, sizeof call);
  call.size = sizeof call;
  call.batch = batch;
  call.lengths = lengths;
  call.inputs = (const void *const *)inputs;
  call.outputs = outputs;
  if (!entry->run) {
    generate(entry, context, &call);
  } else {
    if (round == 0) {
      refuse(entry, context, &call);
    }
    status = run(entry, context, &call);
    if (status != RONDO_OK && status != RONDO_NOT_FINITE) {
      fail(entry->name, "a good call was refused", status);
    }
    for (i = 0; i < entry->output_count; i += 1) {
      const rondo_tensor *const tensor = &entry->outputs[i];
      if (outputs[i] && status == RONDO_OK) {
        if (tensor->element == RONDO_FLOAT32) {
          note_floats((const float *)outputs[i], count_of(tensor, batch));
        } else {
          note(outputs[i], count_of(tensor, batch) * size_of(tensor->element));
        }
      }
    }
  }
  for (i = 0; i < entry->input_count; i += 1) {
    free(inputs[i]);
  }
  for (i = 0; i < entry->output_count; i += 1) {
    free(outputs[i]);
  }
  free((void *)inputs);
  free((void *)outputs);
  free_lengths(lengths);
}

/* Sets every weight, reads every variable, and asks for some that are not there. */
static void touch_variables(const rondo_context *context, int sets) {
  const rondo_tensor *const tensors[] = {model->parameters, model->states, model->optimizers};
  const int32_t counts[] = {model->parameter_count, model->state_count, model->optimizer_count};
  int32_t block, i;
  float one = 0.0f;
  for (block = 0; block < 3; block += 1) {
    for (i = 0; i < counts[block]; i += 1) {
      const size_t count = count_of(&tensors[block][i], RONDO_BATCH);
      float *const values = (float *)malloc(count * sizeof(float));
      size_t j;
      if (block == RONDO_PARAMETERS && sets) {
        for (j = 0; j < count; j += 1) {
          values[j] = real();
        }
        if (model->set(context, block, i, values) != RONDO_OK) {
          fail(tensors[block][i].name, "cannot be set", RONDO_OK);
        }
      }
      if (model->get(context, block, i, values) != RONDO_OK) {
        fail(tensors[block][i].name, "cannot be read", RONDO_OK);
      }
      note_floats(values, count);
      free(values);
    }
    if (model->get(context, block, counts[block], &one) != RONDO_BAD_INDEX ||
        model->get(context, block, -1, &one) != RONDO_BAD_INDEX) {
      fail("get", "a variable that is not there was read", RONDO_OK);
    }
  }
}

/* A block's memory, of exactly its size. */
static void *block_of(int32_t block) {
  const size_t bytes = model->block_bytes[block];
  void *const start = bytes > 0 ? aligned_alloc(RONDO_ALIGNMENT, bytes) : NULL;
  if (start && block != RONDO_WORK) {
    memset(start, 0, bytes);
  }
  return start;
}

int main(void) {
  rondo_context context;
  rondo_context *made;
  int round;
  int32_t i;
  context.parameters = block_of(RONDO_PARAMETERS);
  context.state = block_of(RONDO_STATE);
  context.optimizer = block_of(RONDO_OPTIMIZER);
  context.work = block_of(RONDO_WORK);
#ifdef THREADS
  context.workers = rondo_start_workers(THREADS);
  if (!context.workers) {
    fail("start_workers", "there are no threads", RONDO_OK);
  }
#else
  context.workers = NULL;
#endif
  touch_variables(&context, 1);
  for (round = 0; round < 3; round += 1) {
    for (i = 0; i < model->entry_count; i += 1) {
      if (strcmp(model->entries[i].name, "initialize") == 0 && round > 0) {
        continue;
      }
      exercise(&model->entries[i], &context, round);
    }
    touch_variables(&context, round == 1);
  }
  rondo_stop_workers(context.workers);
  free(context.parameters);
  free(context.state);
  free(context.optimizer);
  free(context.work);
  made = rondo_create();
  rondo_destroy(made);
  rondo_destroy(NULL);
  printf("%016llx\n", (unsigned long long)hash);
  return 0;
}
