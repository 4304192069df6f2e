#include "ck_memory.h"

#include "arena.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Buffers from a megabyte on come from one arena, see arena.c; where the system reserves none, and below that size:
   sizes are rounded up to eight steps a doubling, so batches of slightly different length share buffers. A released
   buffer waits in the list of its size. What is in use and what waits together stay near the most that was ever in
   use: beyond that, the buffers that have waited longest go back to the system. */

enum { steps = 8, classes = 48 * steps, smallest = 256 };
static const size_t mapped_from = (size_t)1 << 20, huge_from = (size_t)4 << 20, spare = (size_t)64 << 20;

typedef struct waiting {
  struct waiting *newer, *older;     /* in the order of release, over all sizes */
  struct waiting *next, *previous;   /* of the same size */
  size_t capacity;
} waiting;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static waiting *lists[classes], *newest, *oldest;
static size_t used, kept, peak, highest;

/* The class of a size and the size it is rounded up to. */
static int class_of(size_t bytes, size_t *rounded) {
  if (bytes <= smallest) {
    *rounded = smallest;
    return 0;
  }
  int log = 63 - __builtin_clzl(bytes - 1);          /* 2^log < bytes <= 2^(log + 1) */
  size_t base = (size_t)1 << log, step = base / steps;
  size_t count = (bytes - base + step - 1) / step;   /* 1 ... steps */
  *rounded = base + count * step;
  int index = (log - 8) * steps + (int)count;
  return index < classes ? index : classes - 1;
}

static void unlink_waiting(waiting *w, int c) {
  if (w->newer) w->newer->older = w->older; else newest = w->older;
  if (w->older) w->older->newer = w->newer; else oldest = w->newer;
  if (w->previous) w->previous->next = w->next; else lists[c] = w->next;
  if (w->next) w->next->previous = w->previous;
  kept -= w->capacity;
}

static void give_back(void *p, size_t capacity) {
  if (capacity >= mapped_from) munmap(p, capacity); else free(p);
}

static void shrink_to(size_t limit) {
  while (kept > limit && oldest) {
    waiting *w = oldest;
    size_t rounded;
    int c = class_of(w->capacity, &rounded);
    size_t capacity = w->capacity;
    unlink_waiting(w, c);
    give_back(w, capacity);
  }
}

static void *fresh(size_t capacity) {
  if (capacity < mapped_from) {
    void *p = NULL;
    return posix_memalign(&p, 64, capacity) ? NULL : p;
  }
  void *p = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return NULL;
  if (capacity >= huge_from) madvise(p, capacity, MADV_HUGEPAGE);
  return p;
}

void *ck_allocate(size_t bytes, size_t *capacity) {
  if (bytes > (size_t)1 << 46) return NULL;
  if (bytes >= mapped_from) {
    pthread_mutex_lock(&lock);
    void *p = arena_take(bytes, capacity);
    if (p) used += *capacity;
    if (used > peak) peak = used;
    if (used > highest) highest = used;
    pthread_mutex_unlock(&lock);
    if (p) return p;
  }
  size_t rounded;
  int c = class_of(bytes, &rounded);
  pthread_mutex_lock(&lock);
  waiting *w = NULL;
  int found = c;
  /* the same size, or up to two steps (a quarter) larger */
  for (; found <= c + 2 && found < classes; found++)
    if ((w = lists[found])) break;
  if (w) {
    *capacity = w->capacity;
    unlink_waiting(w, found);
  } else {
    *capacity = rounded;
  }
  used += *capacity;
  if (used > peak) peak = used;
  if (used > highest) highest = used;
  if (!w) shrink_to(spare + peak - used);
  pthread_mutex_unlock(&lock);
  if (w) return w;
  void *p = fresh(rounded);
  if (!p) {
    ck_trim();
    p = fresh(rounded);
  }
  if (!p) {
    pthread_mutex_lock(&lock);
    used -= rounded;
    pthread_mutex_unlock(&lock);
  }
  return p;
}

void ck_release(void *buffer, size_t capacity) {
  if (arena_holds(buffer)) {
    pthread_mutex_lock(&lock);
    used -= capacity;
    arena_give(buffer, capacity);
    pthread_mutex_unlock(&lock);
    return;
  }
  size_t rounded;
  int c = class_of(capacity, &rounded);
  waiting *w = buffer;
  pthread_mutex_lock(&lock);
  used -= capacity;
  kept += capacity;
  w->capacity = capacity;
  w->newer = NULL;
  w->older = newest;
  if (newest) newest->newer = w; else oldest = w;
  newest = w;
  w->previous = NULL;
  w->next = lists[c];
  if (lists[c]) lists[c]->previous = w;
  lists[c] = w;
  shrink_to(spare + peak - used);
  pthread_mutex_unlock(&lock);
}

void ck_trim(void) {
  pthread_mutex_lock(&lock);
  shrink_to(0);
  arena_trim();
  pthread_mutex_unlock(&lock);
  malloc_trim(0);
}

ck_memory_state ck_memory(void) {
  pthread_mutex_lock(&lock);
  ck_memory_state state = {used, kept + arena_waiting(), peak, highest};
  pthread_mutex_unlock(&lock);
  return state;
}

void ck_mark_memory(void) {
  pthread_mutex_lock(&lock);
  highest = used;
  pthread_mutex_unlock(&lock);
}
