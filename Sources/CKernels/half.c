#define _GNU_SOURCE
#include "ck_half.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#include "amx.h"

#include <immintrin.h>

/* A tile is 16 rows of 32 numbers: 1,024 bytes. The left side is packed as tiles [16 rows][32 of the depth], the right
   side as tiles [16 pairs of the depth][16 columns][2], two of them beside each other making a panel of 32 columns. */
enum { side = 16, steps = 32, panel_columns = 32, tile = side * steps, most_depth = 768, most_rows = 256 };
typedef uint16_t half;

#define WIDE __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma")))
#define TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma")))
#define always_inline static inline __attribute__((always_inline))

static atomic_int known, most_kind;

static ck_half_kind support(void) {
  int kind = atomic_load_explicit(&known, memory_order_relaxed);
  if (!kind) {
    __builtin_cpu_init();
    kind = 1 + ck_half_none;
    if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
      kind = 1 + (amx_is_granted() ? ck_half_tiles : ck_half_dots);
    atomic_store_explicit(&known, kind, memory_order_relaxed);
  }
  int most = atomic_load_explicit(&most_kind, memory_order_relaxed);
  return (ck_half_kind)(most && most < kind ? most - 1 : kind - 1);
}

ck_half_kind ck_half_support(void) { return support(); }
void ck_half_limit(ck_half_kind most) { atomic_store(&most_kind, (int)most + 1); }
long ck_half_panel_columns(void) { return panel_columns; }

always_inline long up(long value, long to) { return (value + to - 1) / to * to; }
always_inline long least(long a, long b) { return a < b ? a : b; }

/* The depth in equal blocks, each a multiple of a tile's. */
always_inline long block_of(long depth) {
  long blocks = (depth + most_depth - 1) / most_depth;
  return blocks ? up((depth + blocks - 1) / blocks, steps) : steps;
}

long ck_half_packed_count(long depth, long columns) {
  return up(columns, panel_columns) * up(depth, steps) / 2;
}

/* 16 x 16 numbers of 32 bits. */
WIDE always_inline void transpose(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xDD);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xDD);
  }
  for (int i = 0; i < 8; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xDD);
  }
}

