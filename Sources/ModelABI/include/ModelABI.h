/* The contract between a compiled model and the program that uses it.
 *
 * This text stands, with the model's own prefix for `rondo`, at the head of every model's header; a
 * host that drives any model reads the same table through the names as they are here. Integers have
 * fixed widths, strings end with NUL and live as long as the library, nothing here is ever freed.
 *
 * Memory. A model works in four blocks that the caller owns, each of the size the table states and
 * aligned to RONDO_ALIGNMENT:
 *   parameters  the weights; written by initialize, train and set only, so any number of threads
 *               may infer from one block at a time
 *   state       what a stream or a carried window goes on from; one per stream of rows
 *   optimizer   moments and counts of the optimiser; used by train only
 *   work        the arena; what is in it between two calls means nothing; one per thread
 * Block memory holds no pointers, so it may be copied, moved and compared as bytes.
 *
 * Weights. A library may be built with weights of its own (`weights` of the table is not null). A
 * context that names no parameters then uses those where they are; what would change them (initialize,
 * train, update and set of a parameter) gives RONDO_READ_ONLY. With a block of its own, such as a copy
 * of `weights`, a context trains as ever.
 *
 * Threads. A call runs on the caller's thread, and on the threads of `workers` where the context names
 * them; its results have the same bits for any number. Workers are started and stopped by the caller
 * and belong to one call at a time, so that two calls at once need two of them. `step` and `generate`
 * take no help: they are called once for a position, or draw in turn.
 *
 * Calls. A function returns RONDO_OK or says what is wrong before anything is written, but for
 * RONDO_NOT_FINITE, which leaves weights, optimiser and state as they were.
 */

#include <stddef.h>
#include <stdint.h>

/* Raised when a member of a structure below moves or changes its meaning. */
#define RONDO_ABI_VERSION 5

/* What every block's address is a multiple of, in bytes. */
#define RONDO_ALIGNMENT 64

/* The most threads that can be started for a call. */
#define RONDO_MOST_THREADS 1024

/* What a call came to. */
typedef int32_t rondo_status;
enum {
  RONDO_OK = 0,
  RONDO_NULL_POINTER = 1,  /* a pointer that must be given is null */
  RONDO_MISALIGNED = 2,    /* a block is not aligned to RONDO_ALIGNMENT */
  RONDO_BAD_SIZE = 3,      /* a structure's size member is not this version's */
  RONDO_BAD_BATCH = 4,     /* the number of rows is below 1 or above the bound */
  RONDO_BAD_LENGTH = 5,    /* a length is below 1 or above the axis's bound */
  RONDO_THREADS = 6,       /* more threads than the context's workers have */
  RONDO_BAD_TOKEN = 7,     /* a token is below 0 or not below its bound */
  RONDO_BAD_OPTION = 8,    /* a rate, temperature, limit or count is out of its range */
  RONDO_NOT_FINITE = 9,    /* the loss or the gradient's norm is not finite; nothing was updated */
  RONDO_BAD_INDEX = 10,    /* no variable of that number in the block */
  RONDO_READ_ONLY = 11     /* the weights are the library's own, and only read */
};

/* The blocks that variables live in. */
enum { RONDO_PARAMETERS = 0, RONDO_STATE = 1, RONDO_OPTIMIZER = 2, RONDO_WORK = 3 };

/* What an array at the boundary is for. */
enum {
  RONDO_DATA = 0,   /* an input, target or output of the definition */
  RONDO_FRESH = 1,  /* per row: 1 starts from first states, 0 goes on from the state block */
  RONDO_RATE = 2,   /* the learning rate, one number */
  RONDO_SEED = 3,   /* the seed of all draws, one number */
  RONDO_LOSS = 4,   /* the loss, or one of a metric's or loss's sums and counts */
  RONDO_GRADIENT = 5, /* a parameter's gradient, in the definition's shape */
  RONDO_DIVISOR = 6 /* of `gradients`: what the sum of one of the loss's averages is divided by, one
                       number; 0: its own count. With the count over several calls, their gradients
                       add up to those of one call with all their rows */
};

