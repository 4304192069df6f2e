#include "blocks_wide.h"

#include <stdatomic.h>

#include "blocks_layout.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,f16c")))
#define wide_inline WIDE always_inline

int wide_available(void) {
  static atomic_int level;
  int l = atomic_load_explicit(&level, memory_order_relaxed);
  if (!l) {
    __builtin_cpu_init();
    l = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("f16c")
            ? 2
            : 1;
    atomic_store_explicit(&level, l, memory_order_relaxed);
  }
  return l == 2;
}

typedef struct {
  __m512 a, b;
} pair;

wide_inline __m512 halves(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
wide_inline __m512 brains(const uint8_t *p) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
wide_inline __m512 bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
wide_inline __m512i unsigned_bytes(const uint8_t *p) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
}
wide_inline __m512 small_numbers(void) {
  return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
/* One half-precision number everywhere. */
wide_inline __m512 spread(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return _mm512_cvtph_ps(_mm256_set1_epi16((short)h));
}

/* q d + m, rounded twice as everywhere else: what a block holds has one value. */
wide_inline __m512 scaled(__m512 q, __m512 d, __m512 m) { return _mm512_add_ps(_mm512_mul_ps(q, d), m); }

/* Nibbles of 16 bytes by a table of their sixteen weights: the look-up reads the low four bits only. */
wide_inline pair nibbles(const uint8_t *p, __m512 table) {
  __m512i b = unsigned_bytes(p);
  return (pair){_mm512_permutexvar_ps(b, table), _mm512_permutexvar_ps(_mm512_srli_epi32(b, 4), table)};
}

/* The same with a fifth bit from `high`. */
wide_inline pair five_bits(const uint8_t *p, uint32_t high, __m512 low_table, __m512 high_table) {
  __m512i b = unsigned_bytes(p), c = _mm512_srli_epi32(b, 4);
  return (pair){_mm512_mask_permutexvar_ps(_mm512_permutexvar_ps(b, low_table), (__mmask16)high, b, high_table),
                _mm512_mask_permutexvar_ps(_mm512_permutexvar_ps(c, low_table), (__mmask16)(high >> 16), c, high_table)};
}

/* 32 weights of a row. */
wide_inline pair group_weights(ck_block_kind kind, const uint8_t *row, long group) {
  switch (kind) {
    case ck_f32: return (pair){_mm512_loadu_ps(row + 128 * group), _mm512_loadu_ps(row + 128 * group + 64)};
    case ck_f16: return (pair){halves(row + 64 * group), halves(row + 64 * group + 32)};
    case ck_bf16: return (pair){brains(row + 64 * group), brains(row + 64 * group + 32)};
    case ck_q8_0: {
      const uint8_t *p = row + 34 * group;
      __m512 d = spread(p);
      return (pair){_mm512_mul_ps(bytes(p + 2), d), _mm512_mul_ps(bytes(p + 18), d)};
    }
    case ck_q4_0: {
      const uint8_t *p = row + 18 * group;
      __m512 table = _mm512_mul_ps(_mm512_sub_ps(small_numbers(), _mm512_set1_ps(8)), spread(p));
      return nibbles(p + 2, table);
    }
    case ck_q4_1: {
      const uint8_t *p = row + 20 * group;
      __m512 both = _mm512_cvtph_ps(_mm256_set1_epi32((int)word_at(p)));
      __m512 table = scaled(small_numbers(), _mm512_moveldup_ps(both), _mm512_movehdup_ps(both));
      return nibbles(p + 4, table);
    }
    case ck_q5_0: {
      const uint8_t *p = row + 22 * group;
      __m512 d = spread(p), n = _mm512_sub_ps(small_numbers(), _mm512_set1_ps(16));
      return five_bits(p + 6, word_at(p + 2), _mm512_mul_ps(n, d),
                       _mm512_mul_ps(_mm512_add_ps(n, _mm512_set1_ps(16)), d));
    }
    case ck_q5_1: {
      const uint8_t *p = row + 24 * group;
      __m512 d = spread(p), m = spread(p + 2);
      return five_bits(p + 8, word_at(p + 4), scaled(small_numbers(), d, m),
                       scaled(_mm512_add_ps(small_numbers(), _mm512_set1_ps(16)), d, m));
    }
    case ck_q4_k: case ck_q5_k: {
      const uint8_t *p = row + block_bytes(kind) * (group / 8);
      long g = group % 8;
      int scale, minimum;
      six_bits(p + 4, g, &scale, &minimum);
      __m512 d = _mm512_set1_ps(half_to_float((uint16_t)(word_at(p) & 0xffff)) * (float)scale);
      __m512 m = _mm512_set1_ps(half_to_float((uint16_t)(word_at(p) >> 16)) * (float)minimum);
      const uint8_t *low = p + (kind == ck_q4_k ? 16 : 48) + 32 * (g / 2);
      __m128i shift = _mm_cvtsi32_si128(g % 2 ? 4 : 0);
      __m512i a = _mm512_and_si512(_mm512_srl_epi32(unsigned_bytes(low), shift), _mm512_set1_epi32(15));
      __m512i b = _mm512_and_si512(_mm512_srl_epi32(unsigned_bytes(low + 16), shift), _mm512_set1_epi32(15));
      if (kind == ck_q5_k) {
        __m512i bit = _mm512_set1_epi32(1 << g), more = _mm512_set1_epi32(16);
        a = _mm512_mask_or_epi32(a, _mm512_test_epi32_mask(unsigned_bytes(p + 16), bit), a, more);
        b = _mm512_mask_or_epi32(b, _mm512_test_epi32_mask(unsigned_bytes(p + 32), bit), b, more);
      }
      return (pair){_mm512_sub_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(a), d), m),
                    _mm512_sub_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(b), d), m)};
    }
    case ck_q6_k: {
      const uint8_t *p = row + 210 * (group / 8);
      long half = group % 8 / 4, quarter = group % 4;
      const uint8_t *low = p + 64 * half + quarter % 2 * 32, *high = p + 128 + 32 * half;
      const int8_t *scales = (const int8_t *)p + 192 + 8 * half + 2 * quarter;
      float d = half_at(p + 208);
      __m128i shift = _mm_cvtsi32_si128(quarter < 2 ? 0 : 4), two = _mm_cvtsi32_si128(2 * (int)quarter);
      pair result;
      for (int i = 0; i < 2; i++) {
        __m512i l = _mm512_and_si512(_mm512_srl_epi32(unsigned_bytes(low + 16 * i), shift), _mm512_set1_epi32(15));
        __m512i h = _mm512_and_si512(_mm512_srl_epi32(unsigned_bytes(high + 16 * i), two), _mm512_set1_epi32(3));
        __m512i q = _mm512_sub_epi32(_mm512_or_si512(l, _mm512_slli_epi32(h, 4)), _mm512_set1_epi32(32));
        __m512 w = _mm512_mul_ps(_mm512_cvtepi32_ps(q), _mm512_set1_ps(d * (float)scales[i]));
        if (i) result.b = w; else result.a = w;
      }
      return result;
    }
  }
  return (pair){_mm512_setzero_ps(), _mm512_setzero_ps()};
}

