/* Allocation that cannot fail, and a dynamic array made of three fields. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>

/* Like malloc/calloc/realloc/strdup, but out of memory ends the process with a
 * message: the recorder cannot go on, and its tracees die with it (EXITKILL). */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* struct { T *at; size_t n, cap; } v; VEC_PUSH(&v) gives a zeroed new element. */
#define VEC(T)                                                                                               \
	struct {                                                                                             \
		T *at;                                                                                       \
		size_t n, cap;                                                                               \
	}
#define VEC_PUSH(v) (vec_grow((void **)&(v)->at, &(v)->n, &(v)->cap, sizeof(*(v)->at)), &(v)->at[(v)->n - 1])
#define VEC_FREE(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->cap = 0)

void vec_grow(void **at, size_t *n, size_t *cap, size_t size);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
