#define _GNU_SOURCE
#include "ck_blas.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void ck_blas_choose(void) {
#if defined(__x86_64__)
  char *(*name)(void) = (char *(*)(void))dlsym(RTLD_DEFAULT, "openblas_get_corename");
  void (*leave)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit");
  void (*choose)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init");
  if (!name || !leave || !choose || getenv("OPENBLAS_CORETYPE")) return;
  static const char *const old[] = {"Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Unknown"};
  const char *chosen = name();
  int is_old = 0;
  for (size_t i = 0; i < sizeof old / sizeof *old; i++) is_old |= chosen && !strcmp(chosen, old[i]);
  if (!is_old) return;
  __builtin_cpu_init();
  const char *better = NULL;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq"))
    better = "SkylakeX";
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    better = "Haswell";
  if (!better || setenv("OPENBLAS_CORETYPE", better, 0)) return;
  leave();
  choose();
  unsetenv("OPENBLAS_CORETYPE");
#endif
}

void ck_blas_end_threads(void) {
  void (*end)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "blas_thread_shutdown_");
  if (end) end();
}
