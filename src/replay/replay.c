#include "replay/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "base/file.h"
#include "replay/session.h"
#include "task/checksum.h"
#include "task/tsc.h"

struct ptask *replay_task(struct replayer *s, int32_t tid)
{
	return hmap_get(&s->tasks, (uint32_t)tid);
}

struct ptask *replay_add(struct replayer *s, int32_t tid, pid_t pid, struct pproc *p, struct pmm *mm)
{
	struct ptask *t = xcalloc(1, sizeof(*t));
	t->tid = tid;
	t->pid = pid;
	t->proc = p;
	t->mm = mm;
	p->tasks++;
	t->next = p->first;
	t->prev = &p->first;
	if (t->next)
		t->next->prev = &t->next;
	p->first = t;
	mm->refs++;
	hmap_set(&s->tasks, (uint32_t)tid, t);
	return t;
}

/* --- what the program wrote to its output --- */

static void echo(int fd, struct ptask *t, uint64_t addr, uint64_t len)
{
	char buf[65536];
	while (len) {
		size_t n = len < sizeof(buf) ? (size_t)len : sizeof(buf);
		size_t got = mem_read(t->pid, addr, buf, n);
		if (!got || write_full(fd, buf, got))
			return;
		addr += got;
		len -= got;
	}
}

static void show_output(struct replayer *s, struct ptask *t, const struct event *ev)
{
	const regs_t *r = &ev->regs;
	int64_t left = (int64_t)r->rax, nr = ev->code;
	int fd = ev->flags & EVF_OUTPUT1 ? 1 : 2;
	if (s->opt->quiet || left <= 0 || !(ev->flags & (EVF_OUTPUT1 | EVF_OUTPUT2)))
		return;
	if (nr == SYS_write || nr == SYS_pwrite64 || nr == SYS_sendto) {
		echo(fd, t, r->rsi, (uint64_t)left);
	} else if (nr == SYS_writev || nr == SYS_pwritev || nr == SYS_pwritev2) {
		struct iovec iov[1024];
		size_t n = r->rdx < 1024 ? r->rdx : 1024;
		n = mem_read(t->pid, r->rsi, iov, n * sizeof(*iov)) / sizeof(*iov);
		for (size_t i = 0; i < n && left > 0; i++) {
			uint64_t len = iov[i].iov_len < (uint64_t)left ? iov[i].iov_len : (uint64_t)left;
			echo(fd, t, (uint64_t)iov[i].iov_base, len);
			left -= (int64_t)len;
		}
	}
}

/* --- events --- */

/* Registers at a call's start are those at its exit but for the result. */
static int check_entry(struct replayer *s, struct ptask *t, const struct event *ev)
{
	regs_t want = ev->regs;
	unsigned ignore = DIFF_RAX | (ev->code == SYS_arch_prctl ? DIFF_BASES : 0);
	if (run_to_entry(s, t))
		return -1;
	if ((int64_t)t->regs.orig_rax != ev->code)
		return diverge(s, t, "the task makes system call %s", sys_name((int64_t)t->regs.orig_rax));
	if (ev->flags & EVF_INTERRUPTED)
		want.rip += 2;
	want.orig_rax = (uint64_t)ev->code;
	if (diverge_check_regs(s, t, &t->regs, &want, ignore))
		return -1;
	return play_check_in(s, t, ev);
}

static int set_state(struct replayer *s, struct ptask *t, const struct event *ev)
{
	if (ev->flags & EVF_XSTATE && ev->xstate_len) {
		int rc = pt_set_xstate(t->pid, ev->xstate, ev->xstate_len);
		if (rc)
			return err_sys(-rc, "cannot set the extended registers of task %d", t->tid);
	}
	return ev->flags & EVF_REGS ? run_set_regs(s, t, &ev->regs) : 0;
}

static int call_effects(struct replayer *s, struct ptask *t, const struct event *ev)
{
	if (play_ops(s, t, ev) || play_chunks(s, t, ev))
		return -1;
	if (ev->flags & EVF_REGS && !(ev->flags & EVF_INTERRUPTED))
		show_output(s, t, ev);
	return set_state(s, t, ev);
}

static int on_syscall(struct replayer *s, struct ptask *t, const struct event *ev)
{
	return check_entry(s, t, ev) || call_effects(s, t, ev) ? -1 : 0;
}

static int on_entry(struct replayer *s, struct ptask *t, const struct event *ev)
{
	return check_entry(s, t, ev) || play_chunks(s, t, ev) ? -1 : 0;
}

static int on_exit_(struct replayer *s, struct ptask *t, const struct event *ev)
{
	if (!t->at_entry)
		return diverge(s, t, "the task is not in a system call");
	return call_effects(s, t, ev);
}

/* The registers that the handler's frame says were interrupted, at offsets of struct
 * sigcontext: r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip. */
