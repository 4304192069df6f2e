#include "blocks_layout.h"
#include "blocks_middle.h"
#include "blocks_wide.h"

long ck_block_columns(ck_block_kind kind) { return block_columns(kind); }

long ck_block_row_bytes(ck_block_kind kind, long columns) {
  return columns / block_columns(kind) * block_bytes(kind);
}

/* 32 weights of a row as floats. */
always_inline void group_floats(ck_block_kind kind, const uint8_t *row, long group, float *w) {
#pragma clang fp contract(off)
  switch (kind) {
    case ck_f32: memcpy(w, row + 128 * group, 128); return;
    case ck_f16:
      for (int i = 0; i < 32; i++) w[i] = half_at(row + 64 * group + 2 * i);
      return;
    case ck_bf16:
      for (int i = 0; i < 32; i++) {
        uint16_t h;
        memcpy(&h, row + 64 * group + 2 * i, 2);
        w[i] = bits_to_float((int32_t)((uint32_t)h << 16));
      }
      return;
    case ck_q8_0: {
      const uint8_t *p = row + 34 * group;
      float d = half_at(p);
      for (int i = 0; i < 32; i++) w[i] = (float)(int8_t)p[2 + i] * d;
      return;
    }
    case ck_q4_0: {
      const uint8_t *p = row + 18 * group;
      float d = half_at(p);
      for (int i = 0; i < 16; i++) {
        w[i] = (float)((p[2 + i] & 15) - 8) * d;
        w[i + 16] = (float)((p[2 + i] >> 4) - 8) * d;
      }
      return;
    }
    case ck_q4_1: {
      const uint8_t *p = row + 20 * group;
      float d = half_at(p), m = half_at(p + 2);
      for (int i = 0; i < 16; i++) {
        w[i] = (float)(p[4 + i] & 15) * d + m;
        w[i + 16] = (float)(p[4 + i] >> 4) * d + m;
      }
      return;
    }
    case ck_q5_0: case ck_q5_1: {
      int signedness = kind == ck_q5_0 ? 16 : 0;
      const uint8_t *p = row + (kind == ck_q5_0 ? 22 : 24) * group;
      float d = half_at(p), m = kind == ck_q5_0 ? 0 : half_at(p + 2);
      p += kind == ck_q5_0 ? 2 : 4;
      uint32_t high = word_at(p);
      for (int i = 0; i < 16; i++) {
        int low = (p[4 + i] & 15) | (int)(high >> i & 1) << 4, up = p[4 + i] >> 4 | (int)(high >> (i + 16) & 1) << 4;
        w[i] = (float)(low - signedness) * d + m;
        w[i + 16] = (float)(up - signedness) * d + m;
      }
      return;
    }
    case ck_q4_k: case ck_q5_k: {
      const uint8_t *p = row + block_bytes(kind) * (group / 8);
      long g = group % 8;
      int scale, minimum;
      six_bits(p + 4, g, &scale, &minimum);
      float d = half_at(p) * (float)scale, m = half_at(p + 2) * (float)minimum;
      const uint8_t *nibbles = p + (kind == ck_q4_k ? 16 : 48) + 32 * (g / 2), *high = p + 16;
      int shift = g % 2 ? 4 : 0;
      for (int i = 0; i < 32; i++) {
        int q = nibbles[i] >> shift & 15;
        if (kind == ck_q5_k) q |= (high[i] >> g & 1) << 4;
        w[i] = d * (float)q - m;
      }
      return;
    }
    case ck_q6_k: {
      const uint8_t *p = row + 210 * (group / 8);
      long half = group % 8 / 4, quarter = group % 4;
      const uint8_t *low = p + 64 * half + quarter % 2 * 32, *high = p + 128 + 32 * half;
      const int8_t *scales = (const int8_t *)p + 192 + 8 * half + 2 * quarter;
      float d = half_at(p + 208);
      int shift = quarter < 2 ? 0 : 4, pair = 2 * (int)quarter;
      for (int i = 0; i < 32; i++)
        w[i] = d * (float)scales[i / 16] * (float)(((low[i] >> shift & 15) | (high[i] >> pair & 3) << 4) - 32);
      return;
    }
  }
}

/* Weights after the last whole group, of kinds that stand alone. */
always_inline float single_float(ck_block_kind kind, const uint8_t *row, long k) {
  if (kind == ck_f16) return half_at(row + 2 * k);
  if (kind == ck_bf16) return bits_to_float((int32_t)((uint32_t)(row[2 * k] | row[2 * k + 1] << 8) << 16));
  float f;
  memcpy(&f, row + 4 * k, 4);
  return f;
}

always_inline void row_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
  for (long g = 0; g < columns / 32; g++) group_floats(kind, row, g, out + 32 * g);
  for (long k = columns / 32 * 32; k < columns; k++) out[k] = single_float(kind, row, k);
}

SIMD static void portable_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
#define CASE(k) case k: row_floats(k, row, columns, out); return;
  switch (kind) { EACH_KIND(CASE) }
#undef CASE
}

void ck_block_floats(ck_block_kind kind, const void *row, long columns, float *out) {
  if (wide_floats(kind, row, columns, out) || middle_floats(kind, row, columns, out)) return;
  portable_floats(kind, row, columns, out);
}

void ck_block_rows(const ck_block_matrix *w, long first, long last, float *out) {
  for (long r = first; r < last; r++)
    ck_block_floats(w->kind, block_row(w, r), w->columns, out + (r - first) * w->columns);
}

SIMD static float dot(const float *x, const float *y, long n) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/* One row for all of x: its weights become floats piece by piece. */
static void portable_row(ck_block_kind kind, const uint8_t *row, long columns, const float *x, long x_step, long count,
                         float *sums) {
  enum { piece = 1024 };                     /* a multiple of every block */
  float weights[piece];
  for (long j = 0; j < count; j++) sums[j] = 0;
  for (long k = 0; k < columns; k += piece) {
    long n = columns - k < piece ? columns - k : piece;
    portable_floats(kind, row + k / block_columns(kind) * block_bytes(kind), n, weights);
    for (long j = 0; j < count; j++) sums[j] += dot(weights, x + j * x_step + k, n);
  }
}

long ck_block_prepared_count(ck_block_kind kind, long columns) {
  return wide_available() ? wide_prepared_count(kind, columns) : middle_prepared_count(kind, columns);
}

void ck_block_prepare(ck_block_kind kind, long columns, const float *x, long x_step, long count, float *prepared) {
  if (wide_available()) wide_prepare(kind, columns, x, x_step, count, prepared);
  else middle_prepare(kind, columns, x, x_step, count, prepared);
}

void ck_block_product(const ck_block_matrix *w, long first, long last, const float *x, long x_step,
                      const float *prepared, long count, const float *bias, float *out, long out_step, int accumulate) {
  enum { most = 4 };
  const long prepared_step = ck_block_prepared_count(w->kind, w->columns);
  for (long j = 0; j < count; j += most) {
    long n = count - j < most ? count - j : most;
    const float *rows = x + j * x_step, *own = prepared ? prepared + j * prepared_step : NULL;
    float *to = out + j * out_step;
    if (wide_product(w, first, last, rows, x_step, own, n, bias, to, out_step, accumulate) ||
        middle_product(w, first, last, rows, x_step, own, n, bias, to, out_step, accumulate))
      continue;
    for (long r = first; r < last; r++) {
      float sums[most];
      portable_row(w->kind, block_row(w, r), w->columns, rows, x_step, n, sums);
      put_sums(sums, n, bias, r, to, out_step, accumulate);
    }
  }
}
