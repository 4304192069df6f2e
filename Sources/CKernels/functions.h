#pragma once
#include "simd.h"

/* Elementary functions of floats as vector code: straight-line, no tables, errors of one or two units in the last
   place (KernelTests compares them with double precision). The coefficients are minimax fits made for this file
   (Scripts/reference/fit_functions.py). */

always_inline float bits_to_float(int32_t i) {
  float f;
  memcpy(&f, &i, 4);
  return f;
}
always_inline int32_t float_to_bits(float f) {
  int32_t i;
  memcpy(&i, &f, 4);
  return i;
}

/* e^r for |r| <= ln(2) / 2. */
always_inline float exp_core(float r) {
  float p = 1.381461028e-03f;
  p = p * r + 8.368711147e-03f;
  p = p * r + 4.166838749e-02f;
  p = p * r + 1.666652068e-01f;
  p = p * r + 4.999999345e-01f;
  return (p * r * r + r) + 1;
}

/* e^x; 0 below about -104 and infinity above 88.7, with denormal results in between. NaN stays. */
always_inline float exp_full(float x) {
  float c = x < -105 ? -105 : x;
  c = c > 90 ? 90 : c;
  float n = c * 1.44269504f + 12582912.0f;        /* rounds to an integer in the low bits */
  int32_t i = float_to_bits(n) - 0x4B400000;
  n -= 12582912.0f;
  float r = (c - n * 0.693359375f) + n * 2.12194440e-4f;
  int32_t half = i >> 1;
  return exp_core(r) * bits_to_float((half + 127) << 23) * bits_to_float((i - half + 127) << 23);
}

/* e^x for x <= 0: 0 below -87. */
always_inline float exp_negative(float x) {
  float c = x < -87 ? -87 : x;
  float n = c * 1.44269504f + 12582912.0f;
  int32_t i = float_to_bits(n) - 0x4B400000;
  n -= 12582912.0f;
  float r = (c - n * 0.693359375f) + n * 2.12194440e-4f;
  float e = exp_core(r) * bits_to_float((i + 127) << 23);
  return x < -87 ? 0 : e;
}

always_inline float magnitude(float x) { return bits_to_float(float_to_bits(x) & 0x7FFFFFFF); }
always_inline float with_sign_of(float x, float sign) {
  return bits_to_float((float_to_bits(x) & 0x7FFFFFFF) | (float_to_bits(sign) & (int32_t)0x80000000));
}

always_inline float erf_full(float x) {
  float a = magnitude(x), s = a * a;
  float p = 7.853907828e-05f;
  p = p * s - 8.010208864e-04f;
  p = p * s + 5.188329611e-03f;
  p = p * s - 2.685381311e-02f;
  p = p * s + 1.128358518e-01f;
  p = p * s - 3.761262583e-01f;
  p = p * s + 1.283791657e-01f;
  float small = p * a + a;
  float b = a > 4 ? 4 : a;
  float q = -4.426963145e-06f;
  q = q * b + 3.930129650e-05f;
  q = q * b + 8.187460855e-05f;
  q = q * b - 3.020251611e-03f;
  q = q * b + 2.282153715e-02f;
  q = q * b - 1.054041600e-01f;
  q = q * b - 6.355514917e-01f;
  q = q * b - 1.128567892e+00f;
  float large = 1 - exp_negative(q * b);
  return with_sign_of(a < 1 ? small : large, x) + (a > 4 ? 0 : x - x);   /* x - x: NaN stays NaN */
}

always_inline float tanh_full(float x) {
  float a = magnitude(x), s = a * a;
  float p = -5.515164383e-03f;
  p = p * s + 2.046942043e-02f;
  p = p * s - 5.368802332e-02f;
  p = p * s + 1.333083035e-01f;
  p = p * s - 3.333325985e-01f;
  float small = p * s * a + a;
  float b = a > 10 ? 10 : a;
  float e = exp_negative(-2 * b);
  float large = (1 - e) / (1 + e);
  return with_sign_of(a < 0.625f ? small : large, x) + (a > 10 ? 0 : x - x);
}

always_inline float sigmoid_full(float x) {
  float e = exp_full(-magnitude(x));
  float s = 1 / (1 + e);
  return x >= 0 ? s : e * s;
}

/* Natural logarithm: -infinity at 0, NaN below. */
always_inline float log_full(float x) {
  int tiny = x < 1.17549435e-38f;
  float y = tiny ? x * 8388608.0f : x;
  int32_t i = float_to_bits(y);
  int32_t e = (i - 0x3F3504F3) >> 23;             /* so that the mantissa is in [sqrt(1/2), sqrt(2)) */
  float f = bits_to_float(i - e * 8388608) - 1;
  float n = (float)(e - (tiny ? 23 : 0));
  float p = 6.748345596e-02f;
  p = p * f - 1.167788643e-01f;
  p = p * f + 1.188863389e-01f;
  p = p * f - 1.240527706e-01f;
  p = p * f + 1.421945242e-01f;
  p = p * f - 1.666800855e-01f;
  p = p * f + 2.000212365e-01f;
  p = p * f - 2.500000946e-01f;
  p = p * f + 3.333331254e-01f;
  float s = f * f;
  float r = p * f * s + (n * -2.12194440e-4f - 0.5f * s) + f + n * 0.693359375f;
  r = x > 3.4028234e38f ? x : r;
  r = x == 0 ? -INFINITY : r;
  return x < 0 ? NAN : (x != x ? x : r);
}

/* log(1 + x) for x from 0 to 1: what 1 + x rounds away comes back by the quotient (Goldberg 1991, theorem 4). */
always_inline float log_of_one_and(float x) {
  float y = 1 + x;
  return y == 1 ? x : log_full(y) * (x / (y - 1));
}
