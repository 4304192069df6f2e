#include "ck_search.h"
#include "simd.h"

/* Whether a is worse than b. */
always_inline int worse(ck_found a, ck_found b) { return a.score < b.score || (a.score == b.score && a.row > b.row); }

static void sink(ck_found *heap, long count, ck_found item) {
  long place = 0;
  for (;;) {
    long child = 2 * place + 1;
    if (child >= count) break;
    if (child + 1 < count && worse(heap[child + 1], heap[child])) child++;
    if (!worse(heap[child], item)) break;
    heap[place] = heap[child];
    place = child;
  }
  heap[place] = item;
}

static void rise(ck_found *heap, long place, ck_found item) {
  while (place > 0) {
    long parent = (place - 1) / 2;
    if (!worse(item, heap[parent])) break;
    heap[place] = heap[parent];
    place = parent;
  }
  heap[place] = item;
}

/* What a score must exceed to be kept. */
always_inline float threshold(const ck_found *heap, long count, long room) {
  return count < room ? -INFINITY : heap[0].score;
}

static void offer(ck_found *heap, long *count, long room, float score, int64_t row) {
  ck_found item = {score, row};
  if (*count < room)
    rise(heap, (*count)++, item);
  else
    sink(heap, room, item);
}

SIMD static int any_above(const float *scores, const float *limits, long count) {
  int any = 0;
  for (long i = 0; i < count; i++) any |= scores[i] > limits[i];
  return any;
}

SIMD static int any_above_one(const float *scores, float limit, long count) {
  int any = 0;
  for (long i = 0; i < count; i++) any |= scores[i] > limit;
  return any;
}

/* One question whose scores stand beside each other. */
static void find_in_line(const float *scores, long rows, int64_t first, const uint8_t *keep, ck_found *found, long room,
                         long *count) {
  const long block = 128;
  float limit = threshold(found, *count, room);
  for (long start = 0; start < rows; start += block) {
    long end = start + block < rows ? start + block : rows;
    if (!any_above_one(scores + start, limit, end - start)) continue;
    for (long r = start; r < end; r++) {
      if (!(scores[r] > limit) || (keep && !keep[r])) continue;
      offer(found, count, room, scores[r], first + r);
      limit = threshold(found, *count, room);
    }
  }
}

void ck_find_best(const float *scores, long step, long rows, long questions, int64_t first, const uint8_t *keep,
                  ck_found *found, long room, long *counts) {
  if (room < 1) return;
  if (questions == 1 && step == 1) {
    find_in_line(scores, rows, first, keep, found, room, counts);
    return;
  }
  enum { width = 128 };
  for (long from = 0; from < questions; from += width) {
    long count = questions - from < width ? questions - from : width;
    float limits[width];
    for (long q = 0; q < count; q++) limits[q] = threshold(found + (from + q) * room, counts[from + q], room);
    for (long r = 0; r < rows; r++) {
      const float *row = scores + r * step + from;
      if ((keep && !keep[r]) || !any_above(row, limits, count)) continue;
      for (long q = 0; q < count; q++) {
        if (!(row[q] > limits[q])) continue;
        ck_found *heap = found + (from + q) * room;
        offer(heap, &counts[from + q], room, row[q], first + r);
        limits[q] = threshold(heap, counts[from + q], room);
      }
    }
  }
}

SIMD void ck_scale_bytes(const int8_t *x, const float *scales, float *y, long rows, long columns) {
  for (long r = 0; r < rows; r++) {
    float scale = scales[r];
    for (long c = 0; c < columns; c++) y[r * columns + c] = scale * (float)x[r * columns + c];
  }
}
