#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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

void luthier_reading_stop(luthier_editor *editor, bool whole_group) {
  luthier_signal_stop = 0;
  el_set(editor->line, EL_PREP_TERM, 0);
  luthier_modes_stop(whole_group);
  el_set(editor->line, EL_PREP_TERM, 1);
  el_set(editor->line, EL_REFRESH);
}

/// Puts a byte before those that were typed.
static void put_first(luthier_editor *editor, unsigned char byte) {
  if (editor->first_count < sizeof editor->first) editor->first[editor->first_count++] = byte;
}

/// Lets the keys that stand for Ctrl-C come next.
static void interrupt_line(luthier_editor *editor) {
  editor->interrupting = true;
  editor->first_count = 0;
  put_first(editor, key_interrupt);
  put_first(editor, key_to_end);
}

/// Reads what the terminal has, without waiting; false at the end, or where there was nothing.
static bool take_typed(luthier_editor *editor) {
  typed_bytes *typed = &editor->typed;
  if (typed->start == typed->end) typed->start = typed->end = 0;
  if (typed->capacity - typed->end < 4096) {
    unsigned char *bytes = realloc(typed->bytes, typed->end + 8192);
    if (bytes == NULL) return false;
    typed->bytes = bytes;
    typed->capacity = typed->end + 8192;
  }
  ssize_t count = read(STDIN_FILENO, typed->bytes + typed->end, typed->capacity - typed->end);
  if (count > 0) typed->end += (size_t)count;
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

void luthier_take_signals(luthier_editor *editor, int *interrupts, int *stops) {
  typed_bytes *typed = &editor->typed;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  while (poll(&input, 1, 0) > 0 && take_typed(editor)) {
  }
  *interrupts = *stops = 0;
  size_t end = typed->start;
  for (size_t place = typed->start; place < typed->end; place++) {
    unsigned char byte = typed->bytes[place];
    if (luthier_is_interrupt(byte)) ++*interrupts;
    else if (luthier_is_stop(byte)) ++*stops;
    else typed->bytes[end++] = byte;
  }
  typed->end = end;
}

/// The next byte: 1, or 0 at the end. Signals are let through only inside `ppoll`, so
/// that none slips in between looking and waiting.
static int next_byte(luthier_editor *editor, unsigned char *byte) {
  sigset_t set = luthier_shell_signals(), old;
  int result = 0;
  typed_bytes *typed = &editor->typed;
  pthread_sigmask(SIG_BLOCK, &set, &old);
  for (;;) {
    if (luthier_signal_interrupts > 0) {
      luthier_signal_interrupts = 0;
      interrupt_line(editor);
    }
    if (luthier_signal_hangup) break;
    if (luthier_signal_resized) {
      luthier_signal_resized = 0;
      el_resize(editor->line);
      redraw(editor);
    }
    if (luthier_signal_stop) luthier_reading_stop(editor, false);
    if (editor->first_count > 0) {
      *byte = editor->first[--editor->first_count];
      result = 1;
      break;
    }
    if (typed->start < typed->end) {
      *byte = typed->bytes[typed->start++];
      if (luthier_is_interrupt(*byte)) {
        interrupt_line(editor);
        continue;
      }
      result = 1;
      break;
    }
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (ppoll(&input, 1, NULL, &old) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (!take_typed(editor)) break;
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
      put_first(editor, byte);  // begins the next character
      *out = 0xfffd;
      return 1;
    }
    scalar = scalar << 6 | (byte & 0x3f);
  }
  *out = scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000) ? 0xfffd : (wchar_t)scalar;
  return 1;
}