/* 32 numbers of a row, those from n on 0. */
WIDE always_inline __m512i row_of(const float *x, long n) {
  __m512 low, high;
  if (n >= 32) {
    low = _mm512_loadu_ps(x);
    high = _mm512_loadu_ps(x + 16);
  } else {
    low = _mm512_maskz_loadu_ps(n >= 16 ? 0xFFFF : (__mmask16)((1u << n) - 1), x);
    high = n > 16 ? _mm512_maskz_loadu_ps((__mmask16)((1u << (n - 16)) - 1), x + 16) : _mm512_setzero_ps();
  }
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/* 16 columns of two rows (`second` may be NULL), pair by pair. */
WIDE always_inline __m512i pairs_of(const float *first, const float *second, long n) {
  __mmask16 mask = n >= 16 ? 0xFFFF : (__mmask16)((1u << (n < 0 ? 0 : n)) - 1);
  __m512 a = _mm512_maskz_loadu_ps(mask, first);
  __m512 b = second ? _mm512_maskz_loadu_ps(mask, second) : _mm512_setzero_ps();
  __m256i low = (__m256i)_mm512_cvtneps_pbh(a), high = (__m256i)_mm512_cvtneps_pbh(b);
  return _mm512_or_si512(_mm512_cvtepu16_epi32(low), _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
}

/* A tile of pairs: element (k, j) is b[k * step + j]. */
WIDE static void pack_down(const float *b, long step, long depth, long n, half *out) {
  for (long k = 0; k < steps; k += 2)
    _mm512_store_si512(out + k * side, k < depth
                                           ? pairs_of(b + k * step, k + 1 < depth ? b + (k + 1) * step : NULL, n)
                                           : _mm512_setzero_si512());
}

/* A tile of pairs: element (k, j) is b[j * step + k]. */
WIDE static void pack_across(const float *b, long step, long depth, long n, half *out) {
  __m512i r[16];
  for (long j = 0; j < side; j++) r[j] = j < n ? row_of(b + j * step, depth) : _mm512_setzero_si512();
  transpose(r);
  for (long k = 0; k < 16; k++) _mm512_store_si512(out + k * 2 * side, r[k]);
}

/* A tile of the left side: row i is a + i * step. */
WIDE static void pack_rows(const float *a, long step, long depth, long n, half *out) {
  for (long i = 0; i < side; i++)
    _mm512_store_si512(out + i * steps, i < n ? row_of(a + i * step, depth) : _mm512_setzero_si512());
}

/* A tile of the left side: element (i, k) is a[k * step + i]. */
WIDE static void pack_columns(const float *a, long step, long depth, long n, half *out) {
  __m512i r[16];
  for (long k = 0; k < 16; k++)
    r[k] = 2 * k < depth ? pairs_of(a + 2 * k * step, 2 * k + 1 < depth ? a + (2 * k + 1) * step : NULL, n)
                         : _mm512_setzero_si512();
  transpose(r);
  for (long i = 0; i < side; i++) _mm512_store_si512(out + i * steps, r[i]);
}

/* Packed: for each block of the depth all panels, each a pair of tiles for each 32 of the block. */
void ck_half_pack(const float *b, long step, int transposed, long depth, long columns, long first, long last,
                  float *packed) {
  half *all = (half *)packed;
  long block = block_of(depth), panels = up(columns, panel_columns) / panel_columns;
  for (long k = 0; k < depth; k += block) {
    long d = least(block, depth - k), wide = up(d, steps);
    for (long p = first; p < last && p < panels; p++) {
      half *out = all + k * panels * panel_columns + p * panel_columns * wide;
      for (long i = 0; i < d; i += steps)
        for (long t = 0; t < 2; t++, out += tile) {
          long j = p * panel_columns + t * side, n = least(columns - j, side);
          if (n <= 0) memset(out, 0, tile * sizeof(half));
          else if (transposed) pack_across(b + j * step + k + i, step, d - i, n, out);
          else pack_down(b + (k + i) * step + j, step, d - i, n, out);
        }
    }
  }
}

typedef struct {
  uint8_t palette, start, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} __attribute__((packed)) tile_shapes;

/* 32 rows and a panel: c = (c or bias or 0) + a b over `count` tiles of the depth; `c` has room for all of it. On the way
   a part of the next panel comes into the second cache, and the rows of `c` that are written next into the first. */
TILES static void tiles_32(const half *a, long next_rows, const half *b, long count, float *c, long step,
                           const float *bias, int accumulate, const half *soon, const float *next) {
  if (accumulate) {
    _tile_loadd(0, c, step * 4);
    _tile_loadd(1, c + 16, step * 4);
    _tile_loadd(2, c + 16 * step, step * 4);
    _tile_loadd(3, c + 16 * step + 16, step * 4);
  } else if (bias) {
    _tile_loadd(0, bias, 0);
    _tile_loadd(1, bias + 16, 0);
    _tile_loadd(2, bias, 0);
    _tile_loadd(3, bias + 16, 0);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long k = 0; k < count; k++, a += tile, b += 2 * tile) {
    for (int i = 0; i < 4; i++) __builtin_prefetch(soon + (4 * k + i) * 32, 0, 2);
    if (k < 16) {
      const float *row = next + 2 * k * step;
      __builtin_prefetch(row, 1);
      __builtin_prefetch(row + 16, 1);
      __builtin_prefetch(row + step, 1);
      __builtin_prefetch(row + step + 16, 1);
    }
    _tile_loadd(4, a, 64);
    _tile_loadd(6, b, 64);
    _tile_loadd(5, a + next_rows, 64);
    _tile_loadd(7, b + tile, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, step * 4);
  _tile_stored(1, c + 16, step * 4);
  _tile_stored(2, c + 16 * step, step * 4);
  _tile_stored(3, c + 16 * step + 16, step * 4);
}

TILES static void begin_tiles(void) {
  tile_shapes shapes = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    shapes.rows[i] = 16;
    shapes.row_bytes[i] = 64;
  }
  _tile_loadconfig(&shapes);
}
TILES static void end_tiles(void) { _tile_release(); }

/* The same by dot products of pairs, eight rows at a time. */
WIDE static void dots_32(const half *a, long next_rows, const half *b, long count, float *c, long step,
                         const float *bias, int accumulate) {
  for (long top = 0; top < 32; top += 8) {
    const half *rows = a + top / 16 * next_rows + top % 16 * steps;
    float *out = c + top * step;
    __m512 sum[8][2];
    for (int i = 0; i < 8; i++)
      for (int t = 0; t < 2; t++)
        sum[i][t] = accumulate ? _mm512_loadu_ps(out + i * step + 16 * t)
                    : bias     ? _mm512_loadu_ps(bias + 16 * t)
                               : _mm512_setzero_ps();
    for (long k = 0; k < count; k++)
      for (long pair = 0; pair < 16; pair++) {
        const half *right = b + k * 2 * tile + pair * 2 * side;
        __m512bh b0 = (__m512bh)_mm512_load_si512(right), b1 = (__m512bh)_mm512_load_si512(right + tile);
        for (int i = 0; i < 8; i++) {
          int both;
          memcpy(&both, rows + k * tile + i * steps + 2 * pair, 4);
          __m512bh x = (__m512bh)_mm512_set1_epi32(both);
          sum[i][0] = _mm512_dpbf16_ps(sum[i][0], x, b0);
          sum[i][1] = _mm512_dpbf16_ps(sum[i][1], x, b1);
        }
      }
    for (int i = 0; i < 8; i++)
      for (int t = 0; t < 2; t++) _mm512_storeu_ps(out + i * step + 16 * t, sum[i][t]);
  }
}

void ck_half_gemm(const float *a, long a_step, int a_transposed, const float *packed, long depth, long used,
                  long columns, long from, long to, float *c, long c_step, long rows, const float *bias,
                  int accumulate) {
  static _Thread_local half left[most_rows * most_depth] __attribute__((aligned(64)));
  static _Thread_local float corner[32 * 32] __attribute__((aligned(64)));
  const half *all = (const half *)packed;
  long block = block_of(depth), panels = up(columns, panel_columns) / panel_columns;
  int with_tiles = support() == ck_half_tiles;
  if (with_tiles) begin_tiles();
  for (long top = 0; top < rows; top += most_rows) {
    long height = least(most_rows, rows - top), strips = up(height, 32) / side;
    for (long k = 0; k < used; k += block) {
      long d = least(block, depth - k), now = least(d, used - k), count = up(now, steps) / steps;
      int add = accumulate || k > 0;
      for (long s = 0; s < strips; s++)
        for (long i = 0; i < count; i++) {
          long row = s * side, n = least(height - row, side);
          half *out = left + (s * count + i) * tile;
          if (n <= 0) memset(out, 0, tile * sizeof(half));
          else if (a_transposed) pack_columns(a + (k + i * steps) * a_step + top + row, a_step, now - i * steps, n, out);
          else pack_rows(a + (top + row) * a_step + k + i * steps, a_step, now - i * steps, n, out);
        }
      for (long p = from / panel_columns; p * panel_columns < to; p++) {
        const half *panel = all + k * panels * panel_columns + p * panel_columns * up(d, steps);
        long j = p * panel_columns, n = least(to - j, panel_columns);
        for (long s = 0; s < strips; s += 2) {
          long m = least(height - s * side, 32);
          float *out = c + (top + s * side) * c_step + j;
          const half *x = left + s * count * tile;
          const half *soon = panel + panel_columns * up(d, steps) + s / 2 * count * 4 * 32;
          if (m == 32 && n == panel_columns) {
            const float *row = bias && k == 0 ? bias + j : NULL;
            if (with_tiles) tiles_32(x, count * tile, panel, count, out, c_step, row, add, soon, out + 32 * c_step);
            else dots_32(x, count * tile, panel, count, out, c_step, row, add);
            continue;
          }
          if (with_tiles) tiles_32(x, count * tile, panel, count, corner, 32, NULL, 0, soon, corner);
          else dots_32(x, count * tile, panel, count, corner, 32, NULL, 0);
          for (long i = 0; i < m; i++)
            for (long l = 0; l < n; l++) {
              float value = corner[i * 32 + l];
              if (add) value += out[i * c_step + l];
              else if (bias && k == 0) value += bias[j + l];
              out[i * c_step + l] = value;
            }
        }
      }
    }
  }
  if (with_tiles) end_tiles();
}
#else
/* Elsewhere there is no support, and nothing below is called. */
ck_half_kind ck_half_support(void) { return ck_half_none; }
void ck_half_limit(ck_half_kind most) { (void)most; }
long ck_half_panel_columns(void) { return 32; }
long ck_half_packed_count(long depth, long columns) { return depth * columns; }
void ck_half_pack(const float *b, long step, int transposed, long depth, long columns, long first, long last,
                  float *packed) {
  (void)b, (void)step, (void)transposed, (void)depth, (void)columns, (void)first, (void)last, (void)packed;
}
void ck_half_gemm(const float *a, long a_step, int a_transposed, const float *packed, long depth, long used,
                  long columns, long from, long to, float *c, long c_step, long rows, const float *bias,
                  int accumulate) {
  (void)a, (void)a_step, (void)a_transposed, (void)packed, (void)depth, (void)used, (void)columns, (void)from;
  (void)to, (void)c, (void)c_step, (void)rows, (void)bias, (void)accumulate;
}
#endif