/* The weights that don't fill a group, of kinds that stand alone; zeros behind them. */
wide_inline pair last_weights(ck_block_kind kind, const uint8_t *row, long columns) {
  uint8_t rest[128] = {0};
  long size = block_bytes(kind), from = columns / 32 * 32;
  memcpy(rest, row + from * size, (size_t)((columns - from) * size));
  return group_weights(kind, rest, 0);
}

wide_inline void row_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
  long whole = columns / 32;
  for (long g = 0; g < whole; g++) {
    pair w = group_weights(kind, row, g);
    _mm512_storeu_ps(out + 32 * g, w.a);
    _mm512_storeu_ps(out + 32 * g + 16, w.b);
  }
  long rest = columns - 32 * whole;
  if (rest) {
    pair w = last_weights(kind, row, columns);
    uint32_t mask = (1u << rest) - 1;
    _mm512_mask_storeu_ps(out + 32 * whole, (__mmask16)mask, w.a);
    _mm512_mask_storeu_ps(out + 32 * whole + 16, (__mmask16)(mask >> 16), w.b);
  }
}

/* One row times `count` rows of x, 1 to 4. */
wide_inline void row_sums(ck_block_kind kind, const uint8_t *row, long columns, const float *x, long step,
                          const int count, float *sums) {
  __m512 a[4], b[4];
  for (int j = 0; j < count; j++) a[j] = b[j] = _mm512_setzero_ps();
  long whole = columns / 32;
  for (long g = 0; g < whole; g++) {
    pair w = group_weights(kind, row, g);
    for (int j = 0; j < count; j++) {
      a[j] = _mm512_fmadd_ps(w.a, _mm512_loadu_ps(x + j * step + 32 * g), a[j]);
      b[j] = _mm512_fmadd_ps(w.b, _mm512_loadu_ps(x + j * step + 32 * g + 16), b[j]);
    }
  }
  long rest = columns - 32 * whole;
  if (rest) {
    pair w = last_weights(kind, row, columns);
    uint32_t mask = (1u << rest) - 1;
    for (int j = 0; j < count; j++) {
      const float *y = x + j * step + 32 * whole;
      a[j] = _mm512_fmadd_ps(w.a, _mm512_maskz_loadu_ps((__mmask16)mask, y), a[j]);
      b[j] = _mm512_fmadd_ps(w.b, _mm512_maskz_loadu_ps((__mmask16)(mask >> 16), y + 16), b[j]);
    }
  }
  for (int j = 0; j < count; j++) sums[j] = _mm512_reduce_add_ps(_mm512_add_ps(a[j], b[j]));
}

