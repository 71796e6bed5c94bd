/* Calls models at random, half of the time wrongly, under the sanitizers: what the header says is
 * checked must be refused by its status, and leave everything as it was.
 *
 *   driver SEED COUNT
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ModelABI.h"

extern const rondo_model reader_model_table;
extern const rondo_model numbers_model_table;

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t seed;
static uint64_t number;

static uint32_t chance(uint32_t below) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((seed >> 33) % below);
}

static int32_t any_of(const int32_t *values, uint32_t count) { return values[chance(count)]; }

/* ---- memory ---------------------------------------------------------------------------------- */

/* Arrays of a call, each of exactly its size, so that the sanitizer sees a step beyond. */
enum { MOST = 64 };
static void *arrays[MOST];
static size_t sizes[MOST];
static int array_count;

static void *array(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1);
  if (!memory || array_count == MOST) exit(3);
  sizes[array_count] = bytes;
  arrays[array_count++] = memory;
  return memory;
}

/* A model, its four blocks, and copies of them; in front of each a place that is not aligned. */
typedef struct machine {
  const rondo_model *table;
  unsigned char *blocks[4];
  unsigned char *copies[4];
} machine;

static void build(machine *m, const rondo_model *table) {
  m->table = table;
  for (int i = 0; i < 4; i += 1) {
    const size_t bytes = table->block_bytes[i];
    void *memory = NULL;
    if (posix_memalign(&memory, RONDO_ALIGNMENT, bytes ? bytes : 1)) exit(3);
    memset(memory, 0, bytes);
    m->blocks[i] = memory;
    m->copies[i] = malloc(bytes ? bytes : 1);
  }
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static const char *what = "";
static const char *wrong;   /* the mistake that was made, if any */
static int32_t expected;    /* the status it must have; -1: any but RONDO_OK; -2: any at all */

static void mistake(const char *text, int32_t status) {
  /* With several, the first that the model sees counts; here only that there is one. */
  expected = wrong && expected != status ? (expected == -2 || status == -2 ? -2 : -1) : status;
  if (wrong && expected == -2) expected = -1;
  wrong = text;
}

static void fail(const char *text, int32_t status) {
  printf("call %llu, %s, %s: %s, status %d\n", (unsigned long long)number, what,
         wrong ? wrong : "nothing wrong", text, (int)status);
  exit(1);
}

/* ---- a call ---------------------------------------------------------------------------------- */

static const int32_t wild[] = {0, -1, INT32_MAX, INT32_MIN, 1 << 20, -(1 << 20)};

/* The elements of an array for so many rows. */
static size_t elements(const rondo_tensor *tensor, int32_t batch) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor->rank; i += 1) {
    const rondo_dimension d = tensor->dimensions[i];
    count *= (size_t)(d.axis == 0 ? batch : d.extent);
  }
  return count;
}

static size_t element_size(int32_t element) {
  return element == RONDO_UINT64 ? 8 : element == RONDO_UINT8 ? 1 : 4;
}

static void *filled(const rondo_tensor *tensor, int32_t batch, int bad_token) {
  const size_t count = elements(tensor, batch);
  unsigned char *memory = array(count * element_size(tensor->element));
  /* Values that are no numbers are the caller's to give; they must do no harm. */
  const int odd = chance(16) == 0;
  for (size_t i = 0; i < count; i += 1) {
    switch (tensor->element) {
    case RONDO_FLOAT32: {
      float value = (float)chance(2001) / 1000.0f - 1.0f;
      if (tensor->role == RONDO_RATE) value = fabsf(value) / 8.0f;
      if (odd && chance(3) == 0) value = chance(2) ? NAN : INFINITY;
      memcpy(memory + i * 4, &value, 4);
      break;
    }
    case RONDO_INT32: {
      const int32_t value = (int32_t)chance((uint32_t)(tensor->tokens ? tensor->tokens : 5));
      memcpy(memory + i * 4, &value, 4);
      break;
    }
    case RONDO_UINT8:
      memory[i] = (unsigned char)(chance(8) ? chance(2) : chance(256));
      break;
    default: {
      const uint64_t value = seed * 31u;
      memcpy(memory + i * 8, &value, 8);
    }
    }
  }
  if (bad_token && tensor->tokens && count) {
    const int32_t values[] = {-1, tensor->tokens, INT32_MAX, INT32_MIN, 1 << 24};
    const int32_t value = any_of(values, 5);
    memcpy(memory, &value, 4); /* the first position counts whatever the lengths */
    mistake("a token", RONDO_BAD_TOKEN);
  }
  return memory;
}

