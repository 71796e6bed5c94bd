/* ---- the library's own weights -----------------------------------------------------------------

   Compiled with RONDO_WEIGHTS, and joined with what rondo_weights.S gives, this library holds its
   weights, and a context that names no parameters uses them where they are. */

#ifdef RONDO_WEIGHTS
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The weights' bytes are for processors that put the lowest byte first."
#endif
#if defined(__GNUC__) && !defined(__TINYC__)
#define OWN_DATA __attribute__((visibility("hidden")))
#else
#define OWN_DATA
#endif
/* The block of parameters, aligned as any other, and the SHA-256 of its bytes. */
#ifdef __cplusplus
extern "C" {
#endif
extern const unsigned char rondo_weights[RONDO_PARAMETERS_BYTES] OWN_DATA;
extern const char rondo_weights_hash[65] OWN_DATA;
#ifdef __cplusplus
}
#endif
#endif

/* The context; a copy of it with the library's own weights where it names no parameters. */
INLINE const rondo_context *with_weights(const rondo_context *context, rondo_context *copy) {
#ifdef RONDO_WEIGHTS
  if (context && !context->parameters) {
    *copy = *context;
    copy->parameters = (void *)(uintptr_t)rondo_weights;
    return copy;
  }
#else
  (void)copy;
#endif
  return context;
}

/* Whether a context's weights are the library's own. */
INLINE int has_own_weights(const rondo_context *context) {
#ifdef RONDO_WEIGHTS
  return !context->parameters || context->parameters == (const void *)rondo_weights;
#else
  (void)context;
  return 0;
#endif
}
