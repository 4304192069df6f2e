#include "CTransfer.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

// libcurl's interface as its header has it: numbers of options and codes never change (curl.se/libcurl/c/ABI.html).
enum {
  option_write_data = 10001,
  option_url = 10002,
  option_error_buffer = 10010,
  option_header_list = 10023,
  option_header_data = 10029,
  option_progress_data = 10057,
  option_protocols_text = 10318,
  option_redirect_protocols_text = 10319,
  option_low_speed_limit = 19,
  option_low_speed_time = 20,
  option_no_progress = 43,
  option_follow = 52,
  option_most_redirects = 68,
  option_connect_timeout = 78,
  option_no_signal = 99,
  option_protocols = 181,
  option_redirect_protocols = 182,
  option_write_function = 20011,
  option_header_function = 20079,
  option_progress_function = 20219,
  info_response_code = 0x200000 + 2,
  code_unknown_option = 48,
  global_all = 3,
  only_http = 1 << 0 | 1 << 1,
};

typedef struct {
  void *(*easy_init)(void);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  int (*easy_getinfo)(void *, int, ...);
  void (*easy_cleanup)(void *);
  const char *(*easy_strerror)(int);
  void *(*list_append)(void *, const char *);
  void (*list_free)(void *);
  int (*global_init)(long);
  const char *(*version)(void);
} library;

static library curl;
static bool is_open = false;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib"};
  void *handle = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && handle == NULL; i++) handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) return;
  struct {
    const char *name;
    void *place;
  } functions[] = {
      {"curl_easy_init", &curl.easy_init},         {"curl_easy_setopt", &curl.easy_setopt},
      {"curl_easy_perform", &curl.easy_perform},   {"curl_easy_getinfo", &curl.easy_getinfo},
      {"curl_easy_cleanup", &curl.easy_cleanup},   {"curl_easy_strerror", &curl.easy_strerror},
      {"curl_slist_append", &curl.list_append},    {"curl_slist_free_all", &curl.list_free},
      {"curl_global_init", &curl.global_init},     {"curl_version", &curl.version},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *found = dlsym(handle, functions[i].name);
    if (found == NULL) return;
    memcpy(functions[i].place, &found, sizeof found);
  }
  is_open = curl.global_init(global_all) == 0;
}

const char *transfer_library(void) {
  pthread_once(&once, open_library);
  return is_open ? curl.version() : NULL;
}

typedef struct {
  transfer_callbacks callbacks;
  bool stopped;
} transfer;

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  transfer *self = data;
  if (self->callbacks.receive(self->callbacks.context, bytes, size * count)) return size * count;
  self->stopped = true;
  return 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  transfer *self = data;
  self->callbacks.header(self->callbacks.context, bytes, size * count);
  return size * count;
}

static int on_progress(void *data, long long a, long long b, long long c, long long d) {
  (void)a, (void)b, (void)c, (void)d;
  transfer *self = data;
  if (self->callbacks.goes_on(self->callbacks.context)) return 0;
  self->stopped = true;
  return 1;
}

transfer_result transfer_get(const char *url, const char *const *headers, transfer_callbacks callbacks, long *status,
                             char *message, size_t message_size) {
  *status = 0;
  if (message_size > 0) message[0] = 0;
  pthread_once(&once, open_library);
  if (!is_open) return transfer_no_library;
  void *handle = curl.easy_init();
  if (handle == NULL) return transfer_no_library;
  transfer self = {callbacks, false};
  char error[256] = "";
  void *list = NULL;
  for (; *headers != NULL; headers++) {
    void *longer = curl.list_append(list, *headers);
    if (longer != NULL) list = longer;
  }
  curl.easy_setopt(handle, option_url, url);
  // Only these two protocols, at once and after redirections; older versions know the numbers only.
  if (curl.easy_setopt(handle, option_protocols_text, "http,https") == code_unknown_option)
    curl.easy_setopt(handle, option_protocols, (long)only_http);
  if (curl.easy_setopt(handle, option_redirect_protocols_text, "http,https") == code_unknown_option)
    curl.easy_setopt(handle, option_redirect_protocols, (long)only_http);
  curl.easy_setopt(handle, option_follow, 1L);
  curl.easy_setopt(handle, option_most_redirects, 10L);
  curl.easy_setopt(handle, option_connect_timeout, 20L);
  curl.easy_setopt(handle, option_low_speed_limit, 1L);  // no byte for a minute: the connection is dead
  curl.easy_setopt(handle, option_low_speed_time, 60L);
  curl.easy_setopt(handle, option_no_signal, 1L);
  curl.easy_setopt(handle, option_header_list, list);
  curl.easy_setopt(handle, option_error_buffer, error);
  curl.easy_setopt(handle, option_write_function, on_body);
  curl.easy_setopt(handle, option_write_data, &self);
  curl.easy_setopt(handle, option_header_function, on_header);
  curl.easy_setopt(handle, option_header_data, &self);
  curl.easy_setopt(handle, option_progress_function, on_progress);
  curl.easy_setopt(handle, option_progress_data, &self);
  curl.easy_setopt(handle, option_no_progress, 0L);
  int code = curl.easy_perform(handle);
  curl.easy_getinfo(handle, info_response_code, status);
  curl.easy_cleanup(handle);
  if (list != NULL) curl.list_free(list);
  if (self.stopped) return transfer_stopped;
  if (code == 0) return transfer_fine;
  snprintf(message, message_size, "%s", error[0] != 0 ? error : curl.easy_strerror(code));
  return transfer_failed;
}