static int check_frame(struct replayer *s, struct ptask *t, const struct event *ev)
{
	uint64_t g[17];
	for (size_t i = 0; i < ev->chunks.n; i++) {
		const struct ev_chunk *ch = &ev->chunks.at[i];
		if (ch->kind != CH_OUT || ch->addr != ev->regs.rsp || ch->len < 48 + sizeof(g))
			continue;
		memcpy(g, ch->data + 48, sizeof(g));
		regs_t want = t->regs;
		want.r8 = g[0], want.r9 = g[1], want.r10 = g[2], want.r11 = g[3];
		want.r12 = g[4], want.r13 = g[5], want.r14 = g[6], want.r15 = g[7];
		want.rdi = g[8], want.rsi = g[9], want.rbp = g[10], want.rbx = g[11];
		want.rdx = g[12], want.rcx = g[14], want.rsp = g[15], want.rip = g[16];
		regs_t have = t->regs;
		have.rip = placed_to_app(&t->mm->images, have.rip); /* as the recorder shows it */
		return diverge_check_regs(s, t, &have, &want, DIFF_RAX | DIFF_RCX_R11);
	}
	return 0;
}

static int on_signal(struct replayer *s, struct ptask *t, const struct event *ev)
{
	siginfo_t si;
	if (ev->arg[0] == SIG_AT_ENTRY) {
		if (run_to_entry(s, t))
			return -1;
		t->regs.rip -= 2;
		if (check_frame(s, t, ev))
			return -1;
	} else if (ev->arg[0] == SIG_AT_SAFEPOINT) {
		if (run_to_safepoint(s, t, ev->ticks) || check_frame(s, t, ev))
			return -1;
	} else if (ev->arg[0] == SIG_AT_FAULT) {
		int sig = run_to_fault(s, t, &si);
		if (sig < 0)
			return -1;
		if (sig != (ev->arg[2] ? ev->arg[2] : ev->code))
			return diverge(s, t, "the task raised signal %d", sig);
		if (ev->arg[1])
			return diverge_check_regs(s, t, &t->regs, &ev->regs, DIFF_RAX | DIFF_FLAGS);
		if (check_frame(s, t, ev))
			return -1;
	}
	return play_chunks(s, t, ev) || set_state(s, t, ev) ? -1 : 0;
}

static int on_safepoint(struct replayer *s, struct ptask *t, const struct event *ev)
{
	if (ev->code == SAFE_MOMENT)
		return search_moment(s, t, ev);
	/* Without ticks: a few steps from the last station. */
	if ((ev->ticks && run_to_safepoint(s, t, ev->ticks)) || run_steps(s, t, ev->arg[0]))
		return -1;
	return diverge_check_regs(s, t, &t->regs, &ev->regs, 0);
}

static int on_insn(struct replayer *s, struct ptask *t, const struct event *ev)
{
	siginfo_t si;
	int sig = run_to_fault(s, t, &si);
	if (sig < 0)
		return -1;
	uint64_t at = t->regs.rip - (sig == SIGTRAP);
	if (at != (uint64_t)ev->arg[0])
		return diverge(s, t, "signal %d at 0x%llx, not the instruction at 0x%llx", sig,
			       (unsigned long long)at, (unsigned long long)ev->arg[0]);
	if (diverge_check_regs(s, t, &t->regs, &ev->regs, DIFF_INSN))
		return -1;
	return set_state(s, t, ev);
}

/* The first page that differs, or 0. A page that is listed on one side only differs too, unless it is
 * recorded, and still the file's in the replay, with the same content (mlock makes the task's own copies). */
static uint64_t differing_page(struct ptask *t, const page_sums *have, const struct event *ev)
{
	struct rd r = rd_make(ev->blob, ev->blob_len);
	uint64_t addr = 0;
	size_t i = 0;
	while (r.p < r.end) {
		uint32_t sum = 0, now = 0;
		const uint8_t *p;
		addr += rd_u64(&r) * 4096;
		if ((p = rd_raw(&r, 4)))
			memcpy(&sum, p, 4);
		if (i < have->n && have->at[i].addr < addr)
			break;
		if (i < have->n && have->at[i].addr == addr)
			now = have->at[i++].sum;
		else if (checksum_page(t->pid, addr, &now))
			return addr;
		if (now != sum)
			return addr;
	}
	return i < have->n ? have->at[i].addr : 0;
}

static int on_check(struct replayer *s, struct ptask *t, const struct event *ev)
{
	page_sums have = {0};
	int rc = checksum_space(t->pid, &t->mm->space, &have);
	uint64_t bad = rc ? 0 : differing_page(t, &have, ev);
	VEC_FREE(&have);
	if (rc)
		return err_sys(-rc, "cannot read the memory of task %d", t->tid);
	s->checks++;
	if (!bad)
		return 0;
	struct mapping *m = space_find(&t->mm->space, bad);
	return diverge(s, t, "its memory differs in the page at 0x%llx (%s)", (unsigned long long)bad,
		       m && m->recorded.name[0] ? m->recorded.name : "anonymous");
}

