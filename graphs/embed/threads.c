/* Three models in one program, on eight threads at once; each result is held against one thread's.
 *
 *     rondo build graphs/embed/meter.graph --with static -o build/meter
 *     rondo build graphs/embed/overdrive.graph --batch 8 --with static -o build/overdrive
 *     rondo build graphs/embed/waves.graph --batch 32 --with static -o build/waves
 *     cc -std=c11 -O2 -Ibuild/meter -Ibuild/overdrive -Ibuild/waves graphs/embed/threads.c \
 *       build/meter/libmeter.a build/overdrive/liboverdrive.a build/waves/libwaves.a \
 *       -lm -pthread -o build/threads
 *     build/threads
 *
 * Weights are read only while a model infers, so that all threads share them. What is written, the
 * arena and the states, each thread has for itself: a context is nothing but four pointers.
 */

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter.h"
#include "overdrive.h"
#include "waves.h"

enum { THREADS = 8, ROUNDS = 16, SERIES = METER_TIME_BOUND, SOUND = OVERDRIVE_TIME_BOUND };

/* The weights, which main writes before the threads begin. */
static meter_context *meter;
static overdrive_context *overdrive;
static waves_context *waves;

/* All that one round of one thread calculates. */
typedef struct results {
  float guesses[SERIES];
  float sound[SOUND];
  float chances[3];
  int32_t answer;
} results;

static results expected[ROUNDS];

/* The round's input: the same for each thread. */
static void fill(float *values, int count, int round) {
  uint32_t z = (uint32_t)round * 2654435769u + 1u;
  for (int i = 0; i < count; i += 1) {
    z = z * 1664525u + 1013904223u;
    values[i] = (float)(z >> 8) / 8388608.0f - 1.0f;
  }
}

/* One call of each model; a stream of steps for the second. */
static int run(const meter_context *m, const overdrive_context *o, const waves_context *w, int round,
               results *r) {
  float values[WAVES_TIME_BOUND + OVERDRIVE_TIME_BOUND];
  memset(r, 0, sizeof *r);
  fill(values, WAVES_TIME_BOUND + OVERDRIVE_TIME_BOUND, round);
  int32_t status = meter_infer(m, 1, NULL, values, r->guesses);
  if (status == METER_OK) status = waves_infer(w, 1, NULL, values, r->chances, &r->answer);
  if (status == WAVES_OK) status = overdrive_begin(o, 1);
  for (int i = 0; i < SOUND && status == OVERDRIVE_OK; i += 1) {
    status = overdrive_step(o, 1, &values[i], &r->sound[i]);
  }
  return status;
}

/* One thread: contexts of its own that share the weights. The results of its rounds are compared. */
static void *work(void *unused) {
  meter_context *const own_meter = meter_create();
  overdrive_context *const own_overdrive = overdrive_create();
  waves_context *const own_waves = waves_create();
  intptr_t wrong = ROUNDS;
  (void)unused;
  if (own_meter && own_overdrive && own_waves) {
    meter_context m = *own_meter;
    overdrive_context o = *own_overdrive;
    waves_context w = *own_waves;
    m.parameters = meter->parameters;
    o.parameters = overdrive->parameters;
    w.parameters = waves->parameters;
    wrong = 0;
    for (int round = 0; round < ROUNDS; round += 1) {
      results r;
      const int status = run(&m, &o, &w, round, &r);
      wrong += status != 0 || memcmp(&r, &expected[round], sizeof r) != 0;
    }
  }
  waves_destroy(own_waves);
  overdrive_destroy(own_overdrive);
  meter_destroy(own_meter);
  return (void *)wrong;
}

int main(void) {
  pthread_t threads[THREADS];
  int started = 0;
  intptr_t wrong = 0;
  meter = meter_create();
  overdrive = overdrive_create();
  waves = waves_create();
  if (!meter || !overdrive || !waves) {
    fprintf(stderr, "threads: there is no memory\n");
    return 1;
  }
  if (meter_initialize(meter, 1, 1) || overdrive_initialize(overdrive, 1, 2) ||
      waves_initialize(waves, 1, 3)) {
    fprintf(stderr, "threads: first values are refused\n");
    return 1;
  }
  for (int round = 0; round < ROUNDS; round += 1) {
    if (run(meter, overdrive, waves, round, &expected[round])) {
      fprintf(stderr, "threads: a call is refused\n");
      return 1;
    }
  }
  while (started < THREADS && pthread_create(&threads[started], NULL, work, NULL) == 0) {
    started += 1;
  }
  for (int i = 0; i < started; i += 1) {
    void *its = NULL;
    pthread_join(threads[i], &its);
    wrong += (intptr_t)its;
  }
  printf("%d threads, %d rounds of three models each: %ld differ\n", started, ROUNDS, (long)wrong);
  waves_destroy(waves);
  overdrive_destroy(overdrive);
  meter_destroy(meter);
  return started == THREADS && wrong == 0 ? 0 : 1;
}
