#include "blocks_middle.h"

#include <stdatomic.h>

#include "blocks_layout.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define MIDDLE __attribute__((target("avx2,fma,f16c")))
#define middle_inline MIDDLE always_inline

static int is_middle(void) {
  static atomic_int level;
  int l = atomic_load_explicit(&level, memory_order_relaxed);
  if (!l) {
    __builtin_cpu_init();
    l = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") ? 2 : 1;
    atomic_store_explicit(&level, l, memory_order_relaxed);
  }
  return l == 2;
}

static int has(ck_block_kind kind) { return kind == ck_q8_0 || kind == ck_q4_0 || kind == ck_q4_1; }

/* Two blocks' nibbles stand in eight words of 32 bits. Nibble k of all of them is taken by a mask, without a shift: it
   counts 16^k times, which `arranged` numbers of x make up for. Powers of two round nothing. The last goes by a shift. */
#define EACH_NIBBLE _Pragma("clang loop unroll(full)") for (int k = 0; k < 8; k++)

middle_inline float power(int k) { return bits_to_float((127 - (k < 7 ? 4 * k : 0)) << 23); }

middle_inline __m256 nibble(__m256i words, int k) {
  if (k == 7) return _mm256_cvtepi32_ps(_mm256_srli_epi32(words, 28));
  return _mm256_cvtepi32_ps(_mm256_and_si256(words, _mm256_set1_epi32(15 << 4 * k)));
}

middle_inline __m256 beside(const float *a, const float *b) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(a)), _mm_loadu_ps(b), 1);
}

/* 32 numbers of x from a and 32 from b, in the order in which the nibbles of two blocks come. Byte i of a block has
   weight i below and weight 16 + i above, so word l has weights 4 l + k / 2 (k even) and 16 + 4 l + k / 2 (k odd). */
middle_inline void arrange(const float *a, const float *b, float *out) {
  for (int odd = 0; odd < 2; odd++, a += 16, b += 16) {
    __m256 r0 = beside(a, b), r1 = beside(a + 4, b + 4), r2 = beside(a + 8, b + 8), r3 = beside(a + 12, b + 12);
    __m256 s0 = _mm256_unpacklo_ps(r0, r1), s1 = _mm256_unpackhi_ps(r0, r1);
    __m256 s2 = _mm256_unpacklo_ps(r2, r3), s3 = _mm256_unpackhi_ps(r2, r3);
    const __m256 columns[4] = {_mm256_shuffle_ps(s0, s2, 0x44), _mm256_shuffle_ps(s0, s2, 0xee),
                               _mm256_shuffle_ps(s1, s3, 0x44), _mm256_shuffle_ps(s1, s3, 0xee)};
    for (int c = 0; c < 4; c++)
      _mm256_storeu_ps(out + 8 * (2 * c + odd), _mm256_mul_ps(columns[c], _mm256_set1_ps(power(2 * c + odd))));
  }
}

middle_inline float sum_of_eight(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

middle_inline float sum_of_32(const float *x) {
  __m256 a = _mm256_add_ps(_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8));
  __m256 b = _mm256_add_ps(_mm256_loadu_ps(x + 16), _mm256_loadu_ps(x + 24));
  return sum_of_eight(_mm256_add_ps(a, b));
}

always_inline long pairs_of(long columns) { return (columns / 32 + 1) / 2; }

static int is_nibbles(ck_block_kind kind) { return kind == ck_q4_0 || kind == ck_q4_1; }

/* Floats of a row as `nibble_sums` reads it: the numbers in its order, then for each block 0 and the sum of x over it.
   A last block that stands alone goes with one of zeros. */
long middle_prepared_count(ck_block_kind kind, long columns) {
  return is_nibbles(kind) && is_middle() ? (68 * pairs_of(columns) + 15) / 16 * 16 : 0;
}

/* Four blocks go as first beside third and second beside fourth: then their scales, converted in one go, stand in the
   right half of a register. What is left over goes by two. */
always_inline long fours_of(long groups) { return groups / 4 * 4; }

