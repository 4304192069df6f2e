#pragma once
#include <stddef.h>

/* Memory for large buffers, see arena.c. The caller holds a lock around each call. */

/* A buffer of at least `bytes`, 64 KB aligned, or NULL; `capacity` receives its size. */
void *arena_take(size_t bytes, size_t *capacity);
int arena_holds(const void *buffer);
void arena_give(void *buffer, size_t size);
/* Bytes that were touched and are free. */
size_t arena_waiting(void);
/* Gives the pages of what is free back to the system. */
void arena_trim(void);
