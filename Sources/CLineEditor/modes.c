#define _GNU_SOURCE
#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

// The terminal has one of three modes:
//
// - as it was found, for other programs and after the end;
// - editing, while a line is read: libedit's, with Ctrl-C and Ctrl-Z as keys, so that they come in order among the others;
// - working, while a statement runs: the same without a reader. Ctrl-C and Ctrl-Z are signals, nothing is echoed, and
//   what is typed ahead waits as it was typed, Ctrl-D included.
//
// None of the last two empties a queue at Ctrl-C (NOFLSH): that would take away what stands behind it, and output that
// the terminal has not yet read.

static struct termios found, working;
static volatile sig_atomic_t is_open = 0;
static volatile sig_atomic_t is_taken = 0;  // in one of the last two
static volatile sig_atomic_t is_lent = 0;   // another program has it

/// A process in the background would be stopped for touching the terminal.
static bool in_foreground(void) { return tcgetpgrp(STDIN_FILENO) == getpgrp(); }

static void restore(void) {
  if (!is_open || !is_taken || !in_foreground()) return;
  is_taken = 0;
  luthier_write(PASTE_OFF);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &found);
}

void luthier_modes_continue(void) {
  if (!is_open || is_lent || !in_foreground()) return;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &working);
  luthier_write(PASTE_ON);
  is_taken = 1;
}

void luthier_terminal_give_back(void) {
  restore();
  is_lent = 1;
}

void luthier_terminal_take(void) {
  is_lent = 0;
  luthier_modes_continue();
}

bool luthier_modes_taken(void) { return is_taken; }

void luthier_modes_stop(bool whole_group) {
  restore();
  if (whole_group) {
    signal(SIGTSTP, SIG_IGN);  // the others of the group: this process follows
    kill(0, SIGTSTP);
  }
  signal(SIGTSTP, SIG_DFL);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  // Sent to this thread: one that is sent to the process may be taken by another, and this one would go on for a moment
  // and take the terminal again.
  pthread_kill(pthread_self(), SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &set, &old);  // stops here
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  luthier_signal_handle(SIGTSTP);
  luthier_modes_continue();
}

bool luthier_modes_open(EditLine *line, const struct termios *before) {
  found = *before;
  el_set(line, EL_SETTY, "-d", "+noflsh", "-isig", NULL);
  el_set(line, EL_SETTY, "-x", "+noflsh", "+isig", "-icanon", "-echo", "-iexten", NULL);
  if (tcgetattr(STDIN_FILENO, &working) != 0) return false;
  is_open = is_taken = 1;
  atexit(luthier_modes_close);
  luthier_signal_handle(SIGTSTP);
  luthier_signal_handle(SIGCONT);
  luthier_write(PASTE_ON);
  return true;
}

void luthier_modes_close(void) {
  if (!is_open) return;
  restore();
  is_open = 0;
  signal(SIGTSTP, SIG_DFL);
  signal(SIGCONT, SIG_DFL);
}

static bool is_key(unsigned char byte, int which) { return byte == found.c_cc[which] && byte != _POSIX_VDISABLE; }

bool luthier_is_interrupt(unsigned char byte) { return is_key(byte, VINTR); }

bool luthier_is_stop(unsigned char byte) { return is_key(byte, VSUSP); }