/* How elements are stored at the boundary. */
enum { RONDO_FLOAT32 = 0, RONDO_INT32 = 1, RONDO_UINT8 = 2, RONDO_UINT64 = 3 };

/* One dimension of an array: the batch, an axis or a number of the shape. */
typedef struct rondo_dimension {
  int32_t axis;   /* -1: of the shape; 0: the batch; else the axis's number in the table */
  int32_t extent; /* the extent; of the batch and of axes with run-time lengths, the bound */
} rondo_dimension;

/* An array at the boundary: dense, the last dimension fastest, `[batch, axes, shape]`. Axes have room
 * for their bounds, whatever the lengths of a call; past a row's length inputs are not read, and
 * outputs are 0. */
typedef struct rondo_tensor {
  const char *name;
  int32_t role;
  int32_t element;
  int32_t tokens; /* of tokens: how many there are; else 0 */
  int32_t rank;
  const rondo_dimension *dimensions;
} rondo_tensor;

/* A named axis. Number 0 is the batch. */
typedef struct rondo_axis {
  const char *name;
  int32_t bound;   /* the greatest length */
  int32_t fixed;   /* 1: the length is always the bound, and no call gives it */
  int32_t parent;  /* the axis it is in, with a length for each of its positions; -1: for each row */
  int32_t source;  /* the axis whose lengths, divided, are its own, so that no call gives it; or -1 */
  int32_t divisor; /* what they are divided by, rounded down to at least 1; 0 without a source */
  int32_t given;   /* how many lengths a call gives for each row: 0, 1, or one for each place around */
} rondo_axis;

/* Threads that help with calls; made by start_workers, freed by stop_workers. */
typedef struct rondo_workers rondo_workers;

/* The blocks a call works in; what the entry does not use may be null, and so may the parameters where
 * the library has weights of its own. */
typedef struct rondo_context {
  void *parameters;
  void *state;
  void *optimizer;
  void *work;
  rondo_workers *workers; /* who helps; null: nobody. Several contexts may name the same, in turn */
} rondo_context;

/* What a call is given. Arrays are the caller's, and neither kept nor freed. */
typedef struct rondo_call {
  uint32_t size;               /* sizeof(rondo_call) */
  int32_t batch;               /* rows of this call */
  int32_t threads;             /* how many, the caller's with them; 0: as many as there are workers */
  uint32_t first_example;      /* the number of row 0 among all examples, which what is drawn depends on:
                                  a batch cut into calls draws what the whole one would */
  const int32_t *const *lengths; /* by axis number, [batch, parents' bounds] each; null: at the bound */
  const void *const *inputs;   /* in the order of the entry's inputs */
  void *const *outputs;        /* in the order of the entry's outputs; null: not wanted */
} rondo_call;

/* What `generate` is given beside a call, whose inputs and lengths are those of `begin`.
 *
 * Values are tokens, as int32_t, or real numbers, as float, of the target's shape at one position. A
 * row ends with the model's ending token, if there is one, or at the limit; its values past that are 0.
 * A target of real numbers is not drawn: it is what the model says, and top_k, top_p, temperature and
 * seed do nothing, log_probability is 0.
 *
 * With beam_width above 1 nothing is drawn either: of each row the likeliest hypotheses are followed,
 * by the sum of their tokens' log probabilities, an ended one among the others; of equal ones the one
 * whose beginning was likelier, then the one with the lower token. Each hypothesis is a row of the
 * work: batch * beam_width above the bound of the batch is RONDO_BAD_OPTION, as is a beam for a target
 * of real numbers, or where the definition itself draws at each position. */
