/* For programs that install seccomp filters: statements by what they do. */
#ifndef FILTER_H
#define FILTER_H
#include "check.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#define LOAD(field) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(answer) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, answer)
/* Skip the next `n` statements unless the loaded word is `k`. */
#define UNLESS(k, n) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, n)
#define ON(nr, answer) UNLESS(nr, 1), ANSWER(answer)

/* The result of seccomp(SECCOMP_SET_MODE_FILTER). */
#define INSTALL(flags, ...)                                                                                     \
	({                                                                                                      \
		struct sock_filter f_[] = {__VA_ARGS__};                                                        \
		struct sock_fprog p_ = {sizeof(f_) / sizeof(*f_), f_};                                          \
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p_);                                      \
	})

static inline void no_new_privs(void)
{
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}
#endif
