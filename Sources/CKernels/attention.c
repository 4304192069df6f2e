#include "ck_attention.h"
#include "functions.h"

always_inline long limit(long value, long low, long high) { return value < low ? low : value > high ? high : value; }


SIMD static float span_max(const float *x, long n) {
  float lanes[32];
  for (int l = 0; l < 32; l++) lanes[l] = -INFINITY;
  long i = 0;
  for (; i + 32 <= n; i += 32)
    for (int l = 0; l < 32; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  float best = -INFINITY;
  for (int l = 0; l < 32; l++) best = lanes[l] > best ? lanes[l] : best;
  for (; i < n; i++) best = x[i] > best ? x[i] : best;
  return best;
}

/* NaN in a score makes the whole row NaN: exp_negative alone would hide it. */
SIMD static float span_exp(float *x, float scale, float most, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) {
    float d = x[i] * scale - most;
    float e = d != d ? d : exp_negative(d);
    x[i] = e;
    sum += e;
  }
  return sum;
}

SIMD static void span_again(float *x, float scale, float log, long n) {
  for (long i = 0; i < n; i++) x[i] = exp_negative(x[i] * scale - log);
}

void ck_attention_exp(float *s, long step, long rows, long columns, float scale, ck_visibility v, float *sums,
                      float *logs) {
  for (long r = 0; r < rows; r++) {
    float *row = s + r * step;
    long prefix = limit(v.prefix, 0, columns);
    long end = limit(v.end + r * v.end_step, prefix, columns);
    long first = limit(v.first + r * v.first_step, prefix, end);
    float most;
    if (scale >= 0) {
      float a = span_max(row, prefix), b = span_max(row + first, end - first);
      most = scale * (a > b ? a : b);
    } else {
      most = 0;
      for (long i = 0; i < columns; i++) row[i] *= scale;
      float a = span_max(row, prefix), b = span_max(row + first, end - first);
      most = a > b ? a : b;
    }
    if (!(most > -INFINITY)) most = 0;
    float by = scale >= 0 ? scale : 1;
    float sum = (prefix ? span_exp(row, by, most, prefix) : 0) + span_exp(row + first, by, most, end - first);
    for (long i = prefix; i < first; i++) row[i] = 0;
    for (long i = end; i < columns; i++) row[i] = 0;
    sums[r] = sum;
    if (logs) logs[r] = most + logf(sum);
  }
}

void ck_attention_again(float *s, long step, long rows, long columns, float scale, ck_visibility v,
                        const float *logs) {
  for (long r = 0; r < rows; r++) {
    float *row = s + r * step;
    long prefix = limit(v.prefix, 0, columns);
    long end = limit(v.end + r * v.end_step, prefix, columns);
    long first = limit(v.first + r * v.first_step, prefix, end);
    if (prefix) span_again(row, scale, logs[r], prefix);
    span_again(row + first, scale, logs[r], end - first);
    for (long i = prefix; i < first; i++) row[i] = 0;
    for (long i = end; i < columns; i++) row[i] = 0;
  }
}

SIMD void ck_attention_slope(const float *p, float *dp, long step, long rows, long columns, float scale,
                             const float *deltas) {
  for (long r = 0; r < rows; r++) {
    const float *a = p + r * step;
    float *b = dp + r * step, delta = deltas[r];
    for (long i = 0; i < columns; i++) b[i] = a[i] * (b[i] - delta) * scale;
  }
}

SIMD void ck_scale_rows(float *x, long step, long rows, long columns, const float *scales, int invert) {
  for (long r = 0; r < rows; r++) {
    float *row = x + r * step, scale = invert ? 1 / scales[r] : scales[r];
    for (long i = 0; i < columns; i++) row[i] *= scale;
  }
}

SIMD void ck_dot_rows(const float *x, const float *y, long step, long rows, long columns, float *dots) {
  SUMS_MAY_REORDER
  for (long r = 0; r < rows; r++) {
    float sum = 0;
    for (long i = 0; i < columns; i++) sum += x[r * step + i] * y[r * step + i];
    dots[r] = sum;
  }
}
