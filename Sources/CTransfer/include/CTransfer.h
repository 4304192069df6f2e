#pragma once

// HTTP by libcurl, which is opened when the first transfer begins: a shell that downloads nothing neither needs it nor
// spends the time that loading it and what it depends on takes.

#include <stdbool.h>
#include <stddef.h>

/// What a transfer asks its owner; `context` is handed back as given.
typedef struct {
  void *_Nullable context;
  /// Bytes of the body; false stops the transfer.
  bool (*_Nonnull receive)(void *_Nullable context, const char *_Nonnull bytes, size_t count);
  /// One line of the header, of every response where redirections are followed.
  void (*_Nonnull header)(void *_Nullable context, const char *_Nonnull line, size_t count);
  /// Called some times a second; false stops the transfer.
  bool (*_Nonnull goes_on)(void *_Nullable context);
} transfer_callbacks;

/// How a transfer ended.
typedef enum {
  transfer_fine = 0,
  /// There is no libcurl here.
  transfer_no_library = 1,
  /// A callback stopped it.
  transfer_stopped = 2,
  /// No answer: name not found, refused, cut off, bad certificate.
  transfer_failed = 3,
} transfer_result;

/// What libcurl says of itself, `libcurl/8.5.0 OpenSSL/...`, or null where there is none here.
const char *_Nullable transfer_library(void);

/// Fetches a URL (http or https, at most 10 redirections).
///
/// - headers: `Name: value` lines to send, ended by a null. Curl keeps `Authorization` to the host first asked.
/// - status: the HTTP status of the last response, 0 without one.
/// - message: what went wrong, in English, for `transfer_failed`.
transfer_result transfer_get(const char *_Nonnull url, const char *_Nullable const *_Nonnull headers,
                             transfer_callbacks callbacks, long *_Nonnull status, char *_Nonnull message,
                             size_t message_size);