/* Mistakes in what every call is given; the pointers may come back null. */
static void spoil(machine *m, rondo_context *context, rondo_call *call, const rondo_context **c,
                  const rondo_call **k) {
  void **const blocks[] = {&context->parameters, &context->state, &context->optimizer,
                           &context->work};
  const int32_t bound = m->table->axes[0].bound;
  const int32_t batches[] = {0, -1, bound + 1, INT32_MAX, INT32_MIN};
  const uint32_t block_number = chance(4);
  switch (chance(9)) {
  case 0: *c = NULL; mistake("no context", RONDO_NULL_POINTER); break;
  case 1: *k = NULL; mistake("no call", RONDO_NULL_POINTER); break;
  case 2:
    /* Whether the entry uses the block is for the entry to say. */
    *blocks[block_number] = NULL;
    mistake("no block", -2);
    break;
  case 3:
    if (m->table->block_bytes[block_number] == 0) break;
    *blocks[block_number] = m->blocks[block_number] + 1 + chance(RONDO_ALIGNMENT - 1);
    mistake("a misaligned block", RONDO_MISALIGNED);
    break;
  case 4: call->size = chance(2) ? chance(200) * 2 + 1 : 0; mistake("a size", RONDO_BAD_SIZE); break;
  case 5: call->batch = any_of(batches, 5); mistake("a batch", RONDO_BAD_BATCH); break;
  case 6: call->threads = chance(2) ? -1 : 2; mistake("threads", RONDO_THREADS); break;
  case 7: call->inputs = NULL; mistake("no inputs", -2); break;
  default: call->outputs = NULL; mistake("no outputs", -2); break;
  }
}

/* Lengths for all axes, right or wrong. */
static const int32_t *const *lengths_for(machine *m, const rondo_entry *entry, int32_t batch) {
  if (chance(3) == 0) return NULL;
  const int32_t **all = array(sizeof *all * (size_t)m->table->axis_count);
  for (int32_t a = 0; a < m->table->axis_count; a += 1) {
    const rondo_axis *axis = &m->table->axes[a];
    all[a] = NULL;
    if (a == 0 || axis->given == 0 || chance(4) == 0) continue;
    int32_t *own = array(sizeof *own * (size_t)batch * (size_t)axis->given);
    for (int32_t i = 0; i < batch * axis->given; i += 1) {
      own[i] = 1 + (int32_t)chance((uint32_t)axis->bound);
    }
    int runs = 0;
    for (int32_t t = 0; t < entry->input_count + entry->output_count; t += 1) {
      const rondo_tensor *tensor =
          t < entry->input_count ? &entry->inputs[t] : &entry->outputs[t - entry->input_count];
      for (int32_t d = 0; d < tensor->rank; d += 1) runs |= tensor->dimensions[d].axis == a;
    }
    if (runs && chance(6) == 0) {
      const int32_t values[] = {0, -1, axis->bound + 1, INT32_MAX, INT32_MIN};
      own[chance((uint32_t)(batch * axis->given))] = any_of(values, 5);
      mistake("a length", RONDO_BAD_LENGTH);
    }
    all[a] = own;
  }
  return all;
}

/* Whether the caller's arrays are as they were. */
static uint64_t hash_of_arrays(void) {
  uint64_t hash = 1469598103934665603u;
  for (int a = 0; a < array_count; a += 1) {
    for (size_t i = 0; i < sizes[a]; i += 1) {
      hash = (hash ^ ((unsigned char *)arrays[a])[i]) * 1099511628211u;
    }
  }
  return hash;
}

