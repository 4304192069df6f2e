#pragma once
#include <stdint.h>

/* Weights as files store them, multiplied without being converted first. Layouts are those of ggml's block types:
   d and m are halves, q whole numbers.
     Q8_0       32 weights d q in 34 bytes: d, 32 signed bytes
     Q4_0       32 weights d (q - 8) in 18: d, 16 bytes of nibbles, the low ones the first 16 weights
     Q4_1       32 weights d q + m in 20: d, m, nibbles
     Q5_0, Q5_1 the same with 4 bytes of fifth bits before the nibbles
     Q4_K       256 weights in 144: d, m, 12 bytes of six-bit scales s and minima n for eight groups of 32, nibbles:
                d s q - m n
     Q5_K       the same in 176, with 32 bytes of fifth bits before the nibbles
     Q6_K       256 weights in 210: 128 bytes of nibbles, 64 of two high bits, 16 signed scales s for 16 weights each, d:
                d s (q - 32) */
typedef enum {
  ck_f32,
  ck_f16,
  ck_bf16,
  ck_q8_0,
  ck_q4_0,
  ck_q4_1,
  ck_q5_0,
  ck_q5_1,
  ck_q4_k,
  ck_q5_k,
  ck_q6_k,
} ck_block_kind;

/* How many weights of a row must stand together: 1, 32 or 256. */
long ck_block_columns(ck_block_kind kind);
/* Bytes of a row of `columns` weights, a multiple of ck_block_columns. */
long ck_block_row_bytes(ck_block_kind kind, long columns);

/* The first `columns` weights of a row as floats. */
void ck_block_floats(ck_block_kind kind, const void *_Nonnull row, long columns, float *_Nonnull out);

/* A matrix [rows, columns] stored so: row r stands at base + order[r] * row_bytes, or in its own place without order. */
typedef struct {
  ck_block_kind kind;
  const uint8_t *_Nonnull base;
  const int32_t *_Nullable order;
  long columns, row_bytes;
} ck_block_matrix;

/* How many floats ck_block_prepare writes for a row of x; 0 where x is read as it is. */
long ck_block_prepared_count(ck_block_kind kind, long columns);
/* What ck_block_product reads beside x, or instead of it, for matrices of this kind and width on this processor: made
   once for all rows of a matrix. Rows of x stand x_step apart. */
void ck_block_prepare(ck_block_kind kind, long columns, const float *_Nonnull x, long x_step, long count,
                      float *_Nonnull prepared);

/* out[j, r] = sum over k of x[j, k] w[r, k] (+ bias[r]) (+ out[j, r] if `accumulate`) for j in 0 ..< count and r in
   first ..< last. Rows of x stand x_step apart, those of out out_step. `prepared` comes from ck_block_prepare where
   that writes anything. Each element is summed in an order that depends on the columns alone. */
void ck_block_product(const ck_block_matrix *_Nonnull w, long first, long last, const float *_Nonnull x, long x_step,
                      const float *_Nullable prepared, long count, const float *_Nullable bias, float *_Nonnull out,
                      long out_step, int accumulate);

/* Rows first ..< last as floats, `columns` apart. */
void ck_block_rows(const ck_block_matrix *_Nonnull w, long first, long last, float *_Nonnull out);
