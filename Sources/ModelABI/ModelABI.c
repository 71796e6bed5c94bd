#include "ModelABI.h"

/* The structures have no holes that two compilers could fill differently. */
_Static_assert(sizeof(rondo_dimension) == 8, "rondo_dimension");
_Static_assert(sizeof(rondo_tensor) == 16 + 2 * sizeof(void *), "rondo_tensor");
_Static_assert(sizeof(rondo_axis) == 24 + sizeof(void *), "rondo_axis");
_Static_assert(sizeof(rondo_context) == 5 * sizeof(void *), "rondo_context");
_Static_assert(sizeof(rondo_generation) == 40 + 7 * sizeof(void *), "rondo_generation");
_Static_assert(offsetof(rondo_model, axes) % sizeof(void *) == 0, "rondo_model");