static int on_mem(struct replayer *s, struct ptask *t, const struct event *ev)
{
	return play_ops(s, t, ev) || play_chunks(s, t, ev) ? -1 : 0;
}

typedef int (*handler)(struct replayer *s, struct ptask *t, const struct event *ev);

static const handler handlers[EV_KIND_MAX] = {
	[EV_SYSCALL] = on_syscall,     [EV_ENTRY] = on_entry,
	[EV_EXIT] = on_exit_,	       [EV_SIGNAL] = on_signal,
	[EV_INSN] = on_insn,	       [EV_FORK] = play_fork,
	[EV_TASK_EXIT] = play_exit,    [EV_MEM] = on_mem,
	[EV_CHECK] = on_check,	       [EV_BUFFER] = buffer_play,
	[EV_SAFEPOINT] = on_safepoint,
};

static int apply(struct replayer *s, struct event *ev)
{
	s->ev = ev;
	if (ev->kind == EV_START)
		return replay_task(s, ev->tid) ? err_set("the trace is damaged: it starts twice")
					       : play_first(s, ev);
	if (ev->kind == EV_EXEC)
		return play_exec(s, ev);
	struct ptask *t = replay_task(s, ev->tid);
	if (!t || t->dead)
		return err_set("the trace is damaged: event %llu is of unknown task %d",
			       (unsigned long long)ev->seq, ev->tid);
	/* Where a buffer ends with a station, its calls must be there first. */
	if (ev->kind != EV_BUFFER && position_before(s, t, ev))
		return -1;
	return handlers[ev->kind](s, t, ev);
}

/* --- the whole --- */

static double seconds(void)
{
	return (double)coarse_ns() / 1e9;
}

struct progress {
	double start, next;
	uint64_t last;
	bool shown;
};

static void progress(struct progress *p, uint64_t seq)
{
	if (seq & 63)
		return;
	double now = seconds();
	if (now < p->next)
		return;
	p->next = now + 0.2;
	p->shown = true;
	unsigned part = p->last ? (unsigned)(seq * 40 / p->last) : 0;
	fprintf(stderr, "\rreplaying [%.*s%*s] %u %% ", (int)part, "########################################",
		40 - (int)part, "", part * 100 / 40);
}

static int loop(struct replayer *s, int *status)
{
	struct event *ev;
	struct progress p = {.start = seconds(), .last = reader_last_seq(s->rd)};
	int rc;
	p.next = p.start + 1;
	*status = -1;
	while ((rc = reader_next(s->rd, &ev)) == 1) {
		if (ev->kind == EV_END) {
			*status = (int)ev->code;
			continue;
		}
		if (apply(s, ev))
			return -1;
		s->done = ev->seq;
		if (s->opt->npositions && (rc = position_after(s, ev)))
			return rc;
		if (s->opt->progress)
			progress(&p, ev->seq);
	}
	if (p.shown)
		fprintf(stderr, "\r%*s\r", 60, "");
	return rc;
}

static void bind_cpu(const struct replayer *s)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	/* The recorded one where there is one: cpuid tells which CPU it runs on. */
	CPU_SET(s->meta.cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one)) {
		CPU_ZERO(&one);
		CPU_SET(sched_getcpu(), &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
}

static int prepare(struct replayer *s)
{
	s->rd = reader_open(s->opt->dir);
	if (!s->rd || meta_from_json(&s->meta, reader_json(s->rd)) || meta_check_cpu(&s->meta))
		return -1;
	fds_raise_limit();
	bind_cpu(s);
	pt_quiet_stops();
	tsc_disable();
	return 0;
}

static int conclude(struct replayer *s, int status)
{
	if (s->opt->npositions) {
		if (s->told == s->opt->npositions)
			return 0;
		say("the recording ends at event %llu, before position %llu:%llu",
		    (unsigned long long)s->done, (unsigned long long)s->opt->positions[s->told].event,
		    (unsigned long long)s->opt->positions[s->told].ticks);
		return 125;
	}
	if (status >= 0 && s->opt->verify && !s->checks) {
		say("the trace holds no memory checksums: record with --verify to have them");
		return 125;
	}
	if (s->opt->stats)
		say("%llu events, %llu stops, %llu checksums", (unsigned long long)s->done,
		    (unsigned long long)s->stops, (unsigned long long)s->checks);
	if (status < 0) {
		say("the recording was cut short; it replayed to its last event, %llu",
		    (unsigned long long)s->done);
		return 125;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int replay_run(const struct replay_options *opt)
{
	struct replayer s = {.opt = opt};
	int status = -1;
	int rc = prepare(&s);
	if (!rc)
		rc = loop(&s, &status) < 0 ? -1 : 0;
	play_kill_all(&s);
	int code = 125;
	if (rc)
		say("%s", err_msg());
	else
		code = conclude(&s, status);
	fd_cache_close(&s.files);
	if (s.rd)
		reader_close(s.rd);
	meta_free(&s.meta);
	return code;
}
