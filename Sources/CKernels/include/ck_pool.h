#pragma once

/* The threads that all numeric work runs on. The caller takes part, so `threads` 1 starts none. */

/* Sets how many threads there are, before or between runs; at least 1. Extra threads start at the next run. */
void ck_pool_set_threads(int threads);
int ck_pool_threads(void);

/* How many processors this process may run on. */
int ck_pool_processors(void);

/* Calls body(context, i) once for each i in 0 ..< count and returns when all are done. Indices are handed out in
   rising order to whichever thread is free. A run inside a run happens on the calling thread alone. */
void ck_pool_run(long count, void *_Nullable context, void (*_Nonnull body)(void *_Nullable context, long index));
