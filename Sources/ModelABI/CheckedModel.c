#include "CheckedModel.h"

#include <string.h>

#include "Trial.h"

#include "Checks.h"

size_t rondo_trial_bytes(const rondo_model *model) { return trial_bytes(model); }

rondo_status rondo_trial(const rondo_model *model, int stops, rondo_workers *workers, void *memory,
                         size_t bytes, rondo_report *report) {
  return trial_run(model, stops, workers, memory, bytes, report);
}
