#pragma once
#include <stdint.h>

/* The columns that row r of a block may look at: all before `prefix`, and from first + r * step up to end + r * step,
   cut to 0 ... columns. Steps are 1 where the limit moves with the row (causal, window), else 0. */
typedef struct {
  long prefix, first, first_step, end, end_step;
} ck_visibility;

/* In place on s [rows, columns] with rows `step` apart: e^(scale s - most) where visible, else 0, with the row's largest
   scaled score as `most`. sums receives each row's sum, logs (may be NULL) most + log(sum). */
void ck_attention_exp(float *_Nonnull s, long step, long rows, long columns, float scale, ck_visibility visible,
                      float *_Nonnull sums, float *_Nullable logs);

/* In place: the probability e^(scale s - log of the row) where visible, else 0. */
void ck_attention_again(float *_Nonnull s, long step, long rows, long columns, float scale, ck_visibility visible,
                        const float *_Nonnull logs);

/* In place on dp: p (dp - delta of the row) scale. */
void ck_attention_slope(const float *_Nonnull p, float *_Nonnull dp, long step, long rows, long columns, float scale,
                        const float *_Nonnull deltas);

/* Rows of `columns`, `step` apart, each times its scale. */
void ck_scale_rows(float *_Nonnull x, long step, long rows, long columns, const float *_Nonnull scales, int invert);

/* The dot product of each row of x and y. */
void ck_dot_rows(const float *_Nonnull x, const float *_Nonnull y, long step, long rows, long columns,
                 float *_Nonnull dots);
