#include "interpose/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "layout.h"

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IP_HI (offsetof(struct seccomp_data, instruction_pointer) + 4)

int filter_install(void)
{
	/* The instruction pointer is that after the `syscall` instruction, or a FILTER_VERDICT. */
	struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP_HI),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
		LOAD(instruction_pointer),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, RUNTIME_BASE, 0, 5),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, RUNTIME_BASE + RUNTIME_TRACED, 4, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_VERDICT, 0, 2),
		LOAD(instruction_pointer),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_fprog prog = {ARRAY_LEN(code), code};
	/* Without SPEC_ALLOW, kernels before 5.16 turn on costly speculation
	 * mitigations for every filtered task. */
	if (!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog))
		return 0;
	if (errno != EACCES)
		return -errno;
	/* Only with CAP_SYS_ADMIN goes it without this (seccomp(2)). */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog))
		return -errno;
	return 0;
}

unsigned filter_stand_in(struct sock_filter *code, unsigned n, uint32_t listener)
{
	const struct sock_filter pass[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_filter notify[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP_HI),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_NOTIFY + listener, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_filter *prefix = listener ? notify : pass;
	unsigned len = listener ? ARRAY_LEN(notify) : ARRAY_LEN(pass);
	if (n + len <= BPF_MAXINSNS) {
		memmove(code + len, code, n * sizeof(*code));
		n += len;
	}
	memcpy(code, prefix, len * sizeof(*code));
	return n;
}
