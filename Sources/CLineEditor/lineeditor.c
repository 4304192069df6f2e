#define _GNU_SOURCE
#include "internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *prompt_of(EditLine *line) { return luthier_editor_of(line)->prompt; }

// MARK: keys

static unsigned char on_interrupt(EditLine *line, int key) {
  (void)key;
  luthier_editor *editor = luthier_editor_of(line);
  if (!editor->interrupting) return CC_NORM;
  editor->interrupted = true;
  return CC_EOF;
}

static unsigned char on_complete(EditLine *line, int key) {
  (void)key;
  luthier_editor *editor = luthier_editor_of(line);
  editor->callbacks.complete(editor->callbacks.context, editor);
  return CC_REFRESH;
}

static unsigned char on_stop(EditLine *line, int key) {
  (void)key;
  luthier_reading_stop(luthier_editor_of(line), true);
  return CC_NORM;
}

/// Puts in the text that the line should begin with.
static unsigned char on_initial(EditLine *line, int key) {
  (void)key;
  luthier_editor *editor = luthier_editor_of(line);
  if (editor->initial != NULL) {
    el_insertstr(line, editor->initial);
    free(editor->initial);
    editor->initial = NULL;
  }
  return CC_REFRESH;
}

/// Up and down go through the lines of a cell first, then through the history.
static unsigned char on_up(EditLine *line, int key) {
  (void)key;
  const LineInfoW *info = el_wline(line);
  for (const wchar_t *place = info->buffer; place < info->cursor; place++)
    if (*place == L'\n') {
      el_push(line, "\033[9973~");
      return CC_NORM;
    }
  el_push(line, "\033[9971~");
  return CC_NORM;
}

static unsigned char on_down(EditLine *line, int key) {
  (void)key;
  const LineInfoW *info = el_wline(line);
  for (const wchar_t *place = info->cursor; place < info->lastchar; place++)
    if (*place == L'\n') {
      el_push(line, "\033[9974~");
      return CC_NORM;
    }
  el_push(line, "\033[9972~");
  return CC_NORM;
}

typedef struct {
  char *bytes;
  size_t count, capacity;
} buffer;

static void buffer_add(buffer *text, wchar_t scalar) {
  if (text->count + 5 > text->capacity) {
    size_t capacity = text->capacity == 0 ? 4096 : text->capacity * 2;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) return;
    text->bytes = bytes;
    text->capacity = capacity;
  }
  uint32_t value = (uint32_t)scalar;
  if (value < 0x80) {
    text->bytes[text->count++] = (char)value;
  } else if (value < 0x800) {
    text->bytes[text->count++] = (char)(0xc0 | value >> 6);
    text->bytes[text->count++] = (char)(0x80 | (value & 0x3f));
  } else if (value < 0x10000) {
    text->bytes[text->count++] = (char)(0xe0 | value >> 12);
    text->bytes[text->count++] = (char)(0x80 | (value >> 6 & 0x3f));
    text->bytes[text->count++] = (char)(0x80 | (value & 0x3f));
  } else {
    text->bytes[text->count++] = (char)(0xf0 | value >> 18);
    text->bytes[text->count++] = (char)(0x80 | (value >> 12 & 0x3f));
    text->bytes[text->count++] = (char)(0x80 | (value >> 6 & 0x3f));
    text->bytes[text->count++] = (char)(0x80 | (value & 0x3f));
  }
}

static unsigned char on_paste(EditLine *line, int key) {
  (void)key;
  static const char end[] = "\033[201~";
  const size_t end_count = sizeof end - 1;
  luthier_editor *editor = luthier_editor_of(line);
  buffer text = {0};
  wchar_t character;
  bool previous_return = false;
  while (el_wgetc(line, &character) == 1) {
    if (editor->interrupting && character == key_interrupt) break;
    // Terminals send line ends as carriage returns.
    if (character == L'\r') character = L'\n';
    else if (character == L'\n' && previous_return) { previous_return = false; continue; }
    previous_return = character == L'\n';
    if (character == 0) continue;
    buffer_add(&text, character);
    if (text.count >= end_count && memcmp(text.bytes + text.count - end_count, end, end_count) == 0) {
      text.count -= end_count;
      break;
    }
  }
  if (editor->interrupting) editor->interrupted = true;
  else if (text.bytes != NULL)
    editor->callbacks.paste(editor->callbacks.context, editor, text.bytes, text.count);
  free(text.bytes);
  return editor->interrupted ? CC_EOF : CC_REFRESH;
}

