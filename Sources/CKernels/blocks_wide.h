#pragma once
#include "ck_blocks.h"

/* Whether the processor has the instructions. */
int wide_available(void);
/* The same with the instructions of AVX-512; both answer 0 where the processor has none. */
int wide_floats(ck_block_kind kind, const uint8_t *_Nonnull row, long columns, float *_Nonnull out);
long wide_prepared_count(ck_block_kind kind, long columns);
void wide_prepare(ck_block_kind kind, long columns, const float *_Nonnull x, long x_step, long count,
                  float *_Nonnull prepared);
/* For 1 to 4 rows of x. */
int wide_product(const ck_block_matrix *_Nonnull w, long first, long last, const float *_Nonnull x, long x_step,
                 const float *_Nullable prepared, long count, const float *_Nullable bias, float *_Nonnull out,
                 long out_step, int accumulate);
