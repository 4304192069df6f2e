#include "ck_attend.h"
#include "functions.h"

#define EIGHT(p) (*(const eight *)(p))

/* Summed in an order that depends on n alone. */
always_inline float dot(const float *x, const float *y, long n) {
  eight a = {0}, b = {0};
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    a += EIGHT(x + i) * EIGHT(y + i);
    b += EIGHT(x + i + 8) * EIGHT(y + i + 8);
  }
  float tail = 0;
  for (; i < n; i++) tail += x[i] * y[i];
  a += b;
  a += __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
  a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
  return a[0] + a[1] + tail;
}

/* scores[h, t] = query[h] . keys[t, h] times scale. */
SIMD static void weigh(const float *query, const float *keys, long step, long count, long heads, long size, float scale,
                       float *scores) {
  for (long t = 0; t < count; t++)
    for (long h = 0; h < heads; h++)
      scores[h * count + t] = dot(query + h * size, keys + t * step, size) * scale;
}

/* e^(x - most), and their sum. */
SIMD static float exponentials(float *x, float most, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) {
    float d = x[i] - most, e = d != d ? d : exp_negative(d);
    x[i] = e;
    sum += e;
  }
  return sum;
}

/* Two rows at a time halve the passes over `out`. */
SIMD static void add_weighted(const float *weights, const float *rows, long step, long count, float *out, long n) {
  long t = 0;
  for (; t + 4 <= count; t += 4) {
    const float *a = rows + t * step, *b = a + step, *c = b + step, *d = c + step;
    float wa = weights[t], wb = weights[t + 1], wc = weights[t + 2], wd = weights[t + 3];
    for (long i = 0; i < n; i++) out[i] += (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]);
  }
  for (; t < count; t++)
    for (long i = 0; i < n; i++) out[i] += weights[t] * rows[t * step + i];
}

void ck_attend_part(const float *query, const float *keys, const float *values, long step, long first, long last,
                    long heads, long size, float scale, float *scores, float *part) {
  long count = last - first;
  weigh(query, keys + first * step, step, count, heads, size, scale, scores);
  for (long h = 0; h < heads; h++) {
    float *own = part + h * (2 + size), *s = scores + h * count;
    float most = -INFINITY;
    for (long t = 0; t < count; t++) most = s[t] > most ? s[t] : most;
    if (!(most > -INFINITY)) most = 0;
    own[0] = most;
    own[1] = exponentials(s, most, count);
    for (long i = 0; i < size; i++) own[2 + i] = 0;
    add_weighted(s, values + first * step, step, count, own + 2, size);
  }
}

void ck_attend_join(const float *parts, long count, long heads, long size, float *out) {
  for (long h = 0; h < heads; h++) {
    const float *own = parts + h * (2 + size);
    long apart = heads * (2 + size);
    float most = own[0], sum = 0;
    for (long p = 1; p < count; p++) most = own[p * apart] > most ? own[p * apart] : most;
    float *to = out + h * size;
    for (long i = 0; i < size; i++) to[i] = 0;
    for (long p = 0; p < count; p++) {
      const float *one = own + p * apart;
      float weight = expf(one[0] - most);
      sum += weight * one[1];
      for (long i = 0; i < size; i++) to[i] += weight * one[2 + i];
    }
    for (long i = 0; i < size; i++) to[i] /= sum;
  }
}
