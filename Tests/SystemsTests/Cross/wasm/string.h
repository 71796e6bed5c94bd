/* What a model asks of a C library, where there is none. */
#include <stddef.h>
static inline void *memcpy(void *to, const void *from, size_t count) {
  for (size_t i = 0; i < count; i += 1) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}
static inline void *memmove(void *to, const void *from, size_t count) {
  if ((char *)to < (const char *)from) return memcpy(to, from, count);
  for (size_t i = count; i > 0; i -= 1) ((char *)to)[i - 1] = ((const char *)from)[i - 1];
  return to;
}
static inline void *memset(void *to, int value, size_t count) {
  for (size_t i = 0; i < count; i += 1) ((char *)to)[i] = (char)value;
  return to;
}
static inline size_t strlen(const char *text) {
  size_t count = 0;
  while (text[count]) count += 1;
  return count;
}
