#include "ck_products.h"
#include "functions.h"

/* One row against four at a time: sixteen lanes of partial sums for each, added at the end in a fixed order. */
SIMD static void dot4(const float *x, const float *y, long step, long depth, float out[4]) {
  SUMS_MAY_REORDER
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  const float *y1 = y + step, *y2 = y + 2 * step, *y3 = y + 3 * step;
  for (long k = 0; k < depth; k++) {
    s0 += x[k] * y[k];
    s1 += x[k] * y1[k];
    s2 += x[k] * y2[k];
    s3 += x[k] * y3[k];
  }
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

void ck_narrow_product(const float *a, long a_step, const float *b, long b_step, const float *bias, float *c,
                       long c_step, long rows, long columns, long depth, int accumulate) {
  for (long j = 0; j < columns; j += 4) {
    long n = columns - j < 4 ? columns - j : 4;
    for (long r = 0; r < rows; r++) {
      float sums[4];
      const float *x = a + r * a_step;
      /* fewer than four left: the same row again, so that every element is summed by the same code */
      if (n == 4)
        dot4(x, b + j * b_step, b_step, depth, sums);
      else
        for (long i = 0; i < n; i++) {
          float same[4];
          dot4(x, b + (j + i) * b_step, 0, depth, same);
          sums[i] = same[0];
        }
      float *out = c + r * c_step + j;
      for (long i = 0; i < n; i++) {
        float sum = sums[i] + (bias ? bias[j + i] : 0);
        out[i] = accumulate ? out[i] + sum : sum;
      }
    }
  }
}
