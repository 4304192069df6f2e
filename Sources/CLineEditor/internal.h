#pragma once
#include "CLineEditor.h"

#include <histedit.h>
#include <signal.h>

extern volatile sig_atomic_t luthier_signal_interrupts;
extern volatile sig_atomic_t luthier_signal_resized;
extern volatile sig_atomic_t luthier_signal_hangup;
extern volatile sig_atomic_t luthier_signal_stop;

/// Has a signal noted in the flags above.
void luthier_signal_handle(int signal);

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
  unsigned char pending[4096];  // bytes read and not yet handed on
  size_t pending_start, pending_end;
};

/// Keys that stand for Ctrl-C inside the editor: to the end of the text, then out. A search or a paste ends at them.
enum { key_to_end = 5, key_interrupt = 0x1e };

/// Asks the terminal to mark pastes, or not to.
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

luthier_editor *luthier_editor_of(EditLine *line);
/// Writes text to standard output as it is, without libedit's buffer.
void luthier_write(const char *text);
/// Reads one character of UTF-8 for libedit; a byte that is none becomes U+FFFD.
int luthier_read_character(EditLine *line, wchar_t *out);
/// The row, from the prompt's, in which a character of the line stands; rows fill as libedit fills them.
int luthier_row_of(luthier_editor *editor, const wchar_t *end);
