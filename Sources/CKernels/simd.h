#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

/* SIMD compiles a function once for each level of processor and chooses at load time. What such a function calls must
   be inlined into it, or it would stay compiled for the lowest level. */
#if defined(__x86_64__)
#define SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SIMD
#endif
#define always_inline static inline __attribute__((always_inline))

/* Lets the compiler add in another order, which a vector sum needs. */
#define SUMS_MAY_REORDER _Pragma("clang fp reassociate(on)")
