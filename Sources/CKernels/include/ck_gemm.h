#pragma once

/* Matrix products of floats in three steps that the caller spreads over threads: pack the right side into panels, then
   compute tiles of the result from them. Every element of the result is one chain of multiply-adds over the depth, cut
   into blocks by the depth alone: it depends neither on its place in a tile nor on what stands beside it. */

/* Columns of a panel: by processor, the same for the whole run. */
long ck_panel_columns(void);

/* Floats that a packed right side of this size takes. */
long ck_packed_count(long depth, long columns);

/* Packs panels first ..< last (of ck_panel_columns columns each) of the right side b, whose element (k, j) is
   b[k * step + j], or b[j * step + k] if `transposed`. */
void ck_pack(const float *_Nonnull b, long step, int transposed, long depth, long columns, long first, long last,
             float *_Nonnull packed);

/* c[rows, from ..< to] = a packed (+ bias) (+ c if `accumulate`). Element (i, k) of a is a[i * a_step + k], or
   a[k * a_step + i] if `a_transposed`. Of the `depth` that was packed the first `used` > 0 count. Columns are those of the whole product: c and bias point to column 0, `from` is
   a multiple of ck_panel_columns. */
void ck_gemm(const float *_Nonnull a, long a_step, int a_transposed, const float *_Nonnull packed, long depth,
             long used, long columns, long from, long to, float *_Nonnull c, long c_step, long rows,
             const float *_Nullable bias, int accumulate);