static void check(machine *m, int32_t status, uint64_t before) {
  const char *text = m->table->status_text(status);
  if (!text || !*text) fail("a status without a sentence", status);
  if (expected >= 0 && wrong && status != expected && status != RONDO_NOT_FINITE) {
    fail("another status than the mistake's", status);
  }
  if (expected == -1 && status == RONDO_OK) fail("a mistake went through", status);
  if (!wrong && status != RONDO_OK && status != RONDO_NOT_FINITE) fail("a right call refused", status);
  if (status == RONDO_OK) return;
  for (int i = 0; i < 3; i += 1) {
    if (memcmp(m->blocks[i], m->copies[i], m->table->block_bytes[i])) {
      fail("a refused call changed a block", status);
    }
  }
  if (status != RONDO_NOT_FINITE && hash_of_arrays() != before) {
    fail("a refused call wrote outputs", status);
  }
}

static void run(machine *m) {
  const rondo_entry *entry = &m->table->entries[chance((uint32_t)m->table->entry_count)];
  const int32_t bound = m->table->axes[0].bound;
  const int is_wrong = chance(2) != 0;
  rondo_context context = {m->blocks[0], m->blocks[1], m->blocks[2], m->blocks[3], NULL};
  const rondo_context *c = &context;
  rondo_call call;
  const rondo_call *k = &call;
  what = entry->name;
  memset(&call, 0, sizeof call);
  call.size = sizeof call;
  call.batch = 1 + (int32_t)chance((uint32_t)bound);
  call.threads = (int32_t)chance(2);
  call.first_example = chance(1u << 31);
  const int32_t batch = call.batch;
  const void **inputs = array(sizeof *inputs * (size_t)(entry->input_count + 1));
  void **outputs = array(sizeof *outputs * (size_t)(entry->output_count + 1));
  const int bad = is_wrong && chance(3) == 0 ? (int)chance((uint32_t)entry->input_count + 1) : -1;
  for (int32_t i = 0; i < entry->input_count; i += 1) {
    inputs[i] = filled(&entry->inputs[i], batch, bad == i);
  }
  for (int32_t i = 0; i < entry->output_count; i += 1) {
    const size_t bytes =
        elements(&entry->outputs[i], batch) * element_size(entry->outputs[i].element);
    outputs[i] = chance(8) ? memset(array(bytes), 0x55, bytes) : NULL;
  }
  call.inputs = inputs;
  call.outputs = outputs;
  if (!entry->run) {
    const int32_t width = chance(3) ? (int32_t)chance(2) : 1 + (int32_t)chance(4);
    rondo_generation how;
    const rondo_generation *h = &how;
    memset(&how, 0, sizeof how);
    how.size = sizeof how;
    how.limit = 1 + (int32_t)chance(6);
    how.prompt_length = (int32_t)chance(4);
    how.top_k = (int32_t)chance(20);
    how.top_p = 0.05f + 0.95f * (float)chance(1000) / 999.0f;
    if (how.top_p > 1.0f) how.top_p = 1.0f;
    how.temperature = (float)chance(30) / 10.0f;
    how.seed = seed;
    how.beam_width = width;
    how.length_penalty = (float)chance(20) / 10.0f;
    if (width > 1 && width > bound / batch) mistake("a beam", RONDO_BAD_OPTION);
    const rondo_tensor *target = &entry->outputs[0];
    const size_t prompts = (size_t)(batch * how.prompt_length);
    int32_t *prompt = array(prompts * 4);
    for (size_t i = 0; i < prompts; i += 1) prompt[i] = (int32_t)chance((uint32_t)target->tokens);
    how.prompt = prompt;
    how.values = array((size_t)(batch * how.limit) * 4);
    how.lengths = chance(3) ? array((size_t)batch * 4) : NULL;
    how.log_probability = chance(3) ? array((size_t)batch * 4) : NULL;
    const size_t rows = (size_t)(batch * (width > 1 ? width : 1));
    how.beams = width > 1 || chance(2) ? array(rows * (size_t)how.limit * 4) : NULL;
    how.beam_lengths = chance(2) ? array(rows * 4) : NULL;
    how.beam_log_probability = chance(2) ? array(rows * 4) : NULL;
    for (int a = 0; a < array_count; a += 1) {
      if (arrays[a] != prompt && arrays[a] != (void *)inputs && arrays[a] != (void *)outputs) {
        memset(arrays[a], 0x55, sizes[a]);
      }
    }
    if (is_wrong) {
      switch (chance(12)) {
      case 0: h = NULL; mistake("no generation", RONDO_NULL_POINTER); break;
      case 1: how.size = chance(97); mistake("its size", RONDO_BAD_SIZE); break;
      case 2: how.limit = any_of(wild, 2); mistake("a limit", RONDO_BAD_OPTION); break;
      case 3: how.limit = INT32_MIN; mistake("a limit", RONDO_BAD_OPTION); break;
      case 4: how.prompt_length = -1; mistake("a prompt's length", RONDO_BAD_OPTION); break;
      case 5: how.top_k = -1; mistake("top_k", RONDO_BAD_OPTION); break;
      case 6: how.top_p = chance(2) ? NAN : -0.5f; mistake("top_p", RONDO_BAD_OPTION); break;
      case 7: how.temperature = chance(2) ? NAN : INFINITY; mistake("heat", RONDO_BAD_OPTION); break;
      case 8: how.beam_width = chance(2) ? -1 : INT32_MAX; mistake("a beam", RONDO_BAD_OPTION); break;
      case 9: how.values = NULL; mistake("no values", RONDO_NULL_POINTER); break;
      case 10:
        if (prompts) {
          const int32_t tokens[] = {-1, target->tokens, INT32_MAX, INT32_MIN};
          prompt[chance((uint32_t)prompts)] = any_of(tokens, 4);
          mistake("a prompt's token", RONDO_BAD_TOKEN);
        }
        break;
      default: spoil(m, &context, &call, &c, &k);
      }
      if (wrong && (!strcmp(wrong, "no inputs") || !strcmp(wrong, "no outputs"))) expected = -2;
    }
    const uint64_t before = hash_of_arrays();
    check(m, m->table->generate(c, k, h), before);
    return;
  }
  call.lengths = lengths_for(m, entry, batch);
  if (is_wrong && bad < 0) {
    if (chance(4) == 0 && entry->input_count) {
      inputs[chance((uint32_t)entry->input_count)] = NULL;
      mistake("no input", -2);
    } else {
      spoil(m, &context, &call, &c, &k);
    }
  }
  const uint64_t before = hash_of_arrays();
  check(m, entry->run(c, k), before);
}

