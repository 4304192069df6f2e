#pragma once
#include <stddef.h>

/* Buffers for tensors: 64-byte aligned, and kept for the next buffer of about their size when released. */

/* A buffer of at least `bytes`, or NULL. `capacity` receives what `ck_release` must be given back. */
void *_Nullable ck_allocate(size_t bytes, size_t *_Nonnull capacity);
void ck_release(void *_Nonnull buffer, size_t capacity);

/* Gives the buffers that wait for reuse back to the system. */
void ck_trim(void);

/* Bytes in use by tensors, waiting for reuse, the most ever in use, and the most since the mark. */
typedef struct {
  size_t used, waiting, peak, highest;
} ck_memory_state;
ck_memory_state ck_memory(void);

/* From here on `highest` counts. */
void ck_mark_memory(void);
