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

/* How often to look for what is awaited before sleeping: some 100 to 300 microseconds, by the processor. A product is
   often followed by the next sooner than a sleeper would be awake. */
enum { patience = 6000 };

static int wanted = 1, started = 1;

/* Held by the thread whose run has the workers; another thread that calls meanwhile (tests do) works alone. */
static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER;

/* The run in progress. Only who has joined it reads the rest. */
static void (*run_body)(void *, long);
static void *run_context;
static long run_count;
static atomic_long next_index;

/* In one word, so that a worker joins a run or doesn't, without a lock: which run it is (counted from 1), how many workers
   may still join, how many are inside. */
static atomic_ulong run_state;
enum { one_inside = 1, one_open = 1 << 8, one_run = 1 << 16 };
static unsigned long run_of(unsigned long state) { return state / one_run; }
static unsigned long open_in(unsigned long state) { return state / one_open % 256; }
static unsigned long inside_of(unsigned long state) { return state % 256; }

/* For those who sleep only: each says so before it looks a last time, and is woken by who changed what it looks at. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_came = PTHREAD_COND_INITIALIZER, work_done = PTHREAD_COND_INITIALIZER;
static atomic_int sleeping_workers, caller_sleeps;

static _Thread_local int inside;

static void take_indices(void) {
  for (;;) {
    long index = atomic_fetch_add_explicit(&next_index, 1, memory_order_relaxed);
    if (index >= run_count) return;
    run_body(run_context, index);
  }
}

/* Returns the state of another run than `seen`. */
static unsigned long next_run(unsigned long seen) {
  unsigned long state = 0;
  for (int looks = 0; looks < patience; looks++) {
    state = atomic_load_explicit(&run_state, memory_order_acquire);
    if (run_of(state) != seen) return state;
    pause_briefly();
  }
  pthread_mutex_lock(&lock);
  atomic_fetch_add(&sleeping_workers, 1);
  while (run_of(state = atomic_load(&run_state)) == seen) pthread_cond_wait(&work_came, &lock);
  atomic_fetch_sub(&sleeping_workers, 1);
  pthread_mutex_unlock(&lock);
  return state;
}

static int join(unsigned long state) {
  unsigned long run = run_of(state);
  while (run_of(state) == run && open_in(state) > 0)
    if (atomic_compare_exchange_weak(&run_state, &state, state - one_open + one_inside)) return 1;
  return 0;
}

static void leave(void) {
  unsigned long before = atomic_fetch_sub(&run_state, one_inside);
  if (inside_of(before) > 1 || !atomic_load(&caller_sleeps)) return;
  pthread_mutex_lock(&lock);
  pthread_cond_signal(&work_done);
  pthread_mutex_unlock(&lock);
}

static void *worker(void *unused) {
  (void)unused;
  inside = 1;
  unsigned long seen = 0;
  for (;;) {
    unsigned long state = next_run(seen);
    seen = run_of(state);
    if (!join(state)) continue;
    take_indices();
    leave();
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

static void open_run(long count, void *context, void (*body)(void *, long)) {
  run_body = body;
  run_context = context;
  run_count = count;
  atomic_store_explicit(&next_index, 0, memory_order_relaxed);
  unsigned long helpers = (unsigned long)(count < wanted ? count : wanted) - 1;
  unsigned long run = run_of(atomic_load(&run_state)) + 1;
  atomic_store(&run_state, run * one_run + helpers * one_open);
  if (!atomic_load(&sleeping_workers)) return;
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&work_came);
  pthread_mutex_unlock(&lock);
}

/* Nobody joins any more; returns when all who had joined are out. */
static void close_run(void) {
  atomic_fetch_and(&run_state, ~(unsigned long)(255 * one_open));
  for (int looks = 0; looks < patience; looks++) {
    if (!inside_of(atomic_load(&run_state))) return;
    pause_briefly();
  }
  pthread_mutex_lock(&lock);
  atomic_store(&caller_sleeps, 1);
  while (inside_of(atomic_load(&run_state))) pthread_cond_wait(&work_done, &lock);
  atomic_store(&caller_sleeps, 0);
  pthread_mutex_unlock(&lock);
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
  open_run(count, context, body);
  take_indices();
  close_run();
  inside = 0;
  pthread_mutex_unlock(&in_use);
}