/* Kinds of 32 weights under a scale, and for Q4_1 a minimum: the sum of a block's whole numbers times x comes first,
   then its scale. Sixteen blocks' scales are collected at once. `totals` has the sum of x over each block, for minima:
   `count` arrays, total_step apart. Every row is summed as `two_rows` sums it. */
wide_inline void scaled_sums(ck_block_kind kind, const uint8_t *row, long groups, const float *x, long step,
                             const float *totals, long total_step, const int count, float *sums) {
  const long size = block_bytes(kind), start = kind == ck_q4_1 ? 4 : 2;
  const __m512i places = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                            _mm512_set1_epi32((int)size));
  const __m512 table = kind == ck_q4_0 ? _mm512_sub_ps(small_numbers(), _mm512_set1_ps(8)) : small_numbers();
  float collected[16] __attribute__((aligned(64)));
  const float *scales = collected;
  __m512 acc[4];
  for (int j = 0; j < count; j++) acc[j] = _mm512_setzero_ps();
  for (long g = 0; g < groups; g += 16) {
    const long n = groups - g < 16 ? groups - g : 16;
    const uint8_t *p = row + g * size;
    if (groups >= 16) {
      /* the last blocks are collected together with some that were there before */
      const long back = 16 - n;
      const uint8_t *start_of = p - back * size;
      __m512i words = _mm512_i32gather_epi32(places, start_of, 1);
      _mm512_store_ps(collected, _mm512_cvtph_ps(_mm512_cvtepi32_epi16(words)));
      scales = collected + back;
      if (kind == ck_q4_1) {
        __m512 minima = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(words, 16)));
        __mmask16 mask = (__mmask16)(0xffffu << back);
        for (int j = 0; j < count; j++)
          acc[j] = _mm512_mask3_fmadd_ps(minima, _mm512_loadu_ps(totals + j * total_step + g - back), acc[j], mask);
      }
    } else {
      scales = collected;
      for (long i = 0; i < n; i++) {
        __m128 d = _mm_cvtph_ps(_mm_cvtsi32_si128((int)word_at(p + i * size)));   /* scale, minimum, 0, 0 */
        _mm_store_ss(collected + i, d);
        if (kind == ck_q4_1)
          for (int j = 0; j < count; j++) {
            __m128 total = _mm_set_ps(0, 0, totals[j * total_step + g + i], 0);
            acc[j] = _mm512_add_ps(acc[j], _mm512_zextps128_ps512(_mm_mul_ps(d, total)));
          }
      }
    }
    for (long i = 0; i < n; i += 2) {
      const int both = i + 1 < n;
      pair q[2];
      _mm_prefetch((const char *)p + 1024, _MM_HINT_T0);
      for (int u = 0; u < 1 + both; u++)
        q[u] = kind == ck_q8_0 ? (pair){bytes(p + u * size + start), bytes(p + u * size + start + 16)}
                               : nibbles(p + u * size + start, table);
      for (int j = 0; j < count; j++) {
        const float *y = x + j * step + 32 * (g + i);
        __m512 t = _mm512_fmadd_ps(q[0].b, _mm512_loadu_ps(y + 16), _mm512_mul_ps(q[0].a, _mm512_loadu_ps(y)));
        acc[j] = _mm512_fmadd_ps(t, _mm512_set1_ps(scales[i]), acc[j]);
        if (!both) continue;
        t = _mm512_fmadd_ps(q[1].b, _mm512_loadu_ps(y + 48), _mm512_mul_ps(q[1].a, _mm512_loadu_ps(y + 32)));
        acc[j] = _mm512_fmadd_ps(t, _mm512_set1_ps(scales[i + 1]), acc[j]);
      }
      p += 2 * size;
    }
  }
  for (int j = 0; j < count; j++) sums[j] = _mm512_reduce_add_ps(acc[j]);
}

