#include "ck_float64.h"

// Sums in double over features stored as floats: each number is widened in a register, so that the features are read
// from memory once and at half the size.

#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

CK_CLONES void ck_widen(const float *restrict x, double *restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = x[i];
}

CK_CLONES void ck_rows_dot_f64(const float *restrict x, size_t rows, size_t columns, const double *restrict w,
                               double *restrict out) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    double sum = 0;
    for (size_t c = 0; c < columns; c++) sum += (double)row[c] * w[c];
    out[r] = sum;
  }
}

CK_CLONES void ck_rows_add_f64(const float *restrict x, size_t rows, size_t columns, const double *restrict factors,
                               double *restrict sum) {
#pragma clang fp contract(fast)
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *a = x + r * columns, *b = a + columns, *c = b + columns, *d = c + columns;
    double fa = factors[r], fb = factors[r + 1], fc = factors[r + 2], fd = factors[r + 3];
    for (size_t i = 0; i < columns; i++) sum[i] += (fa * a[i] + fb * b[i]) + (fc * c[i] + fd * d[i]);
  }
  for (; r < rows; r++) {
    const float *row = x + r * columns;
    for (size_t i = 0; i < columns; i++) sum[i] += factors[r] * row[i];
  }
}
