/* The state of the call that a task is in: its arguments, and the memory that it leads to. */
#include "record/callstate.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

size_t call_read(void *ctx, uint64_t addr, void *out, size_t len)
{
	struct rtask *t = ctx;
	if (t->redirected) {
		for (size_t i = 0; i < t->regions.n; i++) {
			const struct region *r = &t->regions.at[i];
			if (r->scratch && addr >= r->addr && addr < r->addr + r->len)
				return mem_read(t->tid, r->scratch + (addr - r->addr), out, len);
		}
	}
	return mem_read(t->tid, addr, out, len);
}

void call_write(struct rtask *t, uint64_t addr, const void *data, size_t len)
{
	for (size_t i = 0; t->redirected && i < t->regions.n; i++) {
		const struct region *r = &t->regions.at[i];
		if (r->scratch && addr >= r->addr && addr < r->addr + r->len) {
			addr += r->scratch - r->addr;
			break;
		}
	}
	mem_write(t->tid, addr, data, len);
}

void call_set_args(regs_t *r, const uint64_t a[6])
{
	r->rdi = a[0];
	r->rsi = a[1];
	r->rdx = a[2];
	r->r10 = a[3];
	r->r8 = a[4];
	r->r9 = a[5];
}

void call_get_args(const regs_t *r, uint64_t a[6])
{
	uint64_t v[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
	memcpy(a, v, sizeof(v));
}

/* The call whose memory matters: restart_syscall goes on with an earlier one. */
int64_t call_effective(const struct rtask *t, const uint64_t **args)
{
	if (t->nr == SYS_restart_syscall && t->restart_nr >= 0) {
		*args = t->restart_args;
		return t->restart_nr;
	}
	*args = t->args;
	return t->nr;
}

/* Code that the call writes can be written then (fetch.c). True: `t` has made calls because of that. */
bool call_hold_written(struct recorder *s, struct rtask *t)
{
	bool any = t->writes == WR_MAPPED && fetch_file_written(s, t, t->target.dev, t->target.ino);
	for (size_t i = 0; t->mm->fetch.n && i < t->regions.n; i++) {
		if (t->regions.at[i].dir & DIR_OUT)
			any |= fetch_written(s, t, t->regions.at[i].addr, t->regions.at[i].len);
	}
	return any;
}

struct action call_restart(struct rtask *t)
{
	regs_t regs = t->regs;
	regs.rip -= 2;
	regs.rax = regs.orig_rax;
	regs.orig_rax = (uint64_t)-1;
	t->in_call = false;
	return act_unless(pt_setregs(t->tid, &regs), act_user());
}

struct action call_again(struct rtask *t)
{
	t->let_through = true;
	return call_restart(t);
}
