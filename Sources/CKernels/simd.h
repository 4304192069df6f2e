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

/* Before a loop whose result may be written over an input: places of other steps are never touched, so it is vector
   code there too. Without it the compiler looks at the addresses first and, in place, takes one element at a time. */
#define EACH_PLACE_ALONE _Pragma("clang loop vectorize(assume_safety)")

/* The square root as an instruction: sqrtf may have to set errno, and no loop with it becomes vector code. */
always_inline float square_root(float x) { return __builtin_elementwise_sqrt(x); }

/* Eight floats, which may stand anywhere. */
typedef float eight __attribute__((vector_size(32), aligned(4)));