MIDDLE static void arrange_row(const float *x, long groups, float *arranged, float *totals) {
  static const float zeros[32];
  for (long g = 0; g < groups; g++) {
    totals[2 * g] = 0;
    totals[2 * g + 1] = sum_of_32(x + 32 * g);
  }
  if (groups % 2) totals[2 * groups] = totals[2 * groups + 1] = 0;
  long g = 0;
  for (; g < fours_of(groups); g += 4)
    for (long i = g; i < g + 2; i++, arranged += 64) arrange(x + 32 * i, x + 32 * (i + 2), arranged);
  for (; g < groups; g += 2, arranged += 64) arrange(x + 32 * g, g + 1 < groups ? x + 32 * (g + 1) : zeros, arranged);
}

void middle_prepare(ck_block_kind kind, long columns, const float *x, long x_step, long count, float *prepared) {
  const long step = middle_prepared_count(kind, columns);
  for (long j = 0; step && j < count; j++)
    arrange_row(x + j * x_step, columns / 32, prepared + j * step, prepared + j * step + 64 * pairs_of(columns));
}

enum { most_together = 4 };

/* Sixteen bytes beside sixteen others. */
middle_inline __m256i words_of(const uint8_t *a, const uint8_t *b) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)),
                                 _mm_loadu_si128((const __m128i *)b), 1);
}

/* t[u][j] = sums of two blocks' whole numbers times x. */
middle_inline void whole_sums(ck_block_kind kind, const __m256i *words, const int together, const float *x, long step,
                              const int count, __m256 (*t)[4]) {
  EACH_NIBBLE {
    __m256 n[most_together];
    for (int u = 0; u < together; u++) {
      n[u] = nibble(words[u], k);
      if (kind == ck_q4_0) n[u] = _mm256_sub_ps(n[u], _mm256_set1_ps(8 / power(k)));
    }
    for (int j = 0; j < count; j++) {
      const __m256 y = _mm256_loadu_ps(x + j * step + 8 * k);
      for (int u = 0; u < together; u++) t[u][j] = k ? _mm256_fmadd_ps(n[u], y, t[u][j]) : _mm256_mul_ps(n[u], y);
    }
  }
}

/* The words at four places as the four of one register. Reads up to 12 bytes before the later ones. */
middle_inline __m128i four_words(const uint8_t *p, const long size) {
  const __m128i one = _mm_cvtsi32_si128((int)word_at(p));
  const __m128i two = _mm_blend_epi32(one, _mm_loadu_si128((const __m128i *)(p + size - 4)), 2);
  const __m128i three = _mm_blend_epi32(two, _mm_loadu_si128((const __m128i *)(p + 2 * size - 8)), 4);
  return _mm_blend_epi32(three, _mm_loadu_si128((const __m128i *)(p + 3 * size - 12)), 8);
}

/* Rows of nibbles for `count` rows of x: the sum of two blocks' whole numbers times x first, then their scales. Every
   row is summed as if it stood alone, each in one chain: several are under way at a time. */
middle_inline void nibble_sums(ck_block_kind kind, const uint8_t *const *rows, const int together, long groups,
                               const float *x, long step, const float *totals, long total_step, const int count,
                               __m256 (*acc)[4]) {
  const long size = block_bytes(kind), start = kind == ck_q4_1 ? 4 : 2;
  const __m256i places = _mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2);
  for (int u = 0; u < together; u++)
    for (int j = 0; j < count; j++) acc[u][j] = _mm256_setzero_ps();
  __m256i words[most_together];
  __m256 t[most_together][4];
  long g = 0;
  for (; g < fours_of(groups); g += 4) {
    for (int u = 0; u < together; u++) {
      const uint8_t *p = rows[u] + g * size;
      _mm_prefetch((const char *)p + 2048, _MM_HINT_T0);
      _mm_prefetch((const char *)p + 2048 + 2 * size, _MM_HINT_T0);
      words[u] = words_of(p + start, p + 2 * size + start);
    }
    whole_sums(kind, words, together, x + 32 * g, step, count, t);
    __m256 both[most_together];
    for (int u = 0; u < together; u++) {
      const uint8_t *p = rows[u] + g * size;
      both[u] = _mm256_cvtph_ps(four_words(p, size));
      for (int j = 0; j < count; j++) {
        acc[u][j] = _mm256_fmadd_ps(t[u][j], _mm256_permute_ps(both[u], 0x00), acc[u][j]);
        if (kind == ck_q4_1)
          acc[u][j] = _mm256_fmadd_ps(both[u], _mm256_loadu_ps(totals + j * total_step + 2 * g), acc[u][j]);
      }
      words[u] = words_of(p + size + start, p + 3 * size + start);
    }
    whole_sums(kind, words, together, x + 32 * g + 64, step, count, t);
    for (int u = 0; u < together; u++)
      for (int j = 0; j < count; j++)
        acc[u][j] = _mm256_fmadd_ps(t[u][j], _mm256_permute_ps(both[u], 0xaa), acc[u][j]);
  }
  for (; g < groups; g += 2) {
    const long at = g * size, next = g + 1 < groups ? at + size : at;
    for (int u = 0; u < together; u++) words[u] = words_of(rows[u] + at + start, rows[u] + next + start);
    whole_sums(kind, words, together, x + 32 * g, step, count, t);
    for (int u = 0; u < together; u++) {
      /* scale and minimum (of Q4_0: what stands there) of both blocks */
      __m256 both = _mm256_zextps128_ps256(_mm_cvtph_ps(_mm_unpacklo_epi32(
          _mm_cvtsi32_si128((int)word_at(rows[u] + at)), _mm_cvtsi32_si128((int)word_at(rows[u] + next)))));
      __m256 scales = _mm256_permutevar8x32_ps(both, places);
      for (int j = 0; j < count; j++) {
        acc[u][j] = _mm256_fmadd_ps(t[u][j], scales, acc[u][j]);
        if (kind != ck_q4_1) continue;
        const __m256 two = _mm256_zextps128_ps256(_mm_loadu_ps(totals + j * total_step + 2 * g));
        acc[u][j] = _mm256_fmadd_ps(both, two, acc[u][j]);
      }
    }
  }
}

