#pragma once

/* One step of Adam with decoupled weight decay over `count` parameters (Loshchilov & Hutter 2019), gradients first
   multiplied by `clip`:
   p *= 1 - decay; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g²; p -= step m / (sqrt(v) * root + epsilon). */
typedef struct {
  float clip, decay, b1, b2, step, root, epsilon;
} ck_adam_settings;

void ck_adamw(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, long count,
              const ck_adam_settings *_Nonnull settings);

/* The same, but decay (an L2 penalty) joins the gradient: Adam as first published. */
void ck_adam(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, float *_Nonnull v, long count,
             const ck_adam_settings *_Nonnull settings);

/* One step of gradient descent with momentum: m = momentum m + clip g + decay p; p -= step m. */
void ck_sgd(float *_Nonnull p, const float *_Nonnull g, float *_Nonnull m, long count, float clip, float decay,
            float momentum, float step);
