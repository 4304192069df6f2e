#pragma once

#include <sys/syscall.h>
#include <unistd.h>

/* Whether AMX tiles may be used for bf16: the processor has them, and the kernel gives this process room for their state
   (XFEATURE_XTILEDATA), as it does for those who ask. The grant holds for all threads. */
static inline int amx_is_granted(void) {
  enum { request_permission = 0x1023, tile_data = 18 };
  __builtin_cpu_init();
  return __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("amx-tile") &&
         !syscall(SYS_arch_prctl, request_permission, tile_data);
}
