#pragma once
#include <stdint.h>

/* Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words for each
   counter and key, in any order. */
void ck_philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, uint32_t *_Nonnull out);

/* For counters (0 ..< ceil(count / 4), c1, c2, c3): `count` words. */
void ck_philox_words(uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, uint32_t *_Nonnull out, long count);

/* Dropout of one row: y = x / (1 - rate) where the row's word is kept, else 0, and the same for y2 of x2 where they
   aren't NULL. x and y may be the same. */
void ck_dropout_row(const float *_Nonnull x, float *_Nonnull y, const float *_Nullable x2, float *_Nullable y2,
                    long count, float rate, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key);