// MARK: the editor

#define TEXT(x) #x
#define VERSION(major, minor) TEXT(major) "." TEXT(minor)

const char *luthier_editor_version(void) { return VERSION(LIBEDIT_MAJOR, LIBEDIT_MINOR); }

static void bind(EditLine *line, const char *key, const char *function) {
  el_set(line, EL_BIND, key, function, NULL);
}

luthier_editor *luthier_editor_open(luthier_editor_callbacks callbacks) {
  luthier_editor *editor = calloc(1, sizeof *editor);
  if (editor == NULL) return NULL;
  editor->callbacks = callbacks;
  struct termios before;
  if (tcgetattr(STDIN_FILENO, &before) != 0) {
    free(editor);
    return NULL;
  }
  editor->line = el_init("luthier", stdin, stdout, stderr);
  editor->history = history_init();
  if (editor->line == NULL || editor->history == NULL || !luthier_modes_open(editor->line, &before)) {
    luthier_editor_close(editor);
    return NULL;
  }
  HistEvent event;
  history(editor->history, &event, H_SETSIZE, 100000);
  EditLine *line = editor->line;
  el_set(line, EL_CLIENTDATA, editor);
  el_set(line, EL_SIGNAL, 0);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_HIST, history, editor->history);
  el_set(line, EL_PROMPT_ESC, prompt_of, '\001');
  el_set(line, EL_GETCFN, luthier_read_character);
  el_set(line, EL_ADDFN, "luthier-complete", "complete the word", on_complete);
  el_set(line, EL_ADDFN, "luthier-initial", "text to begin with", on_initial);
  el_set(line, EL_ADDFN, "luthier-paste", "bracketed paste", on_paste);
  el_set(line, EL_ADDFN, "luthier-up", "line or history above", on_up);
  el_set(line, EL_ADDFN, "luthier-down", "line or history below", on_down);
  el_set(line, EL_ADDFN, "luthier-interrupt", "drop the line", on_interrupt);
  el_set(line, EL_ADDFN, "luthier-stop", "stop the program", on_stop);
  bind(line, "^E", "ed-move-to-end");
  bind(line, "^^", "luthier-interrupt");
  bind(line, "^Z", "luthier-stop");
  bind(line, "\t", "luthier-complete");
  bind(line, "\033[200~", "luthier-paste");
  bind(line, "\033[9970~", "luthier-initial");
  bind(line, "\033[9971~", "ed-prev-history");
  bind(line, "\033[9972~", "ed-next-history");
  bind(line, "\033[9973~", "ed-prev-line");
  bind(line, "\033[9974~", "ed-next-line");
  bind(line, "\033[A", "luthier-up");
  bind(line, "\033[B", "luthier-down");
  bind(line, "\033OA", "luthier-up");
  bind(line, "\033OB", "luthier-down");
  bind(line, "\033[H", "ed-move-to-beg");
  bind(line, "\033[F", "ed-move-to-end");
  bind(line, "\033[1~", "ed-move-to-beg");
  bind(line, "\033[4~", "ed-move-to-end");
  bind(line, "\033[3~", "ed-delete-next-char");
  bind(line, "\033[1;5C", "em-next-word");
  bind(line, "\033[1;5D", "ed-prev-word");
  bind(line, "^R", "em-inc-search-prev");
  bind(line, "^S", "em-inc-search-next");
  bind(line, "^W", "ed-delete-prev-word");
  return editor;
}

