#include "ck_classes.h"

#include "simd.h"

SIMD void ck_add_floats(const float *x, double *sum, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += x[i];
}

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)
#define AT(pointer) *(eight *)(pointer)
#define READ(pointer) *(const eight *)(pointer)

/* Nine or ten vectors of sums at a time: with the factors they fit into sixteen registers. */
enum { most_rows = 3, most_outputs = 5 };

/* `rows` (1 to 3) times 8 `vectors` (1 to 3) scores. */
always_inline void scores_tile(const int rows, const int vectors, const float *x, size_t step, size_t columns,
                               const float *w, size_t width, float *z) {
  eight sums[most_rows][3];
  EACH(i, rows) EACH(j, vectors) sums[i][j] = READ(z + (size_t)i * width + 8 * j);
  for (size_t c = 0; c < columns; c++) {
    eight b[3];
    EACH(j, vectors) b[j] = READ(w + c * width + 8 * j);
    EACH(i, rows) EACH(j, vectors) sums[i][j] = x[(size_t)i * step + c] * b[j] + sums[i][j];
  }
  EACH(i, rows) EACH(j, vectors) AT(z + (size_t)i * width + 8 * j) = sums[i][j];
}

/* `outputs` (1 to 5) times 8 `vectors` (1 or 2) columns of the gradient. */
always_inline void gradient_tile(const int outputs, const int vectors, const float *x, size_t step, size_t rows,
                                 const float *z, size_t width, float *g, size_t stride) {
  eight sums[most_outputs][2];
  EACH(i, outputs) EACH(j, vectors) sums[i][j] = READ(g + (size_t)i * stride + 8 * j);
  for (size_t r = 0; r < rows; r++) {
    eight b[2];
    EACH(j, vectors) b[j] = READ(x + r * step + 8 * j);
    EACH(i, outputs) EACH(j, vectors) sums[i][j] = z[r * width + (size_t)i] * b[j] + sums[i][j];
  }
  EACH(i, outputs) EACH(j, vectors) AT(g + (size_t)i * stride + 8 * j) = sums[i][j];
}

#define BY_OUTPUTS(vectors, ...)                               \
  switch (count) {                                             \
    case 5: gradient_tile(5, vectors, __VA_ARGS__); break;     \
    case 4: gradient_tile(4, vectors, __VA_ARGS__); break;     \
    case 3: gradient_tile(3, vectors, __VA_ARGS__); break;     \
    case 2: gradient_tile(2, vectors, __VA_ARGS__); break;     \
    default: gradient_tile(1, vectors, __VA_ARGS__); break;    \
  }
#define BY_ROWS(vectors, ...)                                \
  switch (count) {                                           \
    case 3: scores_tile(3, vectors, __VA_ARGS__); break;     \
    case 2: scores_tile(2, vectors, __VA_ARGS__); break;     \
    default: scores_tile(1, vectors, __VA_ARGS__); break;    \
  }

SIMD void ck_class_scores(const float *x, size_t step, size_t rows, size_t columns, const float *w, size_t width,
                          float *z) {
  enum { piece = 192 };                               /* of the columns: their weights stay in the first-level cache */
  for (size_t c = 0; c < columns; c += piece) {
    const size_t n = columns - c < piece ? columns - c : piece;
    for (size_t r = 0; r < rows; r += most_rows) {
      const size_t count = rows - r < most_rows ? rows - r : most_rows;
      const float *from = x + r * step + c;
      for (size_t k = 0; k < width;) {
        const size_t left = (width - k) / 8;
        const float *weights = w + c * width + k;
        float *to = z + r * width + k;
        if (left >= 3) BY_ROWS(3, from, step, n, weights, width, to)
        else if (left == 2) BY_ROWS(2, from, step, n, weights, width, to)
        else BY_ROWS(1, from, step, n, weights, width, to)
        k += 8 * (left >= 3 ? 3 : left);
      }
    }
  }
}

SIMD void ck_class_gradient(const float *x, size_t step, size_t rows, size_t columns, const float *z, size_t width,
                            size_t outputs, float *g, size_t stride) {
  size_t c = 0;
  while (c + 8 <= columns) {
    const int pair = c + 16 <= columns;
    for (size_t k = 0; k < outputs; k += most_outputs) {
      const size_t count = outputs - k < most_outputs ? outputs - k : most_outputs;
      float *to = g + k * stride + c;
      if (pair) BY_OUTPUTS(2, x + c, step, rows, z + k, width, to, stride)
      else BY_OUTPUTS(1, x + c, step, rows, z + k, width, to, stride)
    }
    c += pair ? 16 : 8;
  }
  for (; c < columns; c++)
    for (size_t k = 0; k < outputs; k++)
      for (size_t r = 0; r < rows; r++) g[k * stride + c] = z[r * width + k] * x[r * step + c] + g[k * stride + c];
}
