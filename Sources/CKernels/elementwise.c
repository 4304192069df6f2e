#include "ck_elementwise.h"
#include "functions.h"

#define PI_ROOT 0.797884561f      /* sqrt(2 / pi) */
#define ROOT_HALF 0.707106781f
#define DENSITY 0.398942280f      /* 1 / sqrt(2 pi) */

/* Each function with its derivative; `y` of the derivative is unused where x suffices. */
always_inline float gelu(float x) { return 0.5f * x * (1 + erf_full(x * ROOT_HALF)); }
always_inline float gelu_slope(float x) {
  return 0.5f * (1 + erf_full(x * ROOT_HALF)) + x * DENSITY * exp_negative(-0.5f * x * x);
}
always_inline float gelu_tanh(float x) {
  return 0.5f * x * (1 + tanh_full(PI_ROOT * (x + 0.044715f * x * x * x)));
}
always_inline float gelu_tanh_slope(float x) {
  float t = tanh_full(PI_ROOT * (x + 0.044715f * x * x * x));
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * PI_ROOT * (1 + 3 * 0.044715f * x * x);
}
always_inline float silu_slope(float x) {
  float s = sigmoid_full(x);
  return s * (1 + x * (1 - s));
}
always_inline float quick_slope(float x) {
  float s = sigmoid_full(1.702f * x);
  return s * (1 + 1.702f * x * (1 - s));
}
always_inline float softplus(float x) { return (x > 0 ? x : 0) + log_of_one_and(exp_negative(-magnitude(x))); }
always_inline float mish_slope(float x) {
  float t = tanh_full(softplus(x));
  return t + x * (1 - t * t) * sigmoid_full(x);
}
always_inline float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
always_inline float sigmoid_slope(float x) {
  float s = sigmoid_full(x);
  return s * (1 - s);
}
always_inline float tanh_slope(float x) {
  float t = tanh_full(x);
  return 1 - t * t;
}

/* X(name, value, slope) for every function that the compiler turns into vector code. */
#define FUNCTIONS(X)                                                                        \
  X(ck_negate, -x, -1)                                                                      \
  X(ck_exp, exp_full(x), exp_full(x))                                                       \
  X(ck_log, log_full(x), 1 / x)                                                             \
  X(ck_sqrt, square_root(x), 0.5f / square_root(x))                                         \
  X(ck_abs, magnitude(x), (x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f))                            \
  X(ck_square, x *x, 2 * x)                                                                 \
  X(ck_reciprocal, 1 / x, -1 / (x * x))                                                     \
  X(ck_sigmoid, sigmoid_full(x), sigmoid_slope(x))                                          \
  X(ck_tanh, tanh_full(x), tanh_slope(x))                                                   \
  X(ck_relu, (x > 0 ? x : x != x ? x : 0.0f), (x > 0 ? 1.0f : 0.0f))                        \
  X(ck_silu, x *sigmoid_full(x), silu_slope(x))                                             \
  X(ck_gelu, gelu(x), gelu_slope(x))                                                        \
  X(ck_gelu_tanh, gelu_tanh(x), gelu_tanh_slope(x))                                         \
  X(ck_quick_gelu, x *sigmoid_full(1.702f * x), quick_slope(x))                             \
  X(ck_relu_squared, (x > 0 ? x * x : x != x ? x : 0.0f), (x > 0 ? 2 * x : 0.0f))           \
  X(ck_relu6, clip(x, 0, 6), (x > 0 && x < 6 ? 1.0f : 0.0f))                                \
  X(ck_hardswish, x *clip(x + 3, 0, 6) / 6, (x < -3 ? 0 : x <= 3 ? x / 3 + 0.5f : 1))       \
  X(ck_leaky_relu, (x > 0 ? x : 0.01f * x), (x > 0 ? 1.0f : 0.01f))                         \
  X(ck_mish, x *tanh_full(softplus(x)), mish_slope(x))                                      \
  X(ck_softplus, softplus(x), sigmoid_full(x))                                              \
  X(ck_gelu_10, clip(gelu(x), -10, 10), (gelu(x) < 10 ? gelu_slope(x) : 0.0f))              \
  X(ck_laplace, 0.5f * (1 + erf_full((x - 0.707107f) / (0.282095f * 1.41421356f))),         \
    (1 / (0.282095f * 2.50662827f)) *                                                       \
        exp_negative(-(x - 0.707107f) * (x - 0.707107f) / (2 * 0.282095f * 0.282095f)))     \
  X(ck_elu, (x > 0 ? x : exp_negative(x) - 1), (x > 0 ? 1.0f : exp_negative(x)))            \
  X(ck_erf, erf_full(x), 1.12837917f * exp_negative(-x * x))                                \
  X(ck_floor, __builtin_floorf(x), 0)                                                       \
  X(ck_sign, (x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f), 0)

#define LOOPS(name, value, slope)                                                           \
  SIMD static void name##_forward(const float *in, float *out, long count) {                \
    EACH_PLACE_ALONE                                                                        \
    for (long i = 0; i < count; i++) {                                                      \
      float x = in[i];                                                                      \
      out[i] = value;                                                                       \
    }                                                                                       \
  }                                                                                         \
  SIMD static void name##_backward(const float *in, const float *dy, float *dx, long count) { \
    EACH_PLACE_ALONE                                                                        \
    for (long i = 0; i < count; i++) {                                                      \
      float x = in[i];                                                                      \
      (void)x;                                                                              \
      dx[i] = dy[i] * (slope);                                                              \
    }                                                                                       \
  }
