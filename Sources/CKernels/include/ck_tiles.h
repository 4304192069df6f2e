#pragma once
#include <stdint.h>

/* Matrix products by the processor's tile instructions (AMX), for floats: each number is split into two of 16 bits
   (bf16), x = high + low, and high high + high low + low high is summed in 32 bits. What is left out is about 2^-17 of
   a product. Every element is summed in an order that depends on the depth only. */

/* Whether the processor has them, the system allows them, and they worked when tried in a child process. */
int ck_tiles_available(void);

/* Bytes of `rows` rows of `depth` floats, split and packed: the left side and the right side alike. */
long ck_tiles_bytes(long depth, long rows);

/* Packs rows first ..< last (first a multiple of 16) of a matrix [rows, depth] whose row r stands at
   x + (r - first) * step. Rows of the left side are those of the result, rows of the right side its columns. */
void ck_tiles_pack_left(const float *_Nonnull x, long step, long depth, long rows, long first, long last,
                        void *_Nonnull packed);
void ck_tiles_pack_right(const float *_Nonnull x, long step, long depth, long rows, long first, long last,
                         void *_Nonnull packed);

/* c[rows, columns] = left rightᵀ (+ bias) (+ c if `accumulate`) for columns from ..< to, `from` a multiple of 32, and
   rows top ..< bottom, `top` a multiple of 32. Rows of c stand `step` apart. */
void ck_tiles_multiply(const void *_Nonnull left, const void *_Nonnull right, long depth, long top, long bottom,
                       long from, long to, float *_Nonnull c, long step, const float *_Nullable bias, int accumulate);
