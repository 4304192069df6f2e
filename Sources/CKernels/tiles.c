#define _GNU_SOURCE
#include "ck_tiles.h"

#include "functions.h"

#if defined(__x86_64__) && defined(__linux__)
#include "amx.h"

#include <errno.h>
#include <immintrin.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512vl,avx512bw,avx512dq,avx512bf16")))

/* A tile: 16 rows of 64 bytes. Packed are, for every 16 rows and every 32 of the depth, the tile of the high parts and
   the tile of the low ones. */
enum { tile_bytes = 1024, pair_bytes = 2 * tile_bytes };

static long blocks(long depth) { return (depth + 31) / 32; }

long ck_tiles_bytes(long depth, long rows) { return (rows + 31) / 32 * 2 * blocks(depth) * pair_bytes; }

/* 32 floats as 32 high and 32 low parts. */
TILES always_inline void split(const float *x, long n, __m512i *high, __m512i *low) {
  uint32_t mask = n >= 32 ? 0xffffffffu : (1u << n) - 1;
  __m512 a = _mm512_maskz_loadu_ps((__mmask16)mask, x), b = _mm512_maskz_loadu_ps((__mmask16)(mask >> 16), x + 16);
  __m256bh ah = _mm512_cvtneps_pbh(a), bh = _mm512_cvtneps_pbh(b);
  __m512 ar = _mm512_sub_ps(a, _mm512_cvtpbh_ps(ah)), br = _mm512_sub_ps(b, _mm512_cvtpbh_ps(bh));
  __m256bh al = _mm512_cvtneps_pbh(ar), bl = _mm512_cvtneps_pbh(br);
  *high = _mm512_inserti64x4(_mm512_castsi256_si512((__m256i)ah), (__m256i)bh, 1);
  *low = _mm512_inserti64x4(_mm512_castsi256_si512((__m256i)al), (__m256i)bl, 1);
}

TILES static void pack_left(const float *x, long step, long depth, long rows, long first, long last, uint8_t *packed) {
  long count = blocks(depth), end = last == rows ? (rows + 31) / 32 * 32 : last;
  for (long r = first; r < end; r++) {
    uint8_t *out = packed + r / 16 * count * pair_bytes + r % 16 * 64;
    for (long k = 0; k < count; k++, out += pair_bytes) {
      __m512i high = _mm512_setzero_si512(), low = high;
      if (r < last) split(x + (r - first) * step + 32 * k, depth - 32 * k, &high, &low);
      _mm512_storeu_si512(out, high);
      _mm512_storeu_si512(out + tile_bytes, low);
    }
  }
}

/* 16 vectors of 16 numbers of 32 bits, written the other way round. */
TILES always_inline void transpose(const __m512i *rows, uint8_t *out) {
  __m512i a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; j++) {
      b[i + 2 * j] = _mm512_unpacklo_epi64(a[i + j], a[i + j + 2]);
      b[i + 2 * j + 1] = _mm512_unpackhi_epi64(a[i + j], a[i + j + 2]);
    }
  /* b[4 g + c]: of rows 4 g ... 4 g + 3, column c of each four columns */
  for (int c = 0; c < 4; c++) {
    __m512i low = _mm512_shuffle_i32x4(b[c], b[4 + c], 0x88), high = _mm512_shuffle_i32x4(b[c], b[4 + c], 0xdd);
    __m512i low2 = _mm512_shuffle_i32x4(b[8 + c], b[12 + c], 0x88), high2 = _mm512_shuffle_i32x4(b[8 + c], b[12 + c], 0xdd);
    _mm512_storeu_si512(out + 64 * c, _mm512_shuffle_i32x4(low, low2, 0x88));
    _mm512_storeu_si512(out + 64 * (c + 4), _mm512_shuffle_i32x4(high, high2, 0x88));
    _mm512_storeu_si512(out + 64 * (c + 8), _mm512_shuffle_i32x4(low, low2, 0xdd));
    _mm512_storeu_si512(out + 64 * (c + 12), _mm512_shuffle_i32x4(high, high2, 0xdd));
  }
}

/* Pairs of the depth lie beside each other: row p of a tile holds numbers 2 p and 2 p + 1 of each of 16 columns. */
TILES static void pack_right(const float *x, long step, long depth, long rows, long first, long last, uint8_t *packed) {
  long count = blocks(depth), end = last == rows ? (rows + 31) / 32 * 32 : last;
  for (long r = first; r < end; r += 16) {
    uint8_t *out = packed + r / 16 * count * pair_bytes;
    for (long k = 0; k < count; k++, out += pair_bytes) {
      __m512i high[16], low[16];
      for (int i = 0; i < 16; i++) {
        high[i] = low[i] = _mm512_setzero_si512();
        if (r + i < last) split(x + (r + i - first) * step + 32 * k, depth - 32 * k, &high[i], &low[i]);
      }
      transpose(high, out);
      transpose(low, out + tile_bytes);
    }
  }
}

void ck_tiles_pack_left(const float *x, long step, long depth, long rows, long first, long last, void *packed) {
  pack_left(x, step, depth, rows, first, last, packed);
}

void ck_tiles_pack_right(const float *x, long step, long depth, long rows, long first, long last, void *packed) {
  pack_right(x, step, depth, rows, first, last, packed);
}

typedef struct {
  uint8_t palette, start, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} configuration;

TILES static void put(const float *tile, float *c, long step, long rows, long columns, const float *bias, int add) {
  if (columns <= 0) return;
  __mmask16 mask = (__mmask16)(columns >= 16 ? 0xffff : (1u << columns) - 1);
  __m512 shift = bias ? _mm512_maskz_loadu_ps(mask, bias) : _mm512_setzero_ps();
  for (long r = 0; r < rows && r < 16; r++) {
    __m512 sum = _mm512_add_ps(_mm512_load_ps(tile + 16 * r), shift);
    if (add) sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, c + r * step), sum);
    _mm512_mask_storeu_ps(c + r * step, mask, sum);
  }
}

