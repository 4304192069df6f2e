#pragma once
#include <stdint.h>

/* Operations along the rows of a [rows, columns] matrix. */

/* y = softmax(x) along each row; in place allowed. `columns` > 0. */
void ck_softmax(const float *_Nonnull x, float *_Nonnull y, long rows, long columns);
void ck_log_softmax(const float *_Nonnull x, float *_Nonnull y, long rows, long columns);
/* The place of the largest of n > 0 numbers, the first where there are several. NaN is never the largest. */
long ck_best(const float *_Nonnull x, long n);
/* The logarithm of the sum of e^x. */
float ck_log_sum(const float *_Nonnull x, long n);
/* dx = y (dy - sum(dy y)); dx = dy - exp(y) sum(dy) */
void ck_softmax_backward(const float *_Nonnull y, const float *_Nonnull dy, float *_Nonnull dx, long rows, long columns);
void ck_log_softmax_backward(const float *_Nonnull y, const float *_Nonnull dy, float *_Nonnull dx, long rows,
                             long columns);

/* y = (x - mean) / sqrt(variance + epsilon) * weight + bias along each row; keeps mean and 1 / sqrt(...).
   `residual` may be NULL; else x + residual is normalised, which `sum` receives where it isn't NULL. */
void ck_layer_norm(const float *_Nonnull x, const float *_Nullable residual, float *_Nullable sum,
                   const float *_Nullable weight, const float *_Nullable bias, float epsilon, float *_Nonnull y,
                   float *_Nullable means, float *_Nullable scales, long rows, long columns);
/* x is what was normalised. dweight and dbias (NULL where not wanted) are added to. */
void ck_layer_norm_backward(const float *_Nonnull x, const float *_Nullable weight, const float *_Nonnull means,
                            const float *_Nonnull scales, const float *_Nonnull dy, float *_Nullable dx,
                            float *_Nullable dweight, float *_Nullable dbias, long rows, long columns);

/* y = x / sqrt(mean(x²) + epsilon) * weight along each row. */
void ck_rms_norm(const float *_Nonnull x, const float *_Nullable weight, float epsilon, float *_Nonnull y,
                 float *_Nullable scales, long rows, long columns);
void ck_rms_norm_backward(const float *_Nonnull x, const float *_Nullable weight, const float *_Nonnull scales,
                          const float *_Nonnull dy, float *_Nullable dx, float *_Nullable dweight, long rows,
                          long columns);

/* sum += the rows of x. */
void ck_sum_rows(const float *_Nonnull x, float *_Nonnull sum, long rows, long columns);

/* Rotates pairs of the first `rotated` columns of each head: x is [rows, heads, size]; cosines and sines are
   [rows, rotated / 2]; the pair of i is i + rotated / 2. `direction` 1 forward, -1 backward. In place allowed. */
void ck_rotate(const float *_Nonnull x, const float *_Nonnull cosines, const float *_Nonnull sines, float *_Nonnull y,
               float direction, long rows, long heads, long size, long rotated);
