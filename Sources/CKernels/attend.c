#include "ck_attend.h"
#include "functions.h"

#define EIGHT(p) (*(const eight *)(p))

typedef float four __attribute__((vector_size(16)));

/* Of a row that is some rows ahead. Rows of one head lie apart, among those of others, which the processor's own reading
   ahead makes little of; and between two tokens all the weights went through the caches. */
always_inline void fetch(const float *row, long n) {
  for (long i = 0; i < n; i += 16) __builtin_prefetch(row + i);
}
enum { ahead = 8 };

/* x . rows[k], for 1 or 4 rows: those share what is read of x and the last additions. The order of summing depends on n
   alone, not on how many rows there are. */
always_inline void dots(const float *x, const float *rows, long step, const int count, long n, float *out) {
  four sums[4], tails = {0};
  eight a[4], b[4];
  for (int k = 0; k < count; k++) a[k] = b[k] = (eight){0};
  long i = 0;
  for (; i + 16 <= n; i += 16)
    for (int k = 0; k < count; k++) {
      a[k] += EIGHT(x + i) * EIGHT(rows + k * step + i);
      b[k] += EIGHT(x + i + 8) * EIGHT(rows + k * step + i + 8);
    }
  for (; i < n; i++)
    for (int k = 0; k < count; k++) tails[k] += x[i] * rows[k * step + i];
  for (int k = 0; k < 4; k++) {
    const eight both = a[k < count ? k : 0] + b[k < count ? k : 0];
    sums[k] = __builtin_shufflevector(both, both, 0, 1, 2, 3) + __builtin_shufflevector(both, both, 4, 5, 6, 7);
  }
  const four first = __builtin_shufflevector(sums[0], sums[1], 0, 4, 1, 5) +
                     __builtin_shufflevector(sums[0], sums[1], 2, 6, 3, 7);
  const four second = __builtin_shufflevector(sums[2], sums[3], 0, 4, 1, 5) +
                      __builtin_shufflevector(sums[2], sums[3], 2, 6, 3, 7);
  const four result = __builtin_shufflevector(first, second, 0, 1, 4, 5) +
                      __builtin_shufflevector(first, second, 2, 3, 6, 7) + tails;
  for (int k = 0; k < count; k++) out[k] = result[k];
}

/* scores[h, t] = query[h] . keys[t, h] times scale. */
SIMD static void weigh(const float *query, const float *keys, long step, long count, long heads, long size, float scale,
                       float *scores) {
  float found[4];
  for (long t = 0; t < count;) {
    const int together = t + 4 <= count ? 4 : 1;
    for (int k = 0; k < together; k++) fetch(keys + (t + k + ahead) * step, size);
    for (long h = 0; h < heads; h++) {
      const float *x = query + h * size, *rows = keys + t * step;
      if (together == 4) dots(x, rows, step, 4, size, found);
      else dots(x, rows, step, 1, size, found);
      for (int k = 0; k < together; k++) scores[h * count + t + k] = found[k] * scale;
    }
    t += together;
  }
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
    for (int k = 0; k < 4; k++) fetch(rows + (t + k + ahead) * step, n);
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
