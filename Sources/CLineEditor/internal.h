#pragma once
#include "CLineEditor.h"

#include <histedit.h>
#include <signal.h>
#include <termios.h>

extern volatile sig_atomic_t luthier_signal_interrupts;
extern volatile sig_atomic_t luthier_signal_resized;
extern volatile sig_atomic_t luthier_signal_hangup;
extern volatile sig_atomic_t luthier_signal_stop;

/// Whether a line is being read, so that Ctrl-C is for the line.
extern volatile sig_atomic_t luthier_reading;

/// Has a signal noted in the flags above.
void luthier_signal_handle(int signal);
/// The signals that are for the shell's thread alone.
sigset_t luthier_shell_signals(void);
/// Asks what runs to stop.
void luthier_interrupt(void);

// MARK: modes

/// Sets up the terminal's modes (see modes.c) and goes over to work. `before` is how the terminal was found.
bool luthier_modes_open(EditLine *line, const struct termios *before);
/// Leaves the terminal as it was found.
void luthier_modes_close(void);
/// Whether the terminal is in one of our modes.
bool luthier_modes_taken(void);
/// Takes the terminal again after a stop, unless another program has it. It may be called by a signal handler.
void luthier_modes_continue(void);
/// Gives the terminal back, stops, and takes it again when continued. It may be called by a signal handler.
void luthier_modes_stop(bool whole_group);
/// Whether a byte typed at the prompt is Ctrl-C, or Ctrl-Z, or what the user has in its place.
bool luthier_is_interrupt(unsigned char byte);
bool luthier_is_stop(unsigned char byte);

/// Bytes read from the terminal and not yet handed on.
typedef struct {
  unsigned char *bytes;
  size_t start, end, capacity;
} typed_bytes;

struct luthier_editor {
  EditLine *line;
  History *history;
  luthier_editor_callbacks callbacks;
  char *prompt;
  char *initial;
  char *result;
  size_t result_count;
  bool interrupting;  // Ctrl-C was pressed and its keys are on their way
  bool interrupted;   // the line was dropped
  unsigned char first[4];  // come before what was typed, the last one first
  size_t first_count;
  typed_bytes typed;
};

/// Keys that stand for Ctrl-C inside the editor: to the end of the text, then out. A search or a paste ends at them.
enum { key_to_end = 5, key_interrupt = 0x1e };

/// Asks the terminal to mark pastes, or not to.
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

luthier_editor *luthier_editor_of(EditLine *line);
/// Writes text to standard output as it is, without libedit's buffer.
void luthier_write(const char *text);
/// Takes Ctrl-C and Ctrl-Z out of what was typed up to now, and counts them.
void luthier_take_signals(luthier_editor *editor, int *interrupts, int *stops);
/// Stops the program while a line is read, and draws the line again when it continues.
void luthier_reading_stop(luthier_editor *editor, bool whole_group);
/// Reads one character of UTF-8 for libedit; a byte that is none becomes U+FFFD.
int luthier_read_character(EditLine *line, wchar_t *out);
/// The row, from the prompt's, in which a character of the line stands; rows fill as libedit fills them.
int luthier_row_of(luthier_editor *editor, const wchar_t *end);
