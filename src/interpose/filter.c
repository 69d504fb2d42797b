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
	return filter_set(code, ARRAY_LEN(code));
}

int filter_set(struct sock_filter *code, unsigned n)
{
	struct sock_fprog prog = {(unsigned short)n, code};
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

/* The numbers from `first` to the next range's are all stopped, or all let pass. */
struct range {
	uint32_t first;
	bool stop;
};

static unsigned ranges_of(const struct call_mask *mask, struct range *r)
{
	unsigned n = 0;
	for (uint32_t nr = 0; nr <= SYS_MAX; nr++) {
		bool stop = mask_has(mask, nr);
		if (!n || r[n - 1].stop != stop)
			r[n++] = (struct range){nr, stop};
	}
	return n;
}

/* A search by halves: short jumps lead over the lower half only where that is short, so the way to the upper
 * half is a long one. */
static unsigned search(const struct range *r, unsigned n, struct sock_filter *code)
{
	if (n == 1) {
		code[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						       r->stop ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW);
		return 1;
	}
	unsigned half = n / 2, low = search(r, half, code + 2);
	code[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, r[half].first, 0, 1);
	code[1] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, low);
	return 2 + low + search(r + half, n - half, code + 2 + low);
}

unsigned filter_of_mask(const struct call_mask *mask, struct sock_filter *code)
{
	const struct sock_filter head[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		LOAD(nr),
	};
	struct range r[SYS_MAX + 1];
	memcpy(code, head, sizeof(head));
	return ARRAY_LEN(head) + search(r, ranges_of(mask, r), code + ARRAY_LEN(head));
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
