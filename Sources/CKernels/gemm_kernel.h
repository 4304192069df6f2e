/* The inner product of ck_gemm for one kind of processor. Included once for each, with
     NAME(x)  the names of this kind,
     LANES    floats in a vector,
     ROWS     rows of the result held in registers, two vectors each,
     TARGET   the attribute that allows its instructions. */

typedef float NAME(vector) __attribute__((vector_size(LANES * 4)));
typedef float NAME(loose) __attribute__((vector_size(LANES * 4), aligned(4)));

#define EACH_ROW(count) _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++)

/* One step of the depth; AT(i) is the left side's element of row i. */
#define STEP(count, AT)                                                                         \
  {                                                                                             \
    NAME(vector) b0 = *(const NAME(loose) *)b, b1 = *(const NAME(loose) *)(b + LANES);          \
    EACH_ROW(count) {                                                                           \
      float x = AT(i);                                                                          \
      sum[i][0] = x * b0 + sum[i][0];                                                           \
      sum[i][1] = x * b1 + sum[i][1];                                                           \
    }                                                                                           \
    b += 2 * LANES;                                                                             \
  }

/* The left side's rows lie `row` apart: three of them share a base. */
#define IN_ROWS(i) base[(i) / 3][(i) % 3 * row + u]
/* The left side's rows lie beside each other, `count` for each step. */
#define IN_COLUMNS(i) a[u * width + (i)]

#define TILE(count, kind, AT, SETUP, ADVANCE)                                                          \
  TARGET static void NAME(tile_##kind##count)(long depth, const float *a, long row, const float *b,   \
                                              float *c, long step, long n, const float *bias,         \
                                              int accumulate, const float *soon) {                    \
    NAME(vector) sum[count][2];                                                                        \
    EACH_ROW(count) {                                                                                  \
      sum[i][0] = (NAME(vector)){0};                                                                   \
      sum[i][1] = (NAME(vector)){0};                                                                   \
    }                                                                                                  \
    EACH_ROW(count) __builtin_prefetch(c + i * step, 1);                                               \
    EACH_ROW(12) __builtin_prefetch(soon + 16 * i, 0, 2);                                              \
    const int width = count;                                                                           \
    (void)width;                                                                                       \
    (void)row;                                                                                         \
    SETUP(count)                                                                                       \
    long k = 0;                                                                                        \
    for (; k + 4 <= depth; k += 4) {                                                                   \
      _Pragma("clang loop unroll(full)") for (int u = 0; u < 4; u++) STEP(count, AT)                   \
      ADVANCE(count, 4)                                                                                \
    }                                                                                                  \
    for (; k < depth; k++) {                                                                           \
      const int u = 0;                                                                                 \
      STEP(count, AT)                                                                                  \
      ADVANCE(count, 1)                                                                                \
    }                                                                                                  \
    if (n == 2 * LANES) {                                                                              \
      EACH_ROW(count) {                                                                                \
        NAME(loose) *out = (NAME(loose) *)(c + i * step);                                              \
        NAME(loose) *out1 = (NAME(loose) *)(c + i * step + LANES);                                     \
        if (accumulate) {                                                                              \
          sum[i][0] += *out;                                                                           \
          sum[i][1] += *out1;                                                                          \
        }                                                                                              \
        if (bias) {                                                                                    \
          sum[i][0] += *(const NAME(loose) *)bias;                                                     \
          sum[i][1] += *(const NAME(loose) *)(bias + LANES);                                           \
        }                                                                                              \
        *out = sum[i][0];                                                                              \
        *out1 = sum[i][1];                                                                             \
      }                                                                                                \
      return;                                                                                          \
    }                                                                                                  \
    EACH_ROW(count) {                                                                                  \
      float line[2 * LANES];                                                                           \
      *(NAME(loose) *)line = sum[i][0];                                                                \
      *(NAME(loose) *)(line + LANES) = sum[i][1];                                                      \
      for (long j = 0; j < n; j++) {                                                                   \
        float x = line[j];                                                                             \
        if (accumulate) x += c[i * step + j];                                                          \
        if (bias) x += bias[j];                                                                        \
        c[i * step + j] = x;                                                                           \
      }                                                                                                \
    }                                                                                                  \
  }

#define ROW_BASES(count)                    \
  const float *base[(count + 2) / 3];       \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < (count + 2) / 3; i++) base[i] = a + 3 * i * row;
#define NEXT_IN_ROWS(count, steps) \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < (count + 2) / 3; i++) base[i] += steps;
#define NO_BASES(count)
#define NEXT_IN_COLUMNS(count, steps) a += steps * count;

#define TILES(count)                                    \
  TILE(count, rows, IN_ROWS, ROW_BASES, NEXT_IN_ROWS)   \
  TILE(count, columns, IN_COLUMNS, NO_BASES, NEXT_IN_COLUMNS)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if ROWS > 6
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif

/* By number of rows: for a left side in rows, and in columns. */
static const tile_function NAME(tiles)[2][13] = {
    {NULL, NAME(tile_rows1), NAME(tile_rows2), NAME(tile_rows3), NAME(tile_rows4), NAME(tile_rows5), NAME(tile_rows6),
#if ROWS > 6
     NAME(tile_rows7), NAME(tile_rows8), NAME(tile_rows9), NAME(tile_rows10), NAME(tile_rows11), NAME(tile_rows12),
#endif
    },
    {NULL, NAME(tile_columns1), NAME(tile_columns2), NAME(tile_columns3), NAME(tile_columns4), NAME(tile_columns5),
     NAME(tile_columns6),
#if ROWS > 6
     NAME(tile_columns7), NAME(tile_columns8), NAME(tile_columns9), NAME(tile_columns10), NAME(tile_columns11),
     NAME(tile_columns12),
#endif
    },
};
#undef TILES
#undef TILE
#undef STEP
#undef EACH_ROW
#undef IN_ROWS
#undef IN_COLUMNS
#undef ROW_BASES
#undef NEXT_IN_ROWS
#undef NO_BASES
#undef NEXT_IN_COLUMNS
#undef NAME
#undef LANES
#undef ROWS
#undef TARGET
