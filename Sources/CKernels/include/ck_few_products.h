#pragma once
#include "ck_blocks.h"

/* One of several products of the same few rows. */
typedef struct {
  ck_block_matrix matrix;
  long rows;                         /* of the matrix */
  const float *_Nullable bias;
  float *_Nonnull out;               /* [count, rows] */
  int accumulate;
  /* set by ck_few_products: what kernels read beside x, and in how many pieces the rows are shared out */
  const float *_Nullable prepared;
  long pieces;
} ck_few_product;

/* out = x matrixᵀ (+ bias) (+ out, if it accumulates) for each of the products, with x [count, columns], on all threads.
   What kernels read beside x is made once for all matrices of one kind. Returns 0 where there is no memory for it. */
int ck_few_products(ck_few_product *_Nonnull products, long product_count, const float *_Nonnull x, long count);