/* Reads or writes a variable. */
static void variable(machine *m) {
  const int32_t block = (int32_t)chance(3);
  const int32_t counts[] = {m->table->parameter_count, m->table->state_count,
                            m->table->optimizer_count};
  const rondo_tensor *const all[] = {m->table->parameters, m->table->states, m->table->optimizers};
  rondo_context context = {m->blocks[0], m->blocks[1], m->blocks[2], m->blocks[3], NULL};
  const rondo_context *c = &context;
  const int writes = chance(2) != 0;
  what = writes ? "set" : "get";
  if (counts[block] == 0) return;
  int32_t asked = block;
  int32_t index = (int32_t)chance((uint32_t)counts[block]);
  const rondo_tensor *tensor = &all[block][index];
  const size_t count = elements(tensor, m->table->axes[0].bound);
  float *values = array(count * 4);
  float *given = values;
  for (size_t i = 0; i < count; i += 1) {
    values[i] = tensor->tokens ? (float)chance((uint32_t)tensor->tokens)
                               : (float)chance(2001) / 1000.0f - 1.0f;
  }
  if (chance(2)) {
    const int32_t indices[] = {-1, counts[block], INT32_MAX, INT32_MIN};
    const int32_t blocks[] = {-1, 3, 4, INT32_MAX, INT32_MIN};
    void **const places[] = {&context.parameters, &context.state, &context.optimizer};
    switch (chance(6)) {
    case 0: c = NULL; mistake("no context", RONDO_NULL_POINTER); break;
    case 1: given = NULL; mistake("no values", RONDO_NULL_POINTER); break;
    case 2: *places[block] = NULL; mistake("no block", RONDO_NULL_POINTER); break;
    case 3: index = any_of(indices, 4); mistake("an index", RONDO_BAD_INDEX); break;
    case 4: asked = any_of(blocks, 5); mistake("a block", RONDO_BAD_INDEX); break;
    default:
      *places[block] = m->blocks[block] + 1 + chance(RONDO_ALIGNMENT - 1);
      mistake("a misaligned block", RONDO_MISALIGNED);
    }
    if (!wrong && tensor->tokens) {
      const float bad[] = {-2.0f, (float)tensor->tokens, NAN, INFINITY};
      values[chance((uint32_t)count)] = bad[chance(4)];
      if (writes) mistake("a token", RONDO_BAD_TOKEN);
    }
  }
  const uint64_t before = hash_of_arrays();
  check(m, writes ? m->table->set(c, asked, index, given) : m->table->get(c, asked, index, given),
        before);
}