/* 32 rows by 32 columns at a time: four tiles of sums, two of each side. A part of the depth at a time, so that the
   right side's part stays in the first-level cache while the rows go by; sums wait in `memory` meanwhile. */
TILES static void multiply(const uint8_t *left, const uint8_t *right, long depth, long top, long bottom, long from,
                           long to, float *c, long step, const float *bias, int accumulate) {
  enum { most_rows = 8, part = 6 };
  configuration tiles __attribute__((aligned(64)));
  memset(&tiles, 0, sizeof tiles);
  tiles.palette = 1;
  for (int i = 0; i < 8; i++) {
    tiles.row_bytes[i] = 64;
    tiles.rows[i] = 16;
  }
  _tile_loadconfig(&tiles);
  long count = blocks(depth), panel = count * pair_bytes;
  float memory[most_rows][4][256] __attribute__((aligned(64)));
  for (long begin = top; begin < bottom; begin += 32 * most_rows) {
    long end = bottom - begin < 32 * most_rows ? bottom : begin + 32 * most_rows;
    for (long j = from; j < to; j += 32) {
      for (long start = 0; start < count; start += part) {
        long stop = count - start < part ? count : start + part;
        const uint8_t *b0 = right + j / 16 * panel, *b1 = b0 + panel;
        for (long i = begin; i < end; i += 32) {
          const uint8_t *a0 = left + i / 16 * panel, *a1 = a0 + panel;
          float(*sums)[256] = memory[(i - begin) / 32];
          if (start == 0) {
            _tile_zero(0);
            _tile_zero(1);
            _tile_zero(2);
            _tile_zero(3);
          } else {
            _tile_loadd(0, sums[0], 64);
            _tile_loadd(1, sums[1], 64);
            _tile_loadd(2, sums[2], 64);
            _tile_loadd(3, sums[3], 64);
          }
          for (long k = start; k < stop; k++) {
            long at = k * pair_bytes, low = at + tile_bytes;
            const uint8_t *soon0 = k + 1 < stop ? a0 + at + pair_bytes : a0 + 2 * panel + start * pair_bytes;
            const uint8_t *soon1 = soon0 + panel;
            _tile_loadd(4, a0 + at, 64);
            _tile_loadd(5, a1 + at, 64);
            _tile_loadd(6, b0 + low, 64);
            _tile_loadd(7, b1 + low, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
            _tile_loadd(6, b0 + at, 64);
            _tile_loadd(7, b1 + at, 64);
            for (int p = 0; p < 32; p++) _mm_prefetch((const char *)soon0 + 64 * p, _MM_HINT_T0);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
            _tile_loadd(4, a0 + low, 64);
            _tile_loadd(5, a1 + low, 64);
            for (int p = 0; p < 32; p++) _mm_prefetch((const char *)soon1 + 64 * p, _MM_HINT_T0);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
          }
          _tile_stored(0, sums[0], 64);
          _tile_stored(1, sums[1], 64);
          _tile_stored(2, sums[2], 64);
          _tile_stored(3, sums[3], 64);
        }
      }
      for (long i = begin; i < end; i += 32)
        for (int u = 0; u < 4; u++) {
          long row = i + u / 2 * 16, column = j + u % 2 * 16;
          if (row < end)
            put(memory[(i - begin) / 32][u], c + row * step + column, step, end - row, to - column,
                bias ? bias + column : NULL, accumulate);
        }
    }
  }
  _tile_release();
}

void ck_tiles_multiply(const void *left, const void *right, long depth, long top, long bottom, long from, long to,
                       float *c, long step, const float *bias, int accumulate) {
  multiply(left, right, depth, top, bottom, from, to, c, step, bias, accumulate);
}

/* A product whose result is known, tried where a crash or a wrong number costs nothing. */
static int works(void) {
  static uint8_t left[2 * pair_bytes], right[2 * pair_bytes];
  static float x[32 * 32], c[32 * 32];
  for (int i = 0; i < 32 * 32; i++) x[i] = (float)(i % 37) - 18;
  pack_left(x, 32, 32, 32, 0, 32, left);
  pack_right(x, 32, 32, 32, 0, 32, right);
  multiply(left, right, 32, 0, 32, 0, 32, c, 32, NULL, 0);
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 32; j++) {
      float sum = 0;
      for (int k = 0; k < 32; k++) sum += x[i * 32 + k] * x[j * 32 + k];
      if (c[i * 32 + j] != sum) return 0;
    }
  return 1;
}

static int available;

static void find_out(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512vl") || !amx_is_granted()) return;
  pid_t child = fork();
  if (child == 0) _exit(works() ? 0 : 1);
  if (child < 0) return;
  int status = 0;
  pid_t ended;
  do ended = waitpid(child, &status, 0);
  while (ended < 0 && errno == EINTR);   /* a signal, as of a window that changes its size, must not decide it */
  available = ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int ck_tiles_available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_out);
  return available;
}

#else
int ck_tiles_available(void) { return 0; }
long ck_tiles_bytes(long depth, long rows) { return 0; }
void ck_tiles_pack_left(const float *x, long step, long depth, long rows, long first, long last, void *packed) {}
void ck_tiles_pack_right(const float *x, long step, long depth, long rows, long first, long last, void *packed) {}
void ck_tiles_multiply(const void *left, const void *right, long depth, long top, long bottom, long from, long to,
                       float *c, long step, const float *bias, int accumulate) {}
#endif
