#include "ck_philox.h"
#include "simd.h"

#define ROUNDS 10

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

/* Sixteen counters at once; out is [4][16]: word w of counter i at w * 16 + i. */
always_inline void philox_block(uint32_t first, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key,
                                uint32_t out[64]) {
  uint32_t a[16], b[16], c[16], d[16];
  for (int i = 0; i < 16; i++) {
    a[i] = first + (uint32_t)i;
    b[i] = c1;
    c[i] = c2;
    d[i] = c3;
  }
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < 16; i++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * a[i], p1 = (uint64_t)0xCD9E8D57u * c[i];
      uint32_t n0 = (uint32_t)(p1 >> 32) ^ b[i] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ d[i] ^ k1;
      b[i] = (uint32_t)p1;
      d[i] = (uint32_t)p0;
      a[i] = n0;
      c[i] = n2;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < 16; i++) {
    out[i] = a[i];
    out[16 + i] = b[i];
    out[32 + i] = c[i];
    out[48 + i] = d[i];
  }
}

void ck_philox_words(uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key, uint32_t *out, long count) {
  for (long i = 0; i < count; i += 4) {
    uint32_t c[4] = {(uint32_t)(i / 4), c1, c2, c3};
    philox(c, key);
    for (long j = 0; j < 4 && i + j < count; j++) out[i + j] = c[j];
  }
}

/* Element i of a row uses counter 16 * (i / 64) + i % 16, word (i % 64) / 16: blocks of 64 without shuffling. */
SIMD void ck_dropout_row(const float *x, float *y, long count, float rate, uint32_t c1, uint32_t c2, uint32_t c3,
                         uint64_t key) {
  double threshold = (double)rate * 4294967296.0;
  uint32_t least = threshold >= 4294967295.0 ? 4294967295u : (uint32_t)threshold;
  float scale = rate >= 1 ? 0 : 1 / (1 - rate);
  uint32_t words[64];
  for (long i = 0; i < count; i += 64) {
    philox_block((uint32_t)(i / 64) * 16, c1, c2, c3, key, words);
    long n = count - i < 64 ? count - i : 64;
    if (n == 64)
      for (long j = 0; j < 64; j++) y[i + j] = words[j] >= least ? x[i + j] * scale : 0;
    else
      for (long j = 0; j < n; j++) y[i + j] = words[j] >= least ? x[i + j] * scale : 0;
  }
}
