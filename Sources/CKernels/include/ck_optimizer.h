#pragma once

/* One step of Adam with decoupled weight decay over `count` parameters (Loshchilov & Hutter 2019), gradients first
   multiplied by `clip`:
   p *= 1 - decay; m += a1 (g - m); v = b2 v + a2 g²; p -= step m / (sqrt(v) * root + epsilon).
   a1 and a2, what is left of the two betas to 1, are given: taken from a beta in float the second would be off by
   1.3e-5 of itself, and the first steps with it. */
typedef struct {
  float clip, decay, a1, b2, a2, step, root, epsilon;
} ck_adam_settings;

void ck_adamw(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, long count,
              const ck_adam_settings *_Nonnull settings);

/* The same, but decay (an L2 penalty) joins the gradient: Adam as first published. */
void ck_adam(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, long count,
             const ck_adam_settings *_Nonnull settings);

/* One step of gradient descent with momentum: m = momentum m + clip g + decay p; p -= step m. */
void ck_sgd(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, long count, float clip, float decay,
            float momentum, float step);
