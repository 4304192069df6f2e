#include "ck_gemm.h"

#include <stdatomic.h>
#include <stddef.h>

#include "functions.h"

/* Depth of a block: a panel of it stays in the first-level cache. Rows of a block: they stay in the second. */
enum { most_depth = 384, block_rows = 240 };

/* As many rows as its name says, of one panel, of which n columns count: c = a b (+ bias) (+ c if `accumulate`).
   `soon` points to what will be read before long. */
typedef void (*tile_function)(long depth, const float *a, long row, const float *b, float *c, long step, long n,
                              const float *bias, int accumulate, const float *soon);

#if defined(__x86_64__)
#define NAME(x) wide_##x
#define LANES 16
#define ROWS 12
#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#include "gemm_kernel.h"
#define NAME(x) middle_##x
#define LANES 8
#define ROWS 6
#define TARGET __attribute__((target("avx2,fma")))
#include "gemm_kernel.h"
#endif
#define NAME(x) narrow_##x
#define LANES 4
#define ROWS 6
#define TARGET
#include "gemm_kernel.h"

typedef struct {
  const tile_function (*tiles)[13];
  long rows, columns, depth;
} kind;

static kind chosen(void) {
#if defined(__x86_64__)
  static atomic_int level;
  int l = atomic_load_explicit(&level, memory_order_relaxed);
  if (!l) {
    __builtin_cpu_init();
    l = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
            ? 3
        : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2
                                                                          : 1;
    atomic_store_explicit(&level, l, memory_order_relaxed);
  }
  if (l == 3) return (kind){wide_tiles, 12, 32, 256};
  if (l == 2) return (kind){middle_tiles, 6, 16, most_depth};
#endif
  return (kind){narrow_tiles, 6, 8, most_depth};
}

long ck_panel_columns(void) { return chosen().columns; }

long ck_packed_count(long depth, long columns) {
  long width = chosen().columns;
  return (columns + width - 1) / width * width * depth;
}

/* The depth in equal blocks of at most `most`. */
always_inline long depth_of_blocks(long depth, long most) {
  long blocks = (depth + most - 1) / most;
  return blocks ? (depth + blocks - 1) / blocks : 1;
}

/* out[k * width + j] = b[j * step + k] for 8 by 8. */
always_inline void transpose8(const float *b, long step, float *out, long width) {
  eight r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = *(const eight *)(b + i * step);
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + j] = __builtin_shufflevector(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + j + 2] = __builtin_shufflevector(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    *(eight *)(out + j * width) = __builtin_shufflevector(r[j], r[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(eight *)(out + (j + 4) * width) = __builtin_shufflevector(r[j], r[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

SIMD static void pack_panel(const float *b, long step, int transposed, long depth, long n, long width, float *out) {
  if (!transposed) {
    for (long k = 0; k < depth; k++) {
      const float *from = b + k * step;
      float *to = out + k * width;
      if (n == 16 && width == 16)
        for (int j = 0; j < 16; j++) to[j] = from[j];
      else if (n == 32 && width == 32)
        for (int j = 0; j < 32; j++) to[j] = from[j];
      else {
        for (long j = 0; j < n; j++) to[j] = from[j];
        for (long j = n; j < width; j++) to[j] = 0;
      }
    }
    return;
  }
  long j = 0;
  for (; j + 8 <= n; j += 8) {
    long k = 0;
    for (; k + 8 <= depth; k += 8) transpose8(b + j * step + k, step, out + k * width + j, width);
    for (; k < depth; k++)
      for (long i = j; i < j + 8; i++) out[k * width + i] = b[i * step + k];
  }
  for (; j < width; j++)
    for (long k = 0; k < depth; k++) out[k * width + j] = j < n ? b[j * step + k] : 0;
}

/* Packed: for each block of the depth all panels, each [depth of the block, columns of a panel]. */
void ck_pack(const float *b, long step, int transposed, long depth, long columns, long first, long last,
             float *packed) {
  kind kind = chosen();
  long width = kind.columns, block = depth_of_blocks(depth, kind.depth);
  long panels = (columns + width - 1) / width;
  for (long k = 0; k < depth; k += block) {
    long d = depth - k < block ? depth - k : block;
    float *out = packed + k * panels * width;
    const float *from = transposed ? b + k : b + k * step;
    for (long p = first; p < last && p < panels; p++) {
      long n = columns - p * width < width ? columns - p * width : width;
      pack_panel(from + (transposed ? p * width * step : p * width), step, transposed, d, n, width,
                 out + p * width * d);
    }
  }
}

/* Rows of a transposed left side beside each other: out[panel][k][rows of a panel]. */
SIMD static void pack_left(const float *a, long step, long depth, long count, long rows, float *out) {
  for (long i = 0; i < count; i += rows) {
    long n = count - i < rows ? count - i : rows;
    for (long k = 0; k < depth; k++) {
      const float *from = a + k * step + i;
      float *to = out + i * depth + k * n;
      if (n == 6)
        for (int r = 0; r < 6; r++) to[r] = from[r];
      else if (n == 12)
        for (int r = 0; r < 12; r++) to[r] = from[r];
      else
        for (long r = 0; r < n; r++) to[r] = from[r];
    }
  }
}

void ck_gemm(const float *a, long a_step, int a_transposed, const float *packed, long depth, long used,
             long columns, long from, long to, float *c, long c_step, long rows, const float *bias, int accumulate) {
  kind kind = chosen();
  long width = kind.columns, block = depth_of_blocks(depth, kind.depth);
  long panels = (columns + width - 1) / width;
  const tile_function *tiles = kind.tiles[a_transposed != 0];
  /* Rows far apart would crowd into few sets of the caches: where they are used often enough they are copied. */
  int copied = !a_transposed && to - from >= 8 * width;
  long spread = block + 16;
  float left[block_rows * (most_depth + 16)] __attribute__((aligned(64)));
  for (long top = 0; top < rows; top += block_rows) {
    long height = rows - top < block_rows ? rows - top : block_rows;
    for (long k = 0; k < used; k += block) {
      long d = depth - k < block ? depth - k : block, now = used - k < d ? used - k : d;
      const float *b = packed + k * panels * width;
      int add = accumulate || k > 0;
      if (a_transposed) pack_left(a + k * a_step + top, a_step, now, height, kind.rows, left);
      if (copied)
        for (long i = 0; i < height; i++)
          memcpy(left + i * spread, a + (top + i) * a_step + k, (size_t)now * sizeof(float));
      for (long p = from / width; p * width < to; p++) {
        long n = to - p * width < width ? to - p * width : width;
        const float *panel_bias = bias && k == 0 ? bias + p * width : NULL;
        for (long i = 0; i < height; i += kind.rows) {
          long m = height - i < kind.rows ? height - i : kind.rows;
          const float *x = a_transposed ? left + i * now : copied ? left + i * spread : a + (top + i) * a_step + k;
          const float *panel = b + p * width * d;
          /* the next panel, a part with each tile */
          const float *soon = panel + width * d + (i / kind.rows * 192 < width * d ? i / kind.rows * 192 : 0);
          tiles[m](now, x, copied ? spread : a_step, panel, c + (top + i) * c_step + p * width, c_step, n, panel_bias,
                   add, soon);
        }
      }
    }
  }
}