void luthier_editor_close(luthier_editor *editor) {
  if (editor->line != NULL) el_end(editor->line);
  luthier_modes_close();
  if (editor->history != NULL) history_end(editor->history);
  free(editor->prompt);
  free(editor->initial);
  free(editor->result);
  free(editor->typed.bytes);
  free(editor);
}

void luthier_editor_begin(luthier_editor *editor, bool continues) {
  // libedit takes the terminal only when it waits for the first key, with the prompt already shown: what is typed in
  // between would be a signal. So its mode comes first.
  if (!luthier_modes_taken()) luthier_modes_continue();  // back from the background
  el_set(editor->line, EL_PREP_TERM, 1);
  luthier_reading = 1;
  if (!continues) luthier_signal_interrupts = 0;
  if (luthier_interrupt_shown()) luthier_write("\n");
}

void luthier_editor_begin_work(luthier_editor *editor) {
  int interrupts, stops;
  luthier_take_signals(editor, &interrupts, &stops);
  if (stops > 0 || luthier_signal_stop) {
    luthier_signal_stop = 0;
    luthier_modes_stop(true);
  }
  if (interrupts + luthier_signal_interrupts > 0) luthier_interrupt();
}

luthier_read_result luthier_editor_read(luthier_editor *editor, const char *prompt, const char *initial) {
  free(editor->prompt);
  free(editor->initial);
  free(editor->result);
  editor->prompt = strdup(prompt);
  editor->initial = initial != NULL && *initial != 0 ? strdup(initial) : NULL;
  editor->result = NULL;
  editor->result_count = 0;
  editor->interrupted = editor->interrupting = false;
  luthier_signal_stop = 0;
  if (editor->initial != NULL) el_push(editor->line, "\033[9970~");
  luthier_write(PASTE_ON);  // a program in between may have changed it
  int count = 0;
  const char *line = el_gets(editor->line, &count);
  luthier_reading = 0;
  if (editor->interrupted) {
    el_reset(editor->line);
    luthier_write("^C\n");
    return luthier_read_interrupted;
  }
  if (line == NULL || count <= 0) {
    if (!luthier_signal_hangup) luthier_write("\n");
    return luthier_read_end;
  }
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == '\n') length--;
  editor->result = strndup(line, length);
  editor->result_count = length;
  return editor->result == NULL ? luthier_read_end : luthier_read_line;
}

const char *luthier_editor_result(luthier_editor *editor, size_t *count) {
  *count = editor->result_count;
  return editor->result;
}

const char *luthier_editor_text(luthier_editor *editor, size_t *count, size_t *cursor) {
  const LineInfo *info = el_line(editor->line);
  *count = (size_t)(info->lastchar - info->buffer);
  *cursor = (size_t)(info->cursor - info->buffer);
  return info->buffer;
}

void luthier_editor_insert(luthier_editor *editor, const char *text) {
  if (*text != 0) el_insertstr(editor->line, text);
}

void luthier_editor_delete(luthier_editor *editor, int count) {
  if (count > 0) el_deletestr(editor->line, count);
}

void luthier_editor_show(luthier_editor *editor, const char *text) {
  const LineInfoW *info = el_wline(editor->line);
  int rows = luthier_row_of(editor, info->lastchar) - luthier_row_of(editor, info->cursor);
  if (rows > 0) fprintf(stdout, "\033[%dB", rows);
  fputs("\r\n", stdout);
  for (const char *part = text; *part != 0;) {  // output processing is off while a line is read
    size_t count = strcspn(part, "\n");
    fwrite(part, 1, count, stdout);
    fputs("\r\n", stdout);
    part += count + (part[count] == '\n');
  }
  fflush(stdout);
  el_set(editor->line, EL_REFRESH);
}

void luthier_editor_beep(luthier_editor *editor) { el_beep(editor->line); }

void luthier_editor_add_history(luthier_editor *editor, const char *entry) {
  HistEvent event;
  history(editor->history, &event, H_ENTER, entry);
}