/* The sums of four registers. */
middle_inline __m128 four_sums(__m256 a, __m256 b, __m256 c, __m256 d) {
  const __m256 s = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
}

middle_inline __m256 bytes(const uint8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}

middle_inline __m256 spread(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(h)));
}

/* The same for signed bytes, a block at a time. */
middle_inline void byte_sums(const uint8_t *row, long groups, const float *x, long step, const int count, float *sums) {
  __m256 acc[4];
  for (int j = 0; j < count; j++) acc[j] = _mm256_setzero_ps();
  for (long g = 0; g < groups; g++) {
    const uint8_t *p = row + g * block_bytes(ck_q8_0);
    _mm_prefetch((const char *)p + 1024, _MM_HINT_T0);
    const __m256 scale = spread(p), n[4] = {bytes(p + 2), bytes(p + 10), bytes(p + 18), bytes(p + 26)};
    for (int j = 0; j < count; j++) {
      const float *y = x + j * step + 32 * g;
      __m256 a = _mm256_mul_ps(n[0], _mm256_loadu_ps(y)), b = _mm256_mul_ps(n[1], _mm256_loadu_ps(y + 8));
      a = _mm256_fmadd_ps(n[2], _mm256_loadu_ps(y + 16), a);
      b = _mm256_fmadd_ps(n[3], _mm256_loadu_ps(y + 24), b);
      acc[j] = _mm256_fmadd_ps(_mm256_add_ps(a, b), scale, acc[j]);
    }
  }
  for (int j = 0; j < count; j++) sums[j] = sum_of_eight(acc[j]);
}

/* 32 weights as floats: q d + m, rounded twice as everywhere else. */
middle_inline void group_floats(ck_block_kind kind, const uint8_t *p, float *out) {
#pragma clang fp contract(off)
  const __m256 d = spread(p);
  if (kind == ck_q8_0) {
    for (int i = 0; i < 4; i++) _mm256_storeu_ps(out + 8 * i, bytes(p + 2 + 8 * i) * d);
    return;
  }
  const __m256 m = kind == ck_q4_1 ? spread(p + 2) : _mm256_setzero_ps();
  for (int i = 0; i < 2; i++) {
    __m256i b = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + (kind == ck_q4_1 ? 4 : 2) + 8 * i)));
    __m256i parts[2] = {_mm256_and_si256(b, _mm256_set1_epi32(15)), _mm256_srli_epi32(b, 4)};
    for (int u = 0; u < 2; u++) {
      __m256i q = kind == ck_q4_0 ? _mm256_sub_epi32(parts[u], _mm256_set1_epi32(8)) : parts[u];
      __m256 w = _mm256_cvtepi32_ps(q) * d;
      _mm256_storeu_ps(out + 16 * u + 8 * i, kind == ck_q4_1 ? w + m : w);
    }
  }
}

