#include "arena.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* One stretch of addresses, reserved once. Free extents are kept by address and joined with their neighbours; a buffer
   takes the lowest that is large enough, so that memory which was touched before is used again by buffers of any size,
   without the system clearing pages anew. What lies above `top` was never touched, or was given back. */

typedef struct extent {
  struct extent *next;
  size_t start, size;
} extent;

enum { grain = 1 << 16 };
static char *base;
static size_t reserved, top, in_use;
static extent *first, *spare_nodes;
static int failed;

static extent *node(void) {
  extent *e = spare_nodes;
  if (e) {
    spare_nodes = e->next;
    return e;
  }
  return malloc(sizeof(extent));
}

static void put_away(extent *e) {
  e->next = spare_nodes;
  spare_nodes = e;
}

static int reserve(void) {
  if (base) return 1;
  if (failed) return 0;
  size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  reserved = 4 * memory;
  void *p = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  extent *all = p == MAP_FAILED ? NULL : node();
  if (!all) {
    if (p != MAP_FAILED) munmap(p, reserved);
    failed = 1;
    return 0;
  }
  madvise(p, reserved, MADV_HUGEPAGE);
  base = p;
  *all = (extent){NULL, 0, reserved};
  first = all;
  return 1;
}

static size_t rounded(size_t bytes) { return (bytes + grain - 1) / grain * grain; }

void *arena_take(size_t bytes, size_t *capacity) {
  if (!reserve()) return NULL;
  size_t size = rounded(bytes);
  for (extent **link = &first; *link; link = &(*link)->next) {
    extent *e = *link;
    if (e->size < size) continue;
    void *p = base + e->start;
    e->start += size;
    e->size -= size;
    if (e->start > top) top = e->start;
    if (!e->size) {
      *link = e->next;
      put_away(e);
    }
    in_use += size;
    *capacity = size;
    return p;
  }
  return NULL;
}

int arena_holds(const void *buffer) {
  return base && (const char *)buffer >= base && (const char *)buffer < base + reserved;
}

void arena_give(void *buffer, size_t size) {
  size_t start = (size_t)((char *)buffer - base);
  in_use -= size;
  extent *before = NULL, *after = first;
  while (after && after->start < start) {
    before = after;
    after = after->next;
  }
  if (before && before->start + before->size == start) {
    before->size += size;
    if (after && before->start + before->size == after->start) {
      before->size += after->size;
      before->next = after->next;
      put_away(after);
    }
    return;
  }
  if (after && start + size == after->start) {
    after->start = start;
    after->size += size;
    return;
  }
  extent *e = node();
  if (!e) return;   /* its addresses are lost, nothing else */
  *e = (extent){after, start, size};
  if (before) before->next = e; else first = e;
}

size_t arena_waiting(void) { return top - in_use; }

void arena_trim(void) {
  size_t used_up_to = top;
  for (extent *e = first; e && e->start < top; e = e->next) {
    size_t end = e->start + e->size < top ? e->start + e->size : top;
    if (end > e->start) madvise(base + e->start, end - e->start, MADV_DONTNEED);
    if (end == top) used_up_to = e->start;
  }
  top = used_up_to;
}
