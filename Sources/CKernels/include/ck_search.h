#pragma once
#include <stdint.h>

/* The best few of many scores, for several questions at once. Each question has a heap of `room` places: the worst kept
   on top, of equal scores the later row the worse. */
typedef struct {
  float score;
  int64_t row;
} ck_found;

/* Puts scores [rows, questions], rows `step` apart, of rows first, first + 1, ... into the heaps `found`
   [questions, room], of which counts[q] places are taken. Rows whose `keep` byte is 0 are passed over (keep may be
   NULL; it counts from the first row). Rows must come in rising order; scores that are no numbers are passed over. */
void ck_find_best(const float *_Nonnull scores, long step, long rows, long questions, int64_t first,
                  const uint8_t *_Nullable keep, ck_found *_Nonnull found, long room, long *_Nonnull counts);

/* y[r, c] = scales[r] x[r, c] */
void ck_scale_bytes(const int8_t *_Nonnull x, const float *_Nonnull scales, float *_Nonnull y, long rows, long columns);
