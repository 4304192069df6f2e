#include "ck_optimizer.h"

#include "simd.h"

SIMD void ck_adamw(float *restrict p, const float *restrict g, float *restrict m, float *restrict v, long count,
                   const ck_adam_settings *settings) {
  const ck_adam_settings s = *settings;
  const float keep = 1 - s.decay;
  for (long i = 0; i < count; i++) {
    float gradient = g[i] * s.clip;
    float mean = m[i] + s.a1 * (gradient - m[i]);
    float square = s.b2 * v[i] + s.a2 * (gradient * gradient);
    m[i] = mean;
    v[i] = square;
    p[i] = p[i] * keep - s.step * (mean / (square_root(square) * s.root + s.epsilon));
  }
}

SIMD void ck_adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v, long count,
                  const ck_adam_settings *settings) {
  const ck_adam_settings s = *settings;
  for (long i = 0; i < count; i++) {
    float gradient = g[i] * s.clip + s.decay * p[i];
    float mean = m[i] + s.a1 * (gradient - m[i]);
    float square = s.b2 * v[i] + s.a2 * (gradient * gradient);
    m[i] = mean;
    v[i] = square;
    p[i] -= s.step * (mean / (square_root(square) * s.root + s.epsilon));
  }
}

SIMD void ck_sgd(float *restrict p, const float *restrict g, float *restrict m, long count, float clip,
                 float decay, float momentum, float step) {
  for (long i = 0; i < count; i++) {
    float velocity = momentum * m[i] + (g[i] * clip + decay * p[i]);
    m[i] = velocity;
    p[i] -= step * velocity;
  }
}