/* Two rows of the matrix for one row of x. */
wide_inline void two_rows(ck_block_kind kind, const uint8_t *row0, const uint8_t *row1, long groups, const float *x,
                          const float *totals, float *sums) {
  const long size = block_bytes(kind), start = kind == ck_q4_1 ? 4 : 2;
  const __m512i places = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                            _mm512_set1_epi32((int)size));
  const __m512 table = kind == ck_q4_0 ? _mm512_sub_ps(small_numbers(), _mm512_set1_ps(8)) : small_numbers();
  float memory[2][16] __attribute__((aligned(64)));
  const uint8_t *rows[2] = {row0, row1};
  __m512 acc[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  for (long g = 0; g < groups; g += 16) {
    const long n = groups - g < 16 ? groups - g : 16, back = 16 - n;
    for (int u = 0; u < 2; u++) {
      __m512i words = _mm512_i32gather_epi32(places, rows[u] + (g - back) * size, 1);
      _mm512_store_ps(memory[u], _mm512_cvtph_ps(_mm512_cvtepi32_epi16(words)));
      if (kind == ck_q4_1) {
        __m512 minima = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(words, 16)));
        acc[u] = _mm512_mask3_fmadd_ps(minima, _mm512_loadu_ps(totals + g - back), acc[u], (__mmask16)(0xffffu << back));
      }
    }
    for (long i = 0; i < n; i++) {
      const float *y = x + 32 * (g + i);
      const __m512 y0 = _mm512_loadu_ps(y), y1 = _mm512_loadu_ps(y + 16);
      for (int u = 0; u < 2; u++) {
        const uint8_t *p = rows[u] + (g + i) * size;
        _mm_prefetch((const char *)p + 1024, _MM_HINT_T0);
        pair q = kind == ck_q8_0 ? (pair){bytes(p + start), bytes(p + start + 16)} : nibbles(p + start, table);
        __m512 t = _mm512_fmadd_ps(q.b, y1, _mm512_mul_ps(q.a, y0));
        acc[u] = _mm512_fmadd_ps(t, _mm512_set1_ps(memory[u][back + i]), acc[u]);
      }
    }
  }
  for (int u = 0; u < 2; u++) sums[u] = _mm512_reduce_add_ps(acc[u]);
}

WIDE static void floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
#define CASE(k) case k: row_floats(k, row, columns, out); return;
  switch (kind) { EACH_KIND(CASE) }
#undef CASE
}

/* Kinds of 32 weights under one scale. */
static int is_scaled(ck_block_kind kind) { return kind == ck_q8_0 || kind == ck_q4_0 || kind == ck_q4_1; }

