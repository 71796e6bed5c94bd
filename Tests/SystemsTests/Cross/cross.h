#include <stdint.h>

/* The number that follows from every bit; below 16, the place of a call that was refused. */
uint32_t cross(void);
