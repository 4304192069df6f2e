#pragma once
#include "ck_blocks.h"

/* The same with the instructions of AVX-512; both answer 0 where the processor has none. */
int wide_floats(ck_block_kind kind, const uint8_t *_Nonnull row, long columns, float *_Nonnull out);
/* For 1 to 4 rows of x. */
int wide_product(const ck_block_matrix *_Nonnull w, long first, long last, const float *_Nonnull x, long x_step,
                 long count, const float *_Nullable bias, float *_Nonnull out, long out_step, int accumulate);
