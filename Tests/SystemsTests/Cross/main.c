/* For systems with a terminal. */
#include <stdio.h>

#include "cross.h"

int main(void) {
  printf("%08lx\n", (unsigned long)cross());
  return 0;
}