FUNCTIONS(LOOPS)

void ck_map(ck_function f, const float *x, float *y, long count) {
  switch (f) {
#define CALL(name, value, slope) \
  case name: name##_forward(x, y, count); break;
    FUNCTIONS(CALL)
#undef CALL
    case ck_identity: memmove(y, x, (size_t)count * sizeof *y); break;
    case ck_sin: for (long i = 0; i < count; i++) y[i] = sinf(x[i]); break;
    case ck_cos: for (long i = 0; i < count; i++) y[i] = cosf(x[i]); break;
  }
}

void ck_map_backward(ck_function f, const float *x, const float *dy, float *dx, long count) {
  switch (f) {
#define CALL(name, value, slope) \
  case name: name##_backward(x, dy, dx, count); break;
    FUNCTIONS(CALL)
#undef CALL
    case ck_identity: memmove(dx, dy, (size_t)count * sizeof *dx); break;
    case ck_sin: for (long i = 0; i < count; i++) dx[i] = dy[i] * cosf(x[i]); break;
    case ck_cos: for (long i = 0; i < count; i++) dx[i] = -dy[i] * sinf(x[i]); break;
  }
}

always_inline float remainder_floor(float a, float b) {
  float r = fmodf(a, b);
  return r != 0 && ((r < 0) != (b < 0)) ? r + b : r;
}

/* How often b goes into a, as the remainder has it: a / b may be rounded up to a whole number (1 // 0.1 is 9). */
always_inline float quotient_floor(float a, float b) {
  if (b == 0) return a / b;
  float r = fmodf(a, b);
  float q = (a - r) / b - (r != 0 && ((r < 0) != (b < 0)) ? 1.0f : 0.0f);
  if (q == 0) return copysignf(0, a / b);
  float whole = __builtin_floorf(q);
  return q - whole > 0.5f ? whole + 1 : whole;
}

#define BINARY(X)                                     \
  X(ck_add, a + b)                                    \
  X(ck_subtract, a - b)                               \
  X(ck_multiply, a *b)                                \
  X(ck_divide, a / b)                                 \
  X(ck_maximum, (a > b || a != a ? a : b))            \
  X(ck_minimum, (a < b || a != a ? a : b))            \
  X(ck_equal, (a == b ? 1.0f : 0.0f))                 \
  X(ck_unequal, (a != b ? 1.0f : 0.0f))               \
  X(ck_less, (a < b ? 1.0f : 0.0f))                   \
  X(ck_less_equal, (a <= b ? 1.0f : 0.0f))            \
  X(ck_greater, (a > b ? 1.0f : 0.0f))                \
  X(ck_greater_equal, (a >= b ? 1.0f : 0.0f))

#define BINARY_LOOPS(name, value)                                                                       \
  SIMD static void name##_loop(const float *p, long s, const float *q, long t, float *out, long count) { \
    if (s == 1 && t == 1) {                                                                             \
      EACH_PLACE_ALONE                                                                                  \
      for (long i = 0; i < count; i++) { float a = p[i], b = q[i]; out[i] = value; }                    \
    } else if (s == 1) {                                                                                \
      float b = *q;                                                                                     \
      EACH_PLACE_ALONE                                                                                  \
      for (long i = 0; i < count; i++) { float a = p[i]; out[i] = value; }                              \
    } else if (t == 1) {                                                                                \
      float a = *p;                                                                                     \
      EACH_PLACE_ALONE                                                                                  \
      for (long i = 0; i < count; i++) { float b = q[i]; out[i] = value; }                              \
    } else {                                                                                            \
      float a = *p, b = *q;                                                                             \
      for (long i = 0; i < count; i++) out[i] = value;                                                  \
    }                                                                                                   \
  }
BINARY(BINARY_LOOPS)

void ck_binary(ck_operation op, const float *a, long s, const float *b, long t, float *c, long count) {
  switch (op) {
#define CALL(name, value) \
  case name: name##_loop(a, s, b, t, c, count); break;
    BINARY(CALL)
#undef CALL
    case ck_power: for (long i = 0; i < count; i++) c[i] = powf(a[i * s], b[i * t]); break;
    case ck_remainder: for (long i = 0; i < count; i++) c[i] = remainder_floor(a[i * s], b[i * t]); break;
    case ck_floor_divide: for (long i = 0; i < count; i++) c[i] = quotient_floor(a[i * s], b[i * t]); break;
  }
}

SIMD void ck_accumulate(float scale, const float *x, float *y, long count) {
  EACH_PLACE_ALONE
  for (long i = 0; i < count; i++) y[i] += scale * x[i];
}

SIMD void ck_scale(float scale, float shift, const float *x, float *y, long count) {
  EACH_PLACE_ALONE
  for (long i = 0; i < count; i++) y[i] = scale * x[i] + shift;
}

SIMD float ck_sum(const float *x, long count) {
  SUMS_MAY_REORDER
  float sum = 0;
  for (long i = 0; i < count; i++) sum += x[i];
  return sum;
}

SIMD double ck_sum_of_squares(const float *x, long count) {
  SUMS_MAY_REORDER
  double sum = 0;
  for (long i = 0; i < count; i++) sum += (double)x[i] * x[i];
  return sum;
}

SIMD int ck_all_finite(const float *x, long count) {
  int bad = 0;
  for (long i = 0; i < count; i++) bad |= (float_to_bits(x[i]) & 0x7F800000) == 0x7F800000;
  return !bad;
}
