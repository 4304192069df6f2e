#include "ck_rows.h"
#include "functions.h"

SIMD static float row_max(const float *x, long n) {
  float lanes[16];
  for (int l = 0; l < 16; l++) lanes[l] = -INFINITY;
  long i = 0;
  for (; i + 16 <= n; i += 16)
    for (int l = 0; l < 16; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  float best = -INFINITY;
  for (int l = 0; l < 16; l++) best = lanes[l] > best ? lanes[l] : best;
  for (; i < n; i++) best = x[i] > best ? x[i] : best;
  return best;
}

/* Writes e^(x - shift) and returns the sum. A row that holds NaN sums to NaN. */
SIMD static float row_exp(const float *x, float *y, float shift, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) {
    float d = x[i] - shift;
    float e = exp_negative(d) + (d - d == 0 ? 0 : d != d ? d : 0);
    y[i] = e;
    sum += e;
  }
  return sum;
}

SIMD static float row_exp_sum(const float *x, float shift, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) sum += exp_negative(x[i] - shift);
  return sum;
}

SIMD static void row_scale(float *y, float scale, long n) {
  for (long i = 0; i < n; i++) y[i] *= scale;
}

SIMD static float row_dot(const float *x, const float *y, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

void ck_softmax(const float *x, float *y, long rows, long columns) {
  for (long r = 0; r < rows; r++, x += columns, y += columns) {
    float most = row_max(x, columns);
    float sum = row_exp(x, y, most == -INFINITY ? 0 : most, columns);
    row_scale(y, 1 / sum, columns);
  }
}

long ck_best(const float *x, long n) {
  float most = row_max(x, n);
  for (long i = 0; i < n; i++)
    if (x[i] == most) return i;
  return 0;
}

float ck_log_sum(const float *x, long n) {
  float most = row_max(x, n);
  return most + logf(row_exp_sum(x, most, n));
}

void ck_log_softmax(const float *x, float *y, long rows, long columns) {
  for (long r = 0; r < rows; r++, x += columns, y += columns) {
    float most = row_max(x, columns);
    float shift = most + logf(row_exp_sum(x, most, columns));
    for (long i = 0; i < columns; i++) y[i] = x[i] - shift;
  }
}

SIMD static void softmax_backward_row(const float *y, const float *dy, float *dx, long n) {
  float dot = row_dot(y, dy, n);
  for (long i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
}

void ck_softmax_backward(const float *y, const float *dy, float *dx, long rows, long columns) {
  for (long r = 0; r < rows; r++, y += columns, dy += columns, dx += columns) softmax_backward_row(y, dy, dx, columns);
}

SIMD static void log_softmax_backward_row(const float *y, const float *dy, float *dx, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) sum += dy[i];
  for (long i = 0; i < n; i++) dx[i] = dy[i] - exp_negative(y[i]) * sum;
}

void ck_log_softmax_backward(const float *y, const float *dy, float *dx, long rows, long columns) {
  for (long r = 0; r < rows; r++, y += columns, dy += columns, dx += columns)
    log_softmax_backward_row(y, dy, dx, columns);
}

SIMD void ck_layer_norm(const float *x, const float *residual, float *sum, const float *weight, const float *bias,
                        float epsilon, float *y, float *means, float *scales, long rows, long columns) {
  SUMS_MAY_REORDER
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * columns;
    float *out = y + r * columns;
    float total = 0;
    if (residual) {
      const float *other = residual + r * columns;
      float *both = sum ? sum + r * columns : out;
      for (long i = 0; i < columns; i++) {
        float v = in[i] + other[i];
        both[i] = v;
        total += v;
      }
      in = both;
    } else {
      for (long i = 0; i < columns; i++) total += in[i];
    }
    float mean = total / columns, squares = 0;
    for (long i = 0; i < columns; i++) squares += (in[i] - mean) * (in[i] - mean);
    if (squares < 1e-10f * columns * mean * mean) {
      /* Nearly constant: what the mean was rounded by would pass for the row's spread. */
      float rest = 0;
      for (long i = 0; i < columns; i++) rest += in[i] - mean;
      mean += rest / columns;
      squares = 0;
      for (long i = 0; i < columns; i++) squares += (in[i] - mean) * (in[i] - mean);
    }
    float scale = 1 / square_root(squares / columns + epsilon);
    if (weight && bias) {
      EACH_PLACE_ALONE
      for (long i = 0; i < columns; i++) out[i] = (in[i] - mean) * scale * weight[i] + bias[i];
    } else if (weight) {
      EACH_PLACE_ALONE
      for (long i = 0; i < columns; i++) out[i] = (in[i] - mean) * scale * weight[i];
    } else {
      for (long i = 0; i < columns; i++) out[i] = (in[i] - mean) * scale + (bias ? bias[i] : 0);
    }
    if (means) means[r] = mean;
    if (scales) scales[r] = scale;
  }
}

