/* The files a trace keeps, named by a hash of their content (xxh3, 128 bits). */
#ifndef TRACE_STORE_H
#define TRACE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Make the store's folder in trace `dir`. 0 or -1. */
int store_init(const char *dir);
/* Add `size` bytes of file `fd` from its start, or bytes in memory; `hash` gets the
 * name, 32 hexadecimal digits. What is there already is not written again. 0 or -1. */
int store_add_fd(const char *dir, int fd, uint64_t size, char hash[36]);
int store_add_bytes(const char *dir, const void *data, size_t len, char hash[36]);
/* The name that the content of `fd`, `size` bytes of it, has or would have. 0 or -errno. */
int store_hash(int fd, uint64_t size, char hash[36]);
bool store_has(const char *dir, const char *hash);
/* Let the trace have file `fd` itself, under a name that must be right. False: it cannot be linked. */
bool store_link(const char *dir, int fd, const char *hash);
/* Put a copy of file `fd`, which is `hash`, in the place of what has that name. 0 or -1. */
int store_copy(const char *dir, int fd, uint64_t size, const char *hash);
void store_drop(const char *dir, const char *hash);
/* Open file `hash` of the trace for reading; `check`: compare its content with its name, which
 * only who has just written it need not do. A descriptor that the caller closes, or -1. */
int store_open(const char *dir, const char *hash, bool check);

#endif
