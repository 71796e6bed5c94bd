/* What a model asks of a C library, where there is none: it is not called by a program with its own memory. */
#include <stddef.h>
static inline void *calloc(size_t count, size_t size) { return count && size ? 0 : 0; }
static inline void free(void *memory) { (void)memory; }
