/* Learns a series while it comes: reads numbers, one a line, and says how well it expects the next.
 *
 *     rondo build graphs/embed/meter.graph -o build/meter
 *     cc -std=c99 -O2 -Ibuild/meter graphs/embed/online.c build/meter/meter.c -lm -o build/online
 *     build/online < NUMBERS
 *
 * There is no file but meter.c and meter.h, and no memory is taken after create. Each value goes
 * through the stream, which expects the next one; every sixteen values are a window to learn from.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter.h"

/* What is said each time so many values have come. */
enum { REPORT = 256 };

/* The learner's own state: the weights are the stream's, but it is elsewhere in the series. */
static unsigned char room[METER_STATE_BYTES + METER_ALIGNMENT];

/* Ends with the model's sentence for what is wrong. */
static void check(meter_status status) {
  if (status == METER_OK) return;
  fprintf(stderr, "online: %s\n", meter_status_text(status));
  exit(1);
}

/* The next number; 0 at the end. Whatever is no number ends the program. */
static int read_number(long line, float *number) {
  char text[64];
  char *end;
  if (!fgets(text, sizeof text, stdin)) return 0;
  *number = strtof(text, &end);
  if (end == text || end[strspn(end, " \t\r\n")] != '\0' || !isfinite(*number)) {
    text[strcspn(text, "\r\n")] = '\0';
    fprintf(stderr, "online: line %ld is '%s', and no number\n", line, text);
    exit(1);
  }
  return 1;
}

int main(void) {
  static float values[METER_TIME_BOUND];
  static float coming[METER_TIME_BOUND];
  const uint8_t fresh = 0;
  int32_t count = 0; /* pairs in the window */
  long line = 0;
  float value;
  float last = 0;
  float guess = 0;
  float loss = 0;
  double error = 0;
  double repeating = 0;
  meter_context *const stream = meter_create();
  meter_context learner;
  if (!stream) {
    fprintf(stderr, "online: there is no memory\n");
    return 1;
  }
  learner = *stream;
  learner.state = room + METER_ALIGNMENT - (uintptr_t)room % METER_ALIGNMENT;
  check(meter_initialize(stream, 1, 7));
  check(meter_begin(stream, 1));
  check(meter_begin(&learner, 1));

  while (read_number(line + 1, &value)) {
    line += 1;
    if (line > 1) {
      error += fabs((double)(guess - value));
      repeating += fabs((double)(last - value));
      values[count] = last;
      coming[count] = value;
      count += 1;
    }
    if (count == METER_TIME_BOUND) {
      check(meter_train(&learner, 1, NULL, values, coming, &fresh, 0.01f, &loss));
      count = 0;
    }
    check(meter_step(stream, 1, &value, &guess));
    last = value;
    if (line % REPORT == 0) {
      printf("%ld values: off by %.4f, the last value by %.4f\n", line, error / REPORT,
             repeating / REPORT);
      error = repeating = 0;
    }
  }
  if (line > 0) printf("next: %.4f\n", (double)guess);
  meter_destroy(stream);
  return 0;
}
