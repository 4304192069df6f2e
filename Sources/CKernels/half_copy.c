#include "ck_half.h"
#include "functions.h"

/* The nearest bfloat16, ties to even; NaN stays NaN. */
SIMD void ck_to_half(const float *x, float *halves, long at, long count) {
  uint16_t *out = (uint16_t *)halves + at;
  for (long i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)float_to_bits(x[i]);
    uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    out[i] = (uint16_t)(x[i] != x[i] ? (bits >> 16) | 64 : rounded);
  }
}

SIMD void ck_from_half(const float *halves, long at, float *y, long count) {
  const uint16_t *in = (const uint16_t *)halves + at;
  for (long i = 0; i < count; i++) y[i] = bits_to_float((int32_t)((uint32_t)in[i] << 16));
}