typedef struct rondo_generation {
  uint32_t size;          /* sizeof(rondo_generation) */
  int32_t limit;          /* the most values a row gets after its prompt */
  int32_t prompt_length;  /* 0: none */
  int32_t top_k;          /* draw among the k likeliest; 0: all */
  float top_p;            /* draw among the likeliest that together reach p; 1: all */
  float temperature;      /* divides the logits; 0: the likeliest each time */
  uint64_t seed;          /* same seed, same values */
  int32_t beam_width;     /* how many hypotheses a row has; 0 or 1: none, values are drawn */
  float length_penalty;   /* hypotheses go by log probability / length to this power; 0: as it is */
  const void *prompt;     /* [batch, prompt_length, shape] */
  void *values;           /* [batch, limit, shape]: what was drawn, or the best hypothesis */
  int32_t *lengths;       /* [batch]: how many values of a row count; may be null */
  float *log_probability; /* [batch]: of a row's values, at temperature 1; may be null */
  int32_t *beams;         /* [batch, beam_width, limit]: the hypotheses, the best first; needed for
                             them only. One that there was no more to choose from has length 0 and a
                             log probability of minus infinity */
  int32_t *beam_lengths;  /* [batch, beam_width]; may be null */
  float *beam_log_probability; /* [batch, beam_width]; may be null */
} rondo_generation;

/* One way into the model. `generate` is listed with the inputs of `begin` and one position of its
 * target, but called by the function of the table below: its run is null. */
typedef struct rondo_entry {
  const char *name;
  int32_t input_count;
  int32_t output_count;
  const rondo_tensor *inputs;
  const rondo_tensor *outputs;
  rondo_status (*run)(const rondo_context *context, const rondo_call *call);
} rondo_entry;

/* The table that lets a host drive a model without its header. */
typedef struct rondo_model {
  uint32_t abi_version;
  uint32_t size; /* sizeof(rondo_model) */
  const char *name;
  const char *graph_hash;  /* of the definition with its sizes: weights fit graphs of one hash */
  const char *layout_hash; /* of the blocks' layout: copies of blocks fit libraries of one hash */
  float default_rate;      /* the definition's learning rate; 0 where it has none */
  int32_t until;           /* the token that ends a generated row; -1: none */
  int32_t axis_count;
  int32_t entry_count;
  int32_t parameter_count;
  int32_t state_count;
  int32_t optimizer_count;
  const rondo_axis *axes;
  const rondo_entry *entries;
  const rondo_tensor *parameters;
  const rondo_tensor *states;
  const rondo_tensor *optimizers;
  size_t block_bytes[4]; /* by block, for the bound of the batch */
  /* Reads or writes one variable of a block, in the definition's shape; states as [batch, axes, shape],
   * axes by their bounds. */
  rondo_status (*get)(const rondo_context *context, int32_t block, int32_t index, float *values);
  rondo_status (*set)(const rondo_context *context, int32_t block, int32_t index, const float *values);
  /* Copies one row's states from a context to a row of it or another, both below the bound of the
   * batch; null where the model has none. */
  rondo_status (*copy_state)(
    const rondo_context *to, int32_t to_row, const rondo_context *from, int32_t from_row);
  /* Draws rows from the model; null where the definition has no `generate`. */
  rondo_status (*generate)(
    const rondo_context *context, const rondo_call *call, const rondo_generation *generation);
  /* One sentence for a status. */
  const char *(*status_text)(rondo_status status);
  /* Starts so many threads less one, the caller being the first; null where that cannot be, as in a
   * library compiled without threads. From any thread. */
  rondo_workers *(*start_workers)(int32_t threads);
  /* Ends and frees them, when no call has them any more; null is allowed. From any thread, before the
   * library is closed. */
  void (*stop_workers)(rondo_workers *workers);
  const void *weights;      /* a block of parameters that is in the library, read only; null: none */
  const char *weights_hash; /* SHA-256 of its bytes, in hexadecimal digits; null: none */
} rondo_model;
