#pragma once
#include "ck_blocks.h"
#include "functions.h"

/* Where things stand in a block, shared by the portable and the wide kernels. A group is 32 weights in a row. */

#define EACH_KIND(CASE)                                                                                 \
  CASE(ck_f32) CASE(ck_f16) CASE(ck_bf16) CASE(ck_q8_0) CASE(ck_q4_0) CASE(ck_q4_1) CASE(ck_q5_0)       \
  CASE(ck_q5_1) CASE(ck_q4_k) CASE(ck_q5_k) CASE(ck_q6_k)

/* Constants by kind, folded where the kind is known at compile time. */
always_inline long block_columns(ck_block_kind kind) {
  switch (kind) {
    case ck_f32: case ck_f16: case ck_bf16: return 1;
    case ck_q4_k: case ck_q5_k: case ck_q6_k: return 256;
    default: return 32;
  }
}

always_inline long block_bytes(ck_block_kind kind) {
  switch (kind) {
    case ck_f32: return 4;
    case ck_f16: case ck_bf16: return 2;
    case ck_q8_0: return 34;
    case ck_q4_0: return 18;
    case ck_q4_1: return 20;
    case ck_q5_0: return 22;
    case ck_q5_1: return 24;
    case ck_q4_k: return 144;
    case ck_q5_k: return 176;
    case ck_q6_k: return 210;
  }
  return 0;
}

always_inline float half_to_float(uint16_t h) {
  uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
  float scaled = bits_to_float((int32_t)magnitude) * bits_to_float(0x77800000);
  uint32_t special = magnitude >= 0x0f800000u ? 0x7f800000u : 0;
  uint32_t bits = (uint32_t)float_to_bits(scaled) | special | (uint32_t)(h & 0x8000) << 16;
  return bits_to_float((int32_t)bits);
}

always_inline float half_at(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return half_to_float(h);
}

always_inline uint32_t word_at(const uint8_t *p) {
  uint32_t w;
  memcpy(&w, p, 4);
  return w;
}

/* Scale and minimum number g of the twelve packed bytes of a K block: the first four pairs lie in the low six bits of
   bytes 0-3 and 4-7; of the last four, low nibbles in bytes 8-11 and the two high bits above the first ones. */
always_inline void six_bits(const uint8_t *p, long g, int *scale, int *minimum) {
  if (g < 4) {
    *scale = p[g] & 63;
    *minimum = p[g + 4] & 63;
  } else {
    *scale = (p[g + 4] & 15) | p[g - 4] >> 6 << 4;
    *minimum = p[g + 4] >> 4 | p[g] >> 6 << 4;
  }
}

/* Row r of a matrix. */
always_inline const uint8_t *block_row(const ck_block_matrix *w, long r) {
  return w->base + (w->order ? w->order[r] : r) * w->row_bytes;
}

/* product1 to product4, by how many rows of x there are. */
#define BY_COUNT(...)                          \
  switch (count) {                             \
    case 1: product1(__VA_ARGS__); break;      \
    case 2: product2(__VA_ARGS__); break;      \
    case 3: product3(__VA_ARGS__); break;      \
    default: product4(__VA_ARGS__); break;     \
  }

/* What a product does with its sums: `count` of them, for column r of rows out_step apart. */
always_inline void put_sums(const float *sums, long count, const float *bias, long r, float *out, long out_step,
                            int accumulate) {
  for (long j = 0; j < count; j++) {
    float *place = out + j * out_step + r, sum = sums[j] + (bias ? bias[r] : 0);
    *place = accumulate ? *place + sum : sum;
  }
}
