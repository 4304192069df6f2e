#pragma once

// What Swift needs of libedit's histedit.h, without its variadic functions, and the signals that belong to a shell.
// All functions are called from the one thread that called `luthier_signals_install`.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A line editor on standard input and output.
typedef struct luthier_editor luthier_editor;

/// How reading a line ended.
typedef enum {
  luthier_read_line = 0,
  luthier_read_end = 1,
  luthier_read_interrupted = 2,
} luthier_read_result;

/// What the editor asks its owner while a line is read. `context` is handed back as given.
typedef struct {
  void *context;
  /// Tab was pressed: look at `luthier_editor_text`, then insert or show.
  void (*complete)(void *context, luthier_editor *editor);
  /// A bracketed paste came in, UTF-8 with line feeds: insert what of it should stand in the line.
  void (*paste)(void *context, luthier_editor *editor, const char *text, size_t count);
} luthier_editor_callbacks;

/// libedit's version, as its header says it.
const char *luthier_editor_version(void);
/// Opens the editor, or gives null where the terminal can't do it.
luthier_editor *luthier_editor_open(luthier_editor_callbacks callbacks);
void luthier_editor_close(luthier_editor *editor);

/// Takes the terminal for the line to be read next; Ctrl-C is a key of that line from here on. `continues` where the line
/// belongs to one before, so that a Ctrl-C in between is for it too.
void luthier_editor_begin(luthier_editor *editor, bool continues);
/// To be called before what a line asks for runs: a Ctrl-C or Ctrl-Z right behind the line's Enter is for the work.
void luthier_editor_begin_work(luthier_editor *editor);
/// Reads one line, after `luthier_editor_begin`. `prompt` may hold terminal escapes between pairs of `\001`; `initial` stands in the line from the
/// start. On `luthier_read_line` the text is at `luthier_editor_result` (without its last line feed).
luthier_read_result luthier_editor_read(luthier_editor *editor, const char *prompt, const char *initial);
/// The line that `luthier_editor_read` got, valid until the next read.
const char *luthier_editor_result(luthier_editor *editor, size_t *count);

/// The text being edited, UTF-8, and the byte where the cursor stands.
const char *luthier_editor_text(luthier_editor *editor, size_t *count, size_t *cursor);
/// Puts UTF-8 text in at the cursor.
void luthier_editor_insert(luthier_editor *editor, const char *text);
/// Takes away the given number of characters (scalars) before the cursor.
void luthier_editor_delete(luthier_editor *editor, int count);
/// Prints text below the line and draws the line again beneath it.
void luthier_editor_show(luthier_editor *editor, const char *text);
void luthier_editor_beep(luthier_editor *editor);

/// Adds an entry to the history that the arrows and Ctrl-R go through. Line feeds may stand in it.
void luthier_editor_add_history(luthier_editor *editor, const char *entry);

/// Sets LC_CTYPE to a UTF-8 locale; tells whether the environment's own was one (or named none).
bool luthier_locale_set(void);

/// Handles SIGINT, SIGHUP, SIGTERM and SIGWINCH for the calling thread, and ignores SIGPIPE and SIGXFSZ.
void luthier_signals_install(void);
/// How often Ctrl-C was pressed since the last line was begun.
int luthier_interrupts(void);
/// What Ctrl-C (or a lost terminal) also calls, from the signal handler: it may only store to atomics.
void luthier_interrupt_handle(void (*handler)(void *), void *context);
/// Ends the process at the third such Ctrl-C: for scripts, where nobody would press it for fun.
void luthier_interrupts_end_process(bool ends);
/// Whether `^C` was written, behind whatever stood there, since the last call.
bool luthier_interrupt_shown(void);
/// Gives the terminal back as it was found, for a program or a person's own input; and takes it again.
void luthier_terminal_give_back(void);
void luthier_terminal_take(void);
/// Runs a shell command with one argument on the terminal, in the foreground, and waits for it: its exit code, or 128
/// plus the signal that ended it, or -1 where it can't be started.
int luthier_run_on_terminal(const char *command, const char *argument);
/// Whether the terminal went away or the process was asked to end.
bool luthier_hung_up(void);
/// Columns and rows of the terminal behind a descriptor, or false.
bool luthier_terminal_size(int descriptor, int *columns, int *rows);