/* Rows of a matrix for `count` rows of x. */
#define PRODUCT(count)                                                                                            \
  WIDE static void product##count(const ck_block_matrix *w, long first, long last, const float *x, long step,     \
                                  const float *totals, long total_step, const float *bias, float *out,            \
                                  long out_step, int add) {                                                       \
    float sums[4];                                                                                                \
    const long groups = w->columns / 32;                                                                          \
    if (count == 1 && is_scaled(w->kind) && groups >= 16) {                                                       \
      for (long r = first; r < last; r += 2) {                                                                    \
        /* a last row alone goes twice, so that every row is summed by the same code */                           \
        const long next = r + 1 < last ? r + 1 : r;                                                               \
        const uint8_t *a = block_row(w, r), *b = block_row(w, next);                                              \
        if (w->kind == ck_q4_1) two_rows(ck_q4_1, a, b, groups, x, totals, sums);                                 \
        else if (w->kind == ck_q8_0) two_rows(ck_q8_0, a, b, groups, x, totals, sums);                            \
        else two_rows(ck_q4_0, a, b, groups, x, totals, sums);                                                    \
        put_sums(sums, 1, bias, r, out, out_step, add);                                                           \
        if (next > r) put_sums(sums + 1, 1, bias, next, out, out_step, add);                                      \
      }                                                                                                           \
      return;                                                                                                     \
    }                                                                                                             \
    for (long r = first; r < last; r++) {                                                                         \
      const uint8_t *row = block_row(w, r);                                                                       \
      if (w->kind == ck_q4_1)                                                                                     \
        scaled_sums(ck_q4_1, row, groups, x, step, totals, total_step, count, sums);                              \
      else if (w->kind == ck_q8_0)                                                                                \
        scaled_sums(ck_q8_0, row, groups, x, step, totals, total_step, count, sums);                              \
      else if (w->kind == ck_q4_0)                                                                                \
        scaled_sums(ck_q4_0, row, groups, x, step, totals, total_step, count, sums);                              \
      else                                                                                                        \
        switch (w->kind) { EACH_KIND(CASE##count) }                                                               \
      put_sums(sums, count, bias, r, out, out_step, add);                                                         \
    }                                                                                                             \
  }
#define CASE1(k) case k: row_sums(k, row, w->columns, x, step, 1, sums); break;
#define CASE2(k) case k: row_sums(k, row, w->columns, x, step, 2, sums); break;
#define CASE3(k) case k: row_sums(k, row, w->columns, x, step, 3, sums); break;
#define CASE4(k) case k: row_sums(k, row, w->columns, x, step, 4, sums); break;
PRODUCT(1)
PRODUCT(2)
PRODUCT(3)
PRODUCT(4)

/* Minima want the sum over each 32 of x. */
long wide_prepared_count(ck_block_kind kind, long columns) { return kind == ck_q4_1 ? columns / 32 : 0; }

WIDE static void totals_of(const float *x, long groups, float *totals) {
  for (long g = 0; g < groups; g++)
    totals[g] = _mm512_reduce_add_ps(_mm512_add_ps(_mm512_loadu_ps(x + 32 * g), _mm512_loadu_ps(x + 32 * g + 16)));
}

void wide_prepare(ck_block_kind kind, long columns, const float *x, long x_step, long count, float *prepared) {
  const long step = wide_prepared_count(kind, columns);
  for (long j = 0; step && j < count; j++) totals_of(x + j * x_step, step, prepared + j * step);
}

int wide_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
  if (!wide_available()) return 0;
  floats(kind, row, columns, out);
  return 1;
}

int wide_product(const ck_block_matrix *w, long first, long last, const float *x, long x_step, const float *prepared,
                 long count, const float *bias, float *out, long out_step, int accumulate) {
  if (!wide_available()) return 0;
  const long step = wide_prepared_count(w->kind, w->columns);
  BY_COUNT(w, first, last, x, x_step, prepared, step, bias, out, out_step, accumulate)
  return 1;
}

#else
int wide_available(void) { return 0; }
int wide_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) { return 0; }
long wide_prepared_count(ck_block_kind kind, long columns) { return 0; }
void wide_prepare(ck_block_kind kind, long columns, const float *x, long x_step, long count, float *prepared) {}
int wide_product(const ck_block_matrix *w, long first, long last, const float *x, long x_step, const float *prepared,
                 long count, const float *bias, float *out, long out_step, int accumulate) {
  return 0;
}
#endif
