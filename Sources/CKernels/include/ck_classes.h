#pragma once
#include <stddef.h>

/* Products for a linear classifier of several outputs. Every sum is one chain of multiply-adds in the order of its
   terms. */

/// sum[i] += x[i].
void ck_add_floats(const float *_Nonnull x, double *_Nonnull sum, size_t count);

/// z[r, k] += sum over c of x[r, c] w[c, k], for k in 0 ..< width, a multiple of eight; rows of x lie `step` apart,
/// those of z and w `width`.
void ck_class_scores(const float *_Nonnull x, size_t step, size_t rows, size_t columns, const float *_Nonnull w,
                     size_t width, float *_Nonnull z);

/// g[k, c] += sum over r of z[r, k] x[r, c], for k in 0 ..< outputs; rows of x lie `step` apart, of z `width`, of g `stride`.
void ck_class_gradient(const float *_Nonnull x, size_t step, size_t rows, size_t columns, const float *_Nonnull z,
                       size_t width, size_t outputs, float *_Nonnull g, size_t stride);
