/* A model's checks as far as they can be made from outside, through its table. */

#include "ModelABI.h"
#include "SelfTest.h"

/* How much memory they need, in bytes. */
size_t rondo_trial_bytes(const rondo_model *model);

/* Makes them in so much memory, aligned to RONDO_ALIGNMENT; with workers, more threads are held
 * against one. `stops`: the definition stops gradients, so they are not held against differences. */
rondo_status rondo_trial(const rondo_model *model, int stops, rondo_workers *workers, void *memory,
                         size_t bytes, rondo_report *report);