/* Copies a row's states to another row. */
static void transfer(machine *m) {
  const int32_t bound = m->table->axes[0].bound;
  const int32_t rows[] = {-1, bound, INT32_MAX, INT32_MIN};
  rondo_context contexts[2];
  const rondo_context *to = &contexts[0];
  const rondo_context *from = &contexts[1];
  int32_t to_row = (int32_t)chance((uint32_t)bound);
  int32_t from_row = (int32_t)chance((uint32_t)bound);
  what = "copy_state";
  if (!m->table->copy_state) return;
  memset(contexts, 0, sizeof contexts);
  contexts[0].state = contexts[1].state = m->blocks[RONDO_STATE];
  if (chance(2)) {
    switch (chance(5)) {
    case 0: to = NULL; mistake("nowhere to", RONDO_NULL_POINTER); break;
    case 1: from = NULL; mistake("nowhere from", RONDO_NULL_POINTER); break;
    case 2: contexts[chance(2)].state = NULL; mistake("no states", RONDO_NULL_POINTER); break;
    case 3: to_row = any_of(rows, 4); mistake("a row", RONDO_BAD_BATCH); break;
    default: from_row = any_of(rows, 4); mistake("a row", RONDO_BAD_BATCH);
    }
  }
  check(m, m->table->copy_state(to, to_row, from, from_row), hash_of_arrays());
}

/* Asks for sentences of any status, and for workers that there cannot be. */
static void ask(machine *m) {
  const int32_t counts[] = {0, -1, RONDO_MOST_THREADS + 1, INT32_MAX, INT32_MIN};
  const char *text = m->table->status_text((int32_t)chance(64) - 16);
  what = "status_text";
  if (!text || !*text) fail("a status without a sentence", 0);
  what = "start_workers";
  if (m->table->start_workers(any_of(counts, 5))) fail("workers that cannot be", 0);
  m->table->stop_workers(NULL);
}

int main(int argc, char **argv) {
  static machine machines[2];
  uint64_t refused = 0;
  if (argc != 3) return 2;
  seed = strtoull(argv[1], NULL, 10);
  const uint64_t total = strtoull(argv[2], NULL, 10);
  build(&machines[0], &reader_model_table);
  build(&machines[1], &numbers_model_table);
  for (number = 0; number < total; number += 1) {
    machine *m = &machines[chance(2)];
    for (int i = 0; i < 4; i += 1) memcpy(m->copies[i], m->blocks[i], m->table->block_bytes[i]);
    wrong = NULL;
    expected = -2;
    array_count = 0;
    if (chance(16) == 0) {
      transfer(m);
    } else if (chance(32) == 0) {
      ask(m);
    } else if (chance(8) == 0) {
      variable(m);
    } else {
      run(m);
    }
    refused += wrong != NULL;
    for (int a = 0; a < array_count; a += 1) free(arrays[a]);
  }
  printf("%llu calls, %llu of them wrong\n", (unsigned long long)total, (unsigned long long)refused);
  for (int j = 0; j < 2; j += 1) {
    for (int i = 0; i < 4; i += 1) {
      free(machines[j].blocks[i]);
      free(machines[j].copies[i]);
    }
  }
  return 0;
}
