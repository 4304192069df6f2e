#pragma once
#include <sys/types.h>

/// Starts a program on a new terminal of the given size. Gives the controlling side's descriptor, or -1.
int pseudo_terminal_start(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int columns,
    int rows, pid_t *process);
/// Tells a terminal, and the program on it, a new size.
void pseudo_terminal_resize(int control, int columns, int rows);
