/* What a model's own test comes to. */

/* What a check came to. */
enum {
  RONDO_PASSED = 0,
  RONDO_FAILED = 1,
  RONDO_SKIPPED = 2 /* this model, or how it is called, gives nothing to check */
};

/* One check: the largest error that was met, and where. */
typedef struct rondo_check {
  const char *name;  /* what was checked */
  int32_t outcome;
  int32_t element;   /* which element of `where` was the worst; -1: all of it together */
  const char *where; /* the array or function that was the worst, or why it was skipped; or null */
  float error;       /* the largest error, in the unit that the name says */
  float bound;       /* the largest that passes */
} rondo_check;

/* The most checks that a report has room for. */
#define RONDO_MOST_CHECKS 8

/* A page of checks. */
typedef struct rondo_report {
  uint32_t size;  /* sizeof(rondo_report), set by the caller */
  int32_t count;  /* how many checks there are */
  int32_t failed; /* how many of them failed */
  rondo_check checks[RONDO_MOST_CHECKS];
} rondo_report;
