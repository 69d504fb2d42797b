/* Calls with arguments that the kernel refuses, or takes: what they return. */
#ifndef ARGS_H
#define ARGS_H
#include "check.h"

#define BAD_PTR ((void *)8)
#define BAD_FD 999L

/* Make system call SYS_`name` with these arguments, and print what it returns. */
#define TRY(name, ...)                                                                                  \
	({                                                                                              \
		errno = 0;                                                                              \
		long r_ = syscall(SYS_##name, ##__VA_ARGS__);                                           \
		printf("%s(%s): %ld %s\n", #name, #__VA_ARGS__, r_, r_ == -1 ? strerrorname_np(errno) : ""); \
		r_;                                                                                     \
	})

static const struct timespec bad_times[] = {{0, -1}, {0, 1000000000}, {-1, 0}, {-1, 999999999}, {1, INT64_MAX}};
#define BAD_TIMES (sizeof(bad_times) / sizeof(*bad_times))
#endif
