#define _GNU_SOURCE
#include "ck_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#if defined(__x86_64__)
#define pause_briefly() __builtin_ia32_pause()
#else
#define pause_briefly() ((void)0)
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_came = PTHREAD_COND_INITIALIZER, work_done = PTHREAD_COND_INITIALIZER;
static int wanted = 1, started = 1;

/* Held by the thread whose run has the workers; another thread that calls meanwhile (tests do) works alone. */
static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER;

/* The run in progress. `generation` rises by one with each; a worker joins a run at most once. */
static void (*run_body)(void *, long);
static void *run_context;
static long run_count;
static int run_helpers;              /* how many workers may join */
static int joined;                   /* how many did (under the lock) */
static atomic_long next_index;
static atomic_int active;            /* workers still inside the run */
static atomic_ulong generation;
static _Thread_local int inside;

static void take_indices(void) {
  for (;;) {
    long index = atomic_fetch_add_explicit(&next_index, 1, memory_order_relaxed);
    if (index >= run_count) return;
    run_body(run_context, index);
  }
}

static void *worker(void *unused) {
  (void)unused;
  inside = 1;
  unsigned long seen = 0;
  for (;;) {
    /* A product is often followed by the next within microseconds: look for a while before sleeping. */
    for (int spins = 0; spins < 4000 && atomic_load_explicit(&generation, memory_order_acquire) == seen; spins++)
      pause_briefly();
    pthread_mutex_lock(&lock);
    while (atomic_load_explicit(&generation, memory_order_relaxed) == seen) pthread_cond_wait(&work_came, &lock);
    seen = atomic_load_explicit(&generation, memory_order_relaxed);
    int takes_part = joined < run_helpers;
    if (takes_part) {
      joined++;
      atomic_fetch_add(&active, 1);
    }
    pthread_mutex_unlock(&lock);
    if (!takes_part) continue;
    take_indices();
    if (atomic_fetch_sub(&active, 1) == 1) {
      pthread_mutex_lock(&lock);
      pthread_cond_signal(&work_done);
      pthread_mutex_unlock(&lock);
    }
  }
  return NULL;
}

static void start_workers(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);   /* signals are the main thread's */
  while (started < wanted) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, (size_t)4 << 20);
    int failed = pthread_create(&thread, &attributes, worker, NULL);
    pthread_attr_destroy(&attributes);
    if (failed) {
      wanted = started;
      break;
    }
    started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ck_pool_set_threads(int threads) { wanted = threads < 1 ? 1 : threads > 256 ? 256 : threads; }

int ck_pool_threads(void) { return wanted; }

int ck_pool_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

void ck_pool_run(long count, void *context, void (*body)(void *, long)) {
  if (count <= 0) return;
  if (inside || wanted == 1 || count == 1 || pthread_mutex_trylock(&in_use)) {
    int before = inside;
    inside = 1;
    for (long i = 0; i < count; i++) body(context, i);
    inside = before;
    return;
  }
  inside = 1;
  if (started < wanted) start_workers();
  pthread_mutex_lock(&lock);
  run_body = body;
  run_context = context;
  run_count = count;
  run_helpers = (int)(count - 1 < wanted - 1 ? count - 1 : wanted - 1);
  joined = 0;
  atomic_store(&next_index, 0);
  atomic_fetch_add_explicit(&generation, 1, memory_order_release);
  pthread_cond_broadcast(&work_came);
  pthread_mutex_unlock(&lock);
  take_indices();
  for (int spins = 0; spins < 4000 && atomic_load(&active) > 0; spins++) pause_briefly();
  pthread_mutex_lock(&lock);
  run_helpers = 0;                               /* who comes late does not join */
  while (atomic_load(&active) > 0) pthread_cond_wait(&work_done, &lock);
  pthread_mutex_unlock(&lock);
  inside = 0;
  pthread_mutex_unlock(&in_use);
}
