#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

luthier_editor *luthier_editor_of(EditLine *line) {
  void *data = NULL;
  el_get(line, EL_CLIENTDATA, &data);
  return data;
}

void luthier_write(const char *text) {
  size_t count = strlen(text);
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, text, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    count -= (size_t)written;
  }
}

// MARK: places on the screen

int luthier_row_of(luthier_editor *editor, const wchar_t *end) {
  int columns = 80, rows = 24, row = 0, column = 0;
  luthier_terminal_size(STDOUT_FILENO, &columns, &rows);
  bool hidden = false;
  for (const char *place = editor->prompt; *place != 0; place++) {  // prompts are ASCII
    if (*place == '\001') hidden = !hidden;
    else if (!hidden) column++;
  }
  for (const wchar_t *place = el_wline(editor->line)->buffer; place < end; place++) {
    if (*place == L'\n') {
      row++;
      column = 0;
      continue;
    }
    int width = *place == L'\t' ? 8 - column % 8 : wcwidth(*place);
    if (width < 0) width = 2;  // shown as ^X
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
    if (column >= columns) {
      row++;
      column = 0;
    }
  }
  return row;
}

/// Draws the line anew where it stands, as after the terminal changed its size.
static void redraw(luthier_editor *editor) {
  char move[32];
  int rows = luthier_row_of(editor, el_wline(editor->line)->cursor);
  if (rows > 0) snprintf(move, sizeof move, "\033[%dA\r\033[J", rows);
  else strcpy(move, "\r\033[J");
  luthier_write(move);
  el_set(editor->line, EL_REFRESH);
}

// MARK: reading characters

/// Gives the terminal back, stops, and takes it again when continued.
static void suspend(luthier_editor *editor) {
  luthier_signal_stop = 0;
  el_set(editor->line, EL_PREP_TERM, 0);
  luthier_write(PASTE_OFF);
  signal(SIGTSTP, SIG_DFL);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  raise(SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &set, &old);  // stops here
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  luthier_signal_handle(SIGTSTP);
  el_set(editor->line, EL_PREP_TERM, 1);
  luthier_write(PASTE_ON);
  el_set(editor->line, EL_REFRESH);
}

/// The next byte: 1, or 0 at the end. Signals are let through only inside `ppoll`, so
/// that none slips in between looking and waiting.
static int next_byte(luthier_editor *editor, unsigned char *byte) {
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGTSTP);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGTERM);
  int result = 0;
  pthread_sigmask(SIG_BLOCK, &set, &old);
  for (;;) {
    if (luthier_signal_interrupts > 0) {
      luthier_signal_interrupts = 0;
      editor->interrupting = true;
      editor->pending[0] = key_to_end;
      editor->pending[1] = key_interrupt;
      editor->pending_start = 0;
      editor->pending_end = 2;
    }
    if (luthier_signal_hangup) break;
    if (luthier_signal_resized) {
      luthier_signal_resized = 0;
      el_resize(editor->line);
      redraw(editor);
    }
    if (luthier_signal_stop) suspend(editor);
    if (editor->pending_start < editor->pending_end) {
      *byte = editor->pending[editor->pending_start++];
      result = 1;
      break;
    }
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (ppoll(&input, 1, NULL, &old) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    ssize_t count = read(STDIN_FILENO, editor->pending, sizeof editor->pending);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) break;
    editor->pending_start = 0;
    editor->pending_end = (size_t)count;
  }
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return result;
}

int luthier_read_character(EditLine *line, wchar_t *out) {
  luthier_editor *editor = luthier_editor_of(line);
  unsigned char byte;
  int got = next_byte(editor, &byte);
  if (got <= 0) return got;
  int more = -1;
  if (byte < 0x80) more = 0;
  else if (byte >= 0xc2 && byte < 0xe0) more = 1;
  else if (byte >= 0xe0 && byte < 0xf0) more = 2;
  else if (byte >= 0xf0 && byte < 0xf5) more = 3;
  if (more < 0) {
    *out = 0xfffd;
    return 1;
  }
  uint32_t scalar = more == 0 ? byte : byte & (0x3f >> more);
  for (int i = 0; i < more; i++) {
    got = next_byte(editor, &byte);
    if (got <= 0) return got;
    if ((byte & 0xc0) != 0x80) {
      editor->pending_start--;  // begins the next character
      *out = 0xfffd;
      return 1;
    }
    scalar = scalar << 6 | (byte & 0x3f);
  }
  *out = scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000) ? 0xfffd : (wchar_t)scalar;
  return 1;
}
