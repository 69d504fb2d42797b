/* The report of a divergence: which event, which task, what differs, and where. */
#include "replay/session.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "layout.h"
#include "shared.h"

static const struct {
	const char *name;
	size_t off;
	unsigned ignore; /* DIFF_* that lets it differ */
} fields[] = {
#define F(n, ig)                                                                                             \
	{                                                                                                    \
#n, offsetof(regs_t, n), ig                                                                  \
	}
	F(rip, DIFF_INSN),
	F(rsp, 0),
	F(rbp, 0),
	F(orig_rax, DIFF_INSN),
	F(rax, DIFF_RAX | DIFF_INSN),
	F(rbx, DIFF_INSN),
	F(rcx, DIFF_RCX_R11 | DIFF_INSN),
	F(rdx, DIFF_INSN),
	F(rsi, DIFF_INSN),
	F(rdi, DIFF_INSN),
	F(r8, DIFF_INSN),
	F(r9, DIFF_INSN),
	F(r10, DIFF_INSN),
	F(r11, DIFF_RCX_R11 | DIFF_INSN),
	F(r12, DIFF_INSN),
	F(r13, DIFF_INSN),
	F(r14, DIFF_INSN),
	F(r15, DIFF_INSN),
	F(eflags, DIFF_FLAGS | DIFF_INSN),
	F(fs_base, DIFF_BASES),
	F(gs_base, DIFF_BASES),
#undef F
};

static void add(struct replay *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct replay *s, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_put(&s->report, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static void where(struct replay *s, struct ptask *t, uint64_t addr, const char *what)
{
	struct mapping *m = space_find(&t->mm->space, addr);
	if (m)
		add(s, "  %-10s 0x%016llx  %s+0x%llx\n", what, (unsigned long long)addr,
		    m->recorded.name[0] ? m->recorded.name : "[anonymous]",
		    (unsigned long long)(addr - m->recorded.start + m->recorded.offset));
	else
		add(s, "  %-10s 0x%016llx  (not mapped)\n", what, (unsigned long long)addr);
}

/* In the runtime: the program's registers are those that the hook has saved. */
static void leave_runtime(struct ptask *t, regs_t *r)
{
	struct hook_frame f;
	struct state st;
	if (r->rip < RUNTIME_BASE || r->rip >= RUNTIME_END ||
	    mem_read(t->pid, RUNTIME_STACK_TOP - sizeof(f), &f, sizeof(f)) != sizeof(f) ||
	    mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return;
	r->rip = f.bail;
	r->rsp = st.rsp;
}

/* The program's address, and words of the stack that point into executable memory. Raw addresses,
 * no guess about symbols. */
static void backtrace(struct replay *s, struct ptask *t, const regs_t *r)
{
	uint64_t stack[512];
	unsigned shown = 0;
	where(s, t, placed_to_app(&t->mm->images, r->rip), "at");
	size_t n = mem_read(t->pid, r->rsp, stack, sizeof(stack)) / 8;
	for (size_t i = 0; i < n && shown < 12; i++) {
		struct mapping *m = space_find(&t->mm->space, stack[i]);
		if (m && m->recorded.prot & 4) {
			where(s, t, stack[i], "on stack");
			shown++;
		}
	}
}

static const char *event_text(const struct event *ev, char *out, size_t cap)
{
	if (ev->kind == EV_SYSCALL || ev->kind == EV_ENTRY || ev->kind == EV_EXIT)
		snprintf(out, cap, "%s %s", event_kind_name(ev->kind), sys_name(ev->code));
	else
		snprintf(out, cap, "%s %lld", event_kind_name(ev->kind), (long long)ev->code);
	return out;
}

int diverge(struct replay *s, struct ptask *t, const char *fmt, ...)
{
	char what[512], text[80];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	s->report.len = 0;
	add(s, "the replay differs from the recording at event %llu (%s) of task %d: %s\n",
	    (unsigned long long)s->ev->seq, event_text(s->ev, text, sizeof(text)), t->tid, what);
	regs_t r;
	if (!pt_getregs(t->pid, &r)) {
		leave_runtime(t, &r);
		backtrace(s, t, &r);
	}
	buf_u8(&s->report, 0);
	return err_set("the replay stopped at event %llu", (unsigned long long)s->ev->seq);
}

int diverge_check_regs(struct replay *s, struct ptask *t, const regs_t *have, const regs_t *want,
		       unsigned ignore)
{
	char diff[512] = "";
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		uint64_t h, w;
		memcpy(&h, (const char *)have + fields[i].off, 8);
		memcpy(&w, (const char *)want + fields[i].off, 8);
		if (h == w || fields[i].ignore & ignore)
			continue;
		size_t n = strlen(diff);
		snprintf(diff + n, sizeof(diff) - n, "%s%s is 0x%llx, recorded 0x%llx", n ? ", " : "",
			 fields[i].name, (unsigned long long)h, (unsigned long long)w);
	}
	return diff[0] ? diverge(s, t, "%s", diff) : 0;
}
