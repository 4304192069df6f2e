#pragma once
#include <signal.h>

extern volatile sig_atomic_t luthier_signal_interrupts;
extern volatile sig_atomic_t luthier_signal_resized;
extern volatile sig_atomic_t luthier_signal_hangup;
extern volatile sig_atomic_t luthier_signal_stop;

/// Has a signal noted in the flags above.
void luthier_signal_handle(int signal);
