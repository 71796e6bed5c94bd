/* Trains the model `meter` for a while and lets it expect: one number that follows from every bit of the
 * losses, the guesses and the weights. It needs no memory but its own, and nothing of the system. */

#include "cross.h"
#include "meter.h"

/* The four blocks, aligned by hand. */
#define ROOM(bytes) ((bytes) / METER_ALIGNMENT + 2) * METER_ALIGNMENT
static unsigned char parameters[ROOM(METER_PARAMETERS_BYTES)];
static unsigned char state[ROOM(METER_STATE_BYTES)];
static unsigned char optimizer[ROOM(METER_OPTIMIZER_BYTES)];
static unsigned char work[ROOM(METER_WORK_BYTES)];

static void *aligned(unsigned char *room) {
  return room + (METER_ALIGNMENT - (uintptr_t)room % METER_ALIGNMENT);
}

/* Mixes a number's bits in, whatever order its bytes are stored in. */
static uint32_t mixed(uint32_t hash, float value) {
  union {
    float number;
    uint32_t bits;
  } both;
  both.number = value;
  return (hash ^ both.bits) * 16777619u ^ (hash >> 15);
}

uint32_t cross(void) {
  static float values[METER_TIME_BOUND];
  static float coming[METER_TIME_BOUND];
  static float weights[1024];
  meter_context context = {0};
  uint8_t fresh = 1;
  uint32_t hash = 2166136261u;
  uint32_t chance = 1;
  context.parameters = aligned(parameters);
  context.state = aligned(state);
  context.optimizer = aligned(optimizer);
  context.work = aligned(work);
  if (meter_initialize(&context, 1, 7)) return 1;
  for (int update = 0; update < 20; update += 1) {
    float loss = 0;
    for (int i = 0; i < METER_TIME_BOUND; i += 1) {
      chance = chance * 1664525u + 1013904223u;
      values[i] = (float)(chance >> 8) / 8388608.0f - 1.0f;
      coming[i] = i > 0 ? values[i - 1] * 0.75f : 0.0f;
    }
    if (meter_train(&context, 1, 0, values, coming, &fresh, 0.01f, &loss)) return 2;
    hash = mixed(hash, loss);
    fresh = 0;
  }
  if (meter_begin(&context, 1)) return 3;
  for (int i = 0; i < METER_TIME_BOUND; i += 1) {
    float guess = 0;
    if (meter_step(&context, 1, &values[i], &guess)) return 4;
    hash = mixed(hash, guess);
  }
  for (int32_t index = 0; index < meter_model_table.parameter_count; index += 1) {
    const meter_tensor *const tensor = &meter_model_table.parameters[index];
    int32_t count = 1;
    for (int32_t i = 0; i < tensor->rank; i += 1) count *= tensor->dimensions[i].extent;
    if (count > 1024) return 5;
    if (meter_model_table.get(&context, METER_PARAMETERS, index, weights)) return 6;
    for (int32_t i = 0; i < count; i += 1) hash = mixed(hash, weights[i]);
  }
  return hash;
}
