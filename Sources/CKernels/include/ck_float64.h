#pragma once
#include <stddef.h>

/// Copies floats into doubles.
void ck_widen(const float *x, double *out, size_t count);

/// out[r] = sum over c of x[r, c] * w[c], in double; x is [rows, columns].
void ck_rows_dot_f64(const float *x, size_t rows, size_t columns, const double *w, double *out);

/// sum[c] += sum over r of factors[r] * x[r, c], in double; x is [rows, columns].
void ck_rows_add_f64(const float *x, size_t rows, size_t columns, const double *factors, double *sum);
