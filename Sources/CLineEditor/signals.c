#define _GNU_SOURCE
#include "CLineEditor.h"
#include "internal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

volatile sig_atomic_t luthier_signal_interrupts = 0;
volatile sig_atomic_t luthier_signal_resized = 0;
volatile sig_atomic_t luthier_signal_hangup = 0;
volatile sig_atomic_t luthier_signal_stop = 0;
volatile sig_atomic_t luthier_reading = 0;

static pthread_t shell_thread;
static volatile sig_atomic_t shell_thread_known = 0;
static void (*volatile interrupt_handler)(void *) = NULL;
static void *volatile interrupt_context = NULL;

static volatile sig_atomic_t ends_process = 0;
static volatile sig_atomic_t interrupt_shown = 0;

void luthier_interrupts_end_process(bool ends) { ends_process = ends; }

void luthier_interrupt(void) {
  if (interrupt_handler != NULL) interrupt_handler(interrupt_context);
  // Nothing is echoed while work runs: this says that the key was heard.
  if (luthier_modes_taken() && !interrupt_shown) {
    interrupt_shown = 1;
    luthier_write("^C");
  }
}

bool luthier_interrupt_shown(void) {
  bool shown = interrupt_shown;
  interrupt_shown = 0;
  return shown;
}

/// Notes the signal. A pool thread that got it hands it on, so that the shell's blocking read ends.
static void note(int signal) {
  int saved = errno;
  if (shell_thread_known && !pthread_equal(pthread_self(), shell_thread)) {
    pthread_kill(shell_thread, signal);
    errno = saved;
    return;
  }
  switch (signal) {
  case SIGINT:
    if (luthier_signal_interrupts < 1000) luthier_signal_interrupts++;
    if (!luthier_reading) luthier_interrupt();
    if (ends_process && luthier_signal_interrupts >= 3) _exit(130);
    break;
  case SIGWINCH: luthier_signal_resized = 1; break;
  case SIGTSTP:
    if (luthier_reading) luthier_signal_stop = 1;
    else luthier_modes_stop(false);
    break;
  case SIGCONT:
    if (!luthier_reading) luthier_modes_continue();
    break;
  default:
    luthier_signal_hangup = 1;
    if (interrupt_handler != NULL) interrupt_handler(interrupt_context);
  }
  errno = saved;
}

void luthier_signal_handle(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;  // without SA_RESTART: a blocking read must end
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

sigset_t luthier_shell_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGTSTP);
  sigaddset(&set, SIGCONT);
  return set;
}

void luthier_signals_install(void) {
  shell_thread = pthread_self();
  shell_thread_known = 1;
  luthier_signal_handle(SIGINT);
  luthier_signal_handle(SIGHUP);
  luthier_signal_handle(SIGTERM);
  luthier_signal_handle(SIGWINCH);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may grow no further is an error of its write
  // A parent that blocks signals in its threads, as many runtimes do, hands its mask down.
  sigset_t set = luthier_shell_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int luthier_interrupts(void) { return luthier_signal_interrupts; }

void luthier_interrupt_handle(void (*handler)(void *), void *context) {
  interrupt_handler = NULL;
  interrupt_context = context;
  interrupt_handler = handler;
}

int luthier_run_on_terminal(const char *command, const char *argument) {
  // In this process's own group: another one would be in the background, where reading the terminal stops a program.
  luthier_terminal_give_back();
  pid_t child = fork();
  if (child < 0) {
    luthier_terminal_take();
    return -1;
  }
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execl("/bin/sh", "sh", "-c", command, "sh", argument, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  pid_t ended;
  while ((ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  luthier_terminal_take();
  if (ended < 0) return -1;
  luthier_signal_interrupts = 0;  // a Ctrl-C was the program's
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool luthier_hung_up(void) { return luthier_signal_hangup != 0; }

bool luthier_terminal_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}

bool luthier_locale_set(void) {
  const char *name = getenv("LC_ALL");
  if (name == NULL || *name == 0) name = getenv("LC_CTYPE");
  if (name == NULL || *name == 0) name = getenv("LANG");
  bool named = name != NULL && *name != 0 && strcmp(name, "C") != 0 && strcmp(name, "POSIX") != 0;
  if (setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  // A name that isn't installed here may still mean UTF-8.
  bool utf8 = !named || strcasestr(name, "utf-8") != NULL || strcasestr(name, "utf8") != NULL;
  setlocale(LC_CTYPE, "C.UTF-8");
  return utf8;
}
