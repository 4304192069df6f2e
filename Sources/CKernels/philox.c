#include "ck_philox.h"
#include "simd.h"

#define ROUNDS 10
#define DROPOUT_ROUNDS 7

always_inline void philox(uint32_t c[4], uint64_t key) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[1] = (uint32_t)p1;
    c[3] = (uint32_t)p0;
    c[0] = n0;
    c[2] = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

void ck_philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, uint32_t *out) {
  uint32_t c[4] = {c0, c1, c2, c3};
  philox(c, key);
  for (int i = 0; i < 4; i++) out[i] = c[i];
}

void ck_philox_words(uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, uint32_t *out, long count) {
  for (long i = 0; i < count; i += 4) {
    uint32_t c[4] = {(uint32_t)(i / 4), c1, c2, c3};
    philox(c, key);
    for (long j = 0; j < 4 && i + j < count; j++) out[i + j] = c[j];
  }
}

/* Dropout takes 16 bits an element, and seven rounds, the fewest that the authors found to pass all tests. Eight
   counters at once stand in 64-bit lanes whose upper halves are never read, which saves the shuffles: 64 elements.
   Element i of a row is dropped by counter 8 * (i / 64) + i % 32 / 4, word 2 * (i % 64 / 32) + i % 4 / 2, its low half
   where i is even. */
typedef uint64_t lanes __attribute__((vector_size(64)));

always_inline void dropout_words(uint64_t first, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key,
                                 uint16_t out[64]) {
  const uint64_t low = 0xFFFFFFFFu;
  lanes a = first + (lanes){0, 1, 2, 3, 4, 5, 6, 7}, b = (lanes){0} + c1, c = (lanes){0} + c2, d = (lanes){0} + c3;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < DROPOUT_ROUNDS; round++) {
    lanes p0 = (a & low) * (uint64_t)0xD2511F53u, p1 = (c & low) * (uint64_t)0xCD9E8D57u;
    a = (p1 >> 32) ^ b ^ (uint64_t)k0;
    c = (p0 >> 32) ^ d ^ (uint64_t)k1;
    b = p1;
    d = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  lanes pairs[2] = {(a & low) | (b << 32), (c & low) | (d << 32)};
  memcpy(out, pairs, sizeof pairs);
}

always_inline void drop(const uint16_t *words, uint32_t least, float scale, const float *x, float *y, long n) {
  EACH_PLACE_ALONE
  for (long j = 0; j < n; j++) y[j] = words[j] >= least ? x[j] * scale : 0;
}

SIMD void ck_dropout_row(const float *x, float *y, const float *x2, float *y2, long count, float rate, uint32_t c1,
                         uint32_t c2, uint32_t c3, uint64_t key) {
  uint32_t least = (uint32_t)(rate * 65536.0f + 0.5f);
  float scale = rate >= 1 ? 0 : 1 / (1 - rate);
  uint16_t words[64];
  for (long i = 0; i < count; i += 64) {
    dropout_words((uint64_t)(i / 64) * 8, c1, c2, c3, key, words);
    long n = count - i < 64 ? count - i : 64;
    if (n == 64) {
      drop(words, least, scale, x + i, y + i, 64);
      if (x2) drop(words, least, scale, x2 + i, y2 + i, 64);
    } else {
      drop(words, least, scale, x + i, y + i, n);
      if (x2) drop(words, least, scale, x2 + i, y2 + i, n);
    }
  }
}
