#include "ck_few_products.h"

#include "ck_memory.h"
#include "ck_pool.h"

typedef struct {
  const ck_few_product *products;
  const float *x;
  long count;
} few_work;

/* Pieces of some 128 KB of weights, an equal share of them for each thread: one more for one thread than for another
   would be a tenth of a small product's time, and where a piece begins the processor's own reading ahead begins anew. */
static long pieces_of(const ck_few_product *product, long threads) {
  long wanted = product->rows * product->matrix.row_bytes / (1 << 17);
  long pieces = (wanted + threads - 1) / threads * threads, most = product->rows / 8;
  if (pieces > most) pieces = most;
  return pieces < 1 ? 1 : pieces;
}

static void one_piece(void *context, long piece) {
  const few_work *work = context;
  const ck_few_product *product = work->products;
  for (; piece >= product->pieces; product++) piece -= product->pieces;
  /* kernels take four rows together */
  long size = ((product->rows + product->pieces - 1) / product->pieces + 3) / 4 * 4;
  long first = piece * size, last = first + size < product->rows ? first + size : product->rows;
  if (first >= last) return;
  ck_block_product(&product->matrix, first, last, work->x, product->matrix.columns, product->prepared, work->count,
                   product->bias, product->out, product->rows, product->accumulate);
}

/* The first product of the same kind as number i: what is prepared for it serves both. */
static long twin_of(const ck_few_product *products, long i) {
  for (long j = 0; j < i; j++)
    if (products[j].matrix.kind == products[i].matrix.kind) return j;
  return i;
}

int ck_few_products(ck_few_product *products, long product_count, const float *x, long count) {
  long total = 0, pieces = 0, threads = ck_pool_threads();
  for (long i = 0; i < product_count; i++) {
    const ck_block_matrix *matrix = &products[i].matrix;
    products[i].pieces = pieces_of(products + i, threads);
    pieces += products[i].pieces;
    if (twin_of(products, i) == i) total += count * ck_block_prepared_count(matrix->kind, matrix->columns);
  }
  size_t capacity = 0;
  float *memory = total ? ck_allocate(total * sizeof *memory, &capacity) : NULL, *next = memory;
  if (total && !memory) return 0;
  for (long i = 0; i < product_count; i++) {
    const ck_block_matrix *matrix = &products[i].matrix;
    long twin = twin_of(products, i), own = count * ck_block_prepared_count(matrix->kind, matrix->columns);
    products[i].prepared = twin < i ? products[twin].prepared : own ? next : NULL;
    if (twin < i || !own) continue;
    ck_block_prepare(matrix->kind, matrix->columns, x, matrix->columns, count, next);
    next += own;
  }
  few_work work = {products, x, count};
  ck_pool_run(pieces, &work, one_piece);
  if (memory) ck_release(memory, capacity);
  return 1;
}
