#define _GNU_SOURCE
#include "CPseudoTerminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int pseudo_terminal_start(
    const char *program, char *const *arguments, char *const *environment, const char *directory, int columns,
    int rows, pid_t *process) {
  int control = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (control < 0) return -1;
  char name[128];
  if (grantpt(control) != 0 || unlockpt(control) != 0 || ptsname_r(control, name, sizeof name) != 0) {
    close(control);
    return -1;
  }
  pseudo_terminal_resize(control, columns, rows);
  pid_t child = fork();
  if (child < 0) {
    close(control);
    return -1;
  }
  if (child == 0) {
    setsid();
    int terminal = open(name, O_RDWR);
    if (terminal < 0 || chdir(directory) != 0) _exit(126);
    ioctl(terminal, TIOCSCTTY, 0);
    for (int i = 0; i < 3; i++) dup2(terminal, i);
    if (terminal > 2) close(terminal);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program, arguments, environment);
    _exit(127);
  }
  *process = child;
  return control;
}

void pseudo_terminal_resize(int control, int columns, int rows) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  ioctl(control, TIOCSWINSZ, &size);
}