SIMD void ck_layer_norm_backward(const float *x, const float *weight, const float *means, const float *scales,
                                 const float *dy, float *dx, float *dweight, float *dbias, long rows, long columns) {
  SUMS_MAY_REORDER
  for (long r = 0; r < rows; r++, x += columns, dy += columns) {
    float mean = means[r], scale = scales[r];
    if (dweight)
      for (long i = 0; i < columns; i++) dweight[i] += dy[i] * (x[i] - mean) * scale;
    if (dbias)
      for (long i = 0; i < columns; i++) dbias[i] += dy[i];
    if (!dx) continue;
    float sum = 0, dot = 0;
    if (weight)
      for (long i = 0; i < columns; i++) {
        float g = dy[i] * weight[i];
        sum += g;
        dot += g * (x[i] - mean);
      }
    else
      for (long i = 0; i < columns; i++) {
        sum += dy[i];
        dot += dy[i] * (x[i] - mean);
      }
    float a = sum / columns, b = dot * scale * scale / columns;
    float *out = dx + r * columns;
    if (weight)
      for (long i = 0; i < columns; i++) out[i] = scale * (dy[i] * weight[i] - a - (x[i] - mean) * b);
    else
      for (long i = 0; i < columns; i++) out[i] = scale * (dy[i] - a - (x[i] - mean) * b);
  }
}

SIMD void ck_rms_norm(const float *x, const float *weight, float epsilon, float *y, float *scales, long rows,
                      long columns) {
  SUMS_MAY_REORDER
  for (long r = 0; r < rows; r++, x += columns, y += columns) {
    float squares = 0;
    for (long i = 0; i < columns; i++) squares += x[i] * x[i];
    float scale = 1 / square_root(squares / columns + epsilon);
    if (weight)
      for (long i = 0; i < columns; i++) y[i] = x[i] * scale * weight[i];
    else
      for (long i = 0; i < columns; i++) y[i] = x[i] * scale;
    if (scales) scales[r] = scale;
  }
}

SIMD void ck_rms_norm_backward(const float *x, const float *weight, const float *scales, const float *dy, float *dx,
                               float *dweight, long rows, long columns) {
  SUMS_MAY_REORDER
  for (long r = 0; r < rows; r++, x += columns, dy += columns) {
    float scale = scales[r];
    if (dweight)
      for (long i = 0; i < columns; i++) dweight[i] += dy[i] * x[i] * scale;
    if (!dx) continue;
    float dot = 0;
    for (long i = 0; i < columns; i++) dot += dy[i] * (weight ? weight[i] : 1) * x[i];
    float b = dot * scale * scale / columns;
    float *out = dx + r * columns;
    for (long i = 0; i < columns; i++) out[i] = scale * (dy[i] * (weight ? weight[i] : 1) - x[i] * b);
  }
}

SIMD void ck_sum_rows(const float *x, float *sum, long rows, long columns) {
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < columns; i++) sum[i] += x[r * columns + i];
}

SIMD void ck_rotate(const float *x, const float *cosines, const float *sines, float *y, float direction, long rows,
                    long heads, long size, long rotated) {
  long half = rotated / 2;
  for (long r = 0; r < rows; r++) {
    const float *c = cosines + r * half, *s = sines + r * half;
    for (long h = 0; h < heads; h++) {
      const float *in = x + (r * heads + h) * size;
      float *out = y + (r * heads + h) * size;
      EACH_PLACE_ALONE
      for (long i = 0; i < half; i++) {
        float a = in[i], b = in[i + half], sine = direction * s[i];
        out[i] = a * c[i] - b * sine;
        out[i + half] = b * c[i] + a * sine;
      }
      for (long i = rotated; i < size; i++) out[i] = in[i];
    }
  }
}
