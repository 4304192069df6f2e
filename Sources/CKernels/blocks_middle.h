#pragma once
#include "ck_blocks.h"

/* The same with the instructions of AVX2, for blocks of 32 under one scale; 0 where they have nothing for it. */
int middle_floats(ck_block_kind kind, const uint8_t *_Nonnull row, long columns, float *_Nonnull out);
long middle_prepared_count(ck_block_kind kind, long columns);
void middle_prepare(ck_block_kind kind, long columns, const float *_Nonnull x, long x_step, long count,
                    float *_Nonnull prepared);
/* For 1 to 4 rows of x. */
int middle_product(const ck_block_matrix *_Nonnull w, long first, long last, const float *_Nonnull x, long x_step,
                   const float *_Nullable prepared, long count, const float *_Nullable bias, float *_Nonnull out,
                   long out_step, int accumulate);
