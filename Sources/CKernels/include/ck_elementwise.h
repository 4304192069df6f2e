#pragma once

/* Loops over `count` floats. Results may be written over inputs. */

typedef enum {
  ck_identity, ck_negate, ck_exp, ck_log, ck_sqrt, ck_abs, ck_square, ck_reciprocal,
  ck_sigmoid, ck_tanh, ck_relu, ck_silu, ck_gelu, ck_gelu_tanh, ck_quick_gelu, ck_relu_squared, ck_relu6, ck_leaky_relu,
  ck_mish, ck_hardswish, ck_softplus, ck_gelu_10, ck_laplace, ck_elu, ck_erf, ck_sin, ck_cos, ck_floor, ck_sign
} ck_function;

/* y = f(x) */
void ck_map(ck_function f, const float *_Nonnull x, float *_Nonnull y, long count);
/* dx = dy f'(x) */
void ck_map_backward(ck_function f, const float *_Nonnull x, const float *_Nonnull dy, float *_Nonnull dx, long count);

typedef enum {
  ck_add, ck_subtract, ck_multiply, ck_divide, ck_power, ck_maximum, ck_minimum,
  ck_equal, ck_unequal, ck_less, ck_less_equal, ck_greater, ck_greater_equal, ck_remainder, ck_floor_divide
} ck_operation;

/* c = a op b; a step is 1, or 0 for the same number at every place. */
void ck_binary(ck_operation op, const float *_Nonnull a, long a_step, const float *_Nonnull b, long b_step,
               float *_Nonnull c, long count);

/* y += scale x */
void ck_accumulate(float scale, const float *_Nonnull x, float *_Nonnull y, long count);
/* y = scale x + shift */
void ck_scale(float scale, float shift, const float *_Nonnull x, float *_Nonnull y, long count);

float ck_sum(const float *_Nonnull x, long count);
double ck_sum_of_squares(const float *_Nonnull x, long count);
/* Whether every number is finite. */
int ck_all_finite(const float *_Nonnull x, long count);
