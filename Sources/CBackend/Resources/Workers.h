/* ---- workers ----------------------------------------------------------------------------------

   Threads that help with a call. Each of them, the caller first, runs the whole program: it does its
   share of every statement and meets the others at the same barriers. Who waits looks a few times
   and then sleeps. */

#if THREADED
/* The threads of one pool; all of its words but the settled ones are atomic or behind the lock. */
struct rondo_workers {
  int32_t threads;     /* how many a call may have, the caller with them; settled */
  uint32_t most_looks; /* how often who waits looks at most before it sleeps; settled */
  int32_t count;       /* how many the call has; settled while it runs, as is its task */
  const struct task *work;  /* null: the end */
  fenv_t arithmetic;   /* the caller's rounding mode and the like */
  char apart[64];
  uint32_t calls;      /* changes when there is a task */
  uint32_t finished;   /* changes when all helpers are done with it */
  uint32_t done;       /* how many are */
  uint32_t meetings;   /* changes when all have come to a barrier */
  uint32_t come;       /* how many have */
  uint32_t sleepers;   /* how many sleep, or are about to */
  uint32_t looks;      /* how often who waits looks now: more where it has helped, else less */
  uint32_t missed;     /* how many waits were not over then */
  pthread_mutex_t lock;
  pthread_cond_t changed;
};
#endif

/* One of those that run a program: its number, from 0, and how many they are. */
typedef struct worker {
  rondo_workers *pool;
  int32_t number;
  int32_t count;
} worker;

/* A call whose arguments have been checked. */
typedef struct task {
  rondo_status (*run)(const struct task *work, const worker *self);
  const rondo_context *context;
  const rondo_call *call;
  ptrdiff_t lengths[AXES]; /* by axis, the batch first */
} task;

/* How many multiples of a number all workers before this one have of so many places. */
INLINE ptrdiff_t places_before(ptrdiff_t places, ptrdiff_t multiple, int32_t number, int32_t count) {
  const ptrdiff_t parts = (places + multiple - 1) / multiple;
  const ptrdiff_t end = (parts * number + count - 1) / count * multiple;
  return end < places ? end : places;
}

/* Where a worker's share of so many places begins: a multiple of a number. */
INLINE UNUSED ptrdiff_t first_of(const worker *self, ptrdiff_t places, ptrdiff_t multiple) {
  return self->count == 1 ? 0 : places_before(places, multiple, self->number, self->count);
}

/* Where it ends. */
INLINE UNUSED ptrdiff_t end_of(const worker *self, ptrdiff_t places, ptrdiff_t multiple) {
  return self->count == 1 ? places
                          : places_before(places, multiple, self->number + 1, self->count);
}

#if THREADED
/* Tells the processor that this thread only waits. */
INLINE void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/* Changes a word that others wait for. */
static void change(rondo_workers *pool, uint32_t *word) {
  __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
  /* Who is about to sleep has said so before it looked for the last time. */
  if (__atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST) > 0) {
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
  }
}

/* Waits until a word is no longer what it was. */
static void wait_for_change(rondo_workers *pool, const uint32_t *word, uint32_t was) {
  const uint32_t usual = __atomic_load_n(&pool->looks, __ATOMIC_RELAXED);
  const uint32_t missed = __atomic_load_n(&pool->missed, __ATOMIC_RELAXED);
  /* Waits that are all a little longer than one looks would be slept through for ever. */
  const uint32_t looks = missed % 16 == 15 ? pool->most_looks : usual;
  for (uint32_t look = 0; look < looks; look += 1) {
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != was) {
      if (usual < pool->most_looks) {
        __atomic_store_n(&pool->looks, look < usual ? usual * 2 : pool->most_looks, __ATOMIC_RELAXED);
      }
      return;
    }
    pause_briefly();
  }
  __atomic_store_n(&pool->missed, missed + 1, __ATOMIC_RELAXED);
  if (usual > 64) {
    __atomic_store_n(&pool->looks, usual / 2, __ATOMIC_RELAXED);
  }
  pthread_mutex_lock(&pool->lock);
  __atomic_add_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == was) {
    pthread_cond_wait(&pool->changed, &pool->lock);
  }
  __atomic_sub_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&pool->lock);
}

/* Waits until all workers of the call have come here. */
static void meet_others(const worker *self) {
  rondo_workers *const pool = self->pool;
  const uint32_t meeting = __atomic_load_n(&pool->meetings, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&pool->come, 1, __ATOMIC_ACQ_REL) == (uint32_t)self->count) {
    __atomic_store_n(&pool->come, 0, __ATOMIC_RELAXED);
    change(pool, &pool->meetings);
  } else {
    wait_for_change(pool, &pool->meetings, meeting);
  }
}