MIDDLE static void floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
  for (long g = 0; g < columns / 32; g++) {
    if (kind == ck_q8_0) group_floats(ck_q8_0, row + 34 * g, out + 32 * g);
    else if (kind == ck_q4_0) group_floats(ck_q4_0, row + 18 * g, out + 32 * g);
    else group_floats(ck_q4_1, row + 20 * g, out + 32 * g);
  }
}

/* Rows of nibbles, `together` at a time, for `count` rows of x. */
middle_inline long nibble_rows(ck_block_kind kind, const ck_block_matrix *w, long r, long last, const int together,
                               const float *x, long step, const float *totals, long total_step, const int count,
                               const float *bias, float *out, long out_step, int add) {
  const __m256 zero = _mm256_setzero_ps();
  for (; r + together <= last; r += together) {
    const uint8_t *rows[most_together];
    __m256 acc[most_together][4];
    for (int u = 0; u < together; u++) rows[u] = block_row(w, r + u);
    nibble_sums(kind, rows, together, w->columns / 32, x, step, totals, total_step, count, acc);
    for (int j = 0; j < count; j++) {
      __m128 sums = four_sums(acc[0][j], together > 1 ? acc[1][j] : zero, together > 2 ? acc[2][j] : zero,
                              together > 3 ? acc[3][j] : zero);
      float *place = out + j * out_step + r;
      if (together == 4) {
        if (bias) sums = _mm_add_ps(sums, _mm_loadu_ps(bias + r));
        if (add) sums = _mm_add_ps(_mm_loadu_ps(place), sums);
        _mm_storeu_ps(place, sums);
      } else {
        float some[4];
        _mm_storeu_ps(some, sums);
        for (int u = 0; u < together; u++) put_sums(some + u, 1, bias, r + u, place - r, out_step, add);
      }
    }
  }
  return r;
}

/* Rows of a matrix for `count` rows of x. */
#define NIBBLES(kind, together, count)                                                                              \
  r = nibble_rows(kind, w, r, last, together, x, step, totals, total_step, count, bias, out, out_step, add);
#define PRODUCT(count)                                                                                              \
  MIDDLE static void product##count(const ck_block_matrix *w, long first, long last, const float *x, long step,     \
                                    const float *totals, long total_step, const float *bias, float *out,            \
                                    long out_step, int add) {                                                       \
    long r = first;                                                                                                 \
    if (w->kind == ck_q4_1) {                                                                                       \
      if (count == 1) NIBBLES(ck_q4_1, most_together, count)                                                        \
      NIBBLES(ck_q4_1, 1, count)                                                                                    \
    } else if (w->kind == ck_q4_0) {                                                                                \
      if (count == 1) NIBBLES(ck_q4_0, most_together, count)                                                        \
      NIBBLES(ck_q4_0, 1, count)                                                                                    \
    }                                                                                                               \
    for (; r < last; r++) {                                                                                         \
      float sums[4];                                                                                                \
      byte_sums(block_row(w, r), w->columns / 32, x, step, count, sums);                                            \
      put_sums(sums, count, bias, r, out, out_step, add);                                                           \
    }                                                                                                               \
  }
PRODUCT(1)
PRODUCT(2)
PRODUCT(3)
PRODUCT(4)

int middle_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) {
  if (!has(kind) || !is_middle()) return 0;
  floats(kind, row, columns, out);
  return 1;
}

int middle_product(const ck_block_matrix *w, long first, long last, const float *x, long x_step, const float *prepared,
                   long count, const float *bias, float *out, long out_step, int accumulate) {
  if (!has(w->kind) || !is_middle()) return 0;
  const long step = middle_prepared_count(w->kind, w->columns);
  const float *totals = step ? prepared + 64 * pairs_of(w->columns) : NULL;
  BY_COUNT(w, first, last, step ? prepared : x, step ? step : x_step, totals, step, bias, out, out_step, accumulate)
  return 1;
}

#else
int middle_floats(ck_block_kind kind, const uint8_t *row, long columns, float *out) { return 0; }
long middle_prepared_count(ck_block_kind kind, long columns) { return 0; }
void middle_prepare(ck_block_kind kind, long columns, const float *x, long x_step, long count, float *prepared) {}
int middle_product(const ck_block_matrix *w, long first, long last, const float *x, long x_step, const float *prepared,
                   long count, const float *bias, float *out, long out_step, int accumulate) {
  return 0;
}
#endif