#if !defined(RONDO_LEVEL)
/* A thread of the pool and what it is told at its start. */
typedef struct helper {
  rondo_workers *pool;
  int32_t number;
  pthread_t thread;
} helper;

/* What a thread of the pool does: its share of one task after another. */
static void *help(void *argument) {
  const helper *const own = (const helper *)argument;
  rondo_workers *const pool = own->pool;
  uint32_t call = 0;
  for (;;) {
    wait_for_change(pool, &pool->calls, call);
    call += 1;
    if (!pool->work) {
      return NULL;
    }
    if (own->number < pool->count) {
      worker self;
      self.pool = pool;
      self.number = own->number;
      self.count = pool->count;
      fesetenv(&pool->arithmetic);
      pool->work->run(pool->work, &self);
    }
    if (__atomic_add_fetch(&pool->done, 1, __ATOMIC_ACQ_REL) == (uint32_t)pool->threads - 1) {
      change(pool, &pool->finished);
    }
  }
}

/* The helpers stand behind their pool, in one piece of memory. */
static helper *helpers_of(rondo_workers *pool) { return (helper *)(void *)(pool + 1); }

/* Lets a number of helpers end, and waits for them. */
static void end_helpers(rondo_workers *pool, int32_t count) {
  pool->work = NULL;
  change(pool, &pool->calls);
  for (int32_t i = 0; i < count; i += 1) {
    pthread_join(helpers_of(pool)[i].thread, NULL);
  }
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}
#endif
#endif

/* Waits for the others, if there are any. */
INLINE UNUSED void meet(const worker *self) {
#if THREADED
  if (self->count > 1) {
    meet_others(self);
  }
#else
  (void)self;
#endif
}

/* How many threads a call may have. */
UNUSED static int32_t threads_of(const rondo_context *context) {
#if THREADED
  return context->workers ? context->workers->threads : 1;
#else
  (void)context;
  return 1;
#endif
}

/* Runs a task on the threads that its call asks for. */
UNUSED static rondo_status run_task(const task *work) {
  worker self;
  self.pool = work->context->workers;
  self.number = 0;
  self.count = work->call->threads == 0 ? threads_of(work->context) : work->call->threads;
#if THREADED
  if (self.count > 1) {
    rondo_workers *const pool = self.pool;
    const uint32_t finished = __atomic_load_n(&pool->finished, __ATOMIC_ACQUIRE);
    rondo_status status;
    pool->work = work;
    pool->count = self.count;
    fegetenv(&pool->arithmetic);
    __atomic_store_n(&pool->done, 0, __ATOMIC_RELAXED);
    change(pool, &pool->calls);
    status = work->run(work, &self);
    wait_for_change(pool, &pool->finished, finished);
    return status;
  }
#endif
  return work->run(work, &self);
}

#ifndef RONDO_LEVEL
rondo_workers *rondo_start_workers(int32_t threads) {
#if THREADED
  rondo_workers *pool;
  sigset_t all, before;
  int32_t i;
  if (threads < 1 || threads > RONDO_MOST_THREADS) {
    return NULL;
  }
  pool = (rondo_workers *)calloc(1, sizeof(rondo_workers) + (size_t)threads * sizeof(helper));
  if (!pool) {
    return NULL;
  }
  pool->threads = threads;
#ifdef _SC_NPROCESSORS_ONLN
  /* Where there are more threads than processors, who looks keeps another from working. */
  pool->most_looks = threads > sysconf(_SC_NPROCESSORS_ONLN) ? 0 : 4096;
  pool->looks = pool->most_looks;
#endif
  if (pthread_mutex_init(&pool->lock, NULL) != 0) {
    free(pool);
    return NULL;
  }
  if (pthread_cond_init(&pool->changed, NULL) != 0) {
    pthread_mutex_destroy(&pool->lock);
    free(pool);
    return NULL;
  }
  /* The program's signals are for its own threads. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (i = 0; i < threads - 1; i += 1) {
    helper *const own = &helpers_of(pool)[i];
    own->pool = pool;
    own->number = i + 1;
    if (pthread_create(&own->thread, NULL, help, own) != 0) {
      break;
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (i < threads - 1) {
    end_helpers(pool, i);
    return NULL;
  }
  return pool;
#else
  (void)threads;
  return NULL;
#endif
}

void rondo_stop_workers(rondo_workers *workers) {
#if THREADED
  if (workers) {
    end_helpers(workers, workers->threads - 1);
  }
#else
  (void)workers;
#endif
}
#endif
