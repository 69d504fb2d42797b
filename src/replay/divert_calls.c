/* System calls of a diversion. Nothing of what they would do reaches the world outside: those that concern
 * the task alone are made by the copy, some are answered here, and the rest fail, of which the user is told.
 */
#include "replay/divert.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "abi/print.h"
#include "abi/sysrow.h"
#include "base/err.h"
#include "layout.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))

static int64_t zero(const struct asked *c)
{
	(void)c;
	return 0;
}

/* --- memory --- */

/* Nothing may be mapped in place of what is ours. */
static bool hits_ours(uint64_t addr, uint64_t len)
{
	return addr + len < addr || (addr < RUNTIME_END && addr + len > RUNTIME_BASE);
}

static void note_change(const struct asked *c, uint64_t result, uint64_t old)
{
	points_lift(c->t);
	space_buffered(&c->t->mm->space, c->nr, c->a, result, old);
}

static int64_t do_mmap(const struct asked *c)
{
	if (!(c->a[3] & MAP_ANONYMOUS))
		return NO_ANSWER;
	if (c->a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE) && hits_ours(c->a[0], c->a[1]))
		return -ENOMEM;
	int64_t r = divert_make(c);
	if (r >= 0 || r < -4095)
		note_change(c, (uint64_t)r, 0);
	return r;
}

static int64_t do_range(const struct asked *c)
{
	if (hits_ours(c->a[0], c->a[1]))
		return -EINVAL;
	int64_t r = divert_make(c);
	if (!r)
		note_change(c, 0, 0);
	return r;
}

/* Advice from 100 on is about the machine's memory (MADV_HWPOISON). */
static int64_t do_madvise(const struct asked *c)
{
	return c->a[2] >= 100 ? -EINVAL : do_range(c);
}

static int64_t do_mremap(const struct asked *c)
{
	if (hits_ours(c->a[0], c->a[1]) || (c->a[3] & MREMAP_FIXED && hits_ours(c->a[4], c->a[2])))
		return -EINVAL;
	int64_t r = divert_make(c);
	points_lift(c->t);
	if (r >= 0 || r < -4095)
		space_move(&c->t->mm->space, c->a[0], PAGE_UP(c->a[1]), (uint64_t)r, PAGE_UP(c->a[2]),
			   c->a[3] & MREMAP_DONTUNMAP);
	return r;
}

static uint64_t heap_end(const struct asked *c)
{
	uint64_t end = 0;
	for (const struct mapping *m = space_first(&c->t->mm->space); m;
	     m = space_next(&c->t->mm->space, m)) {
		if (!strcmp(m->recorded.name, "[heap]"))
			end = m->recorded.end;
	}
	return end;
}

/* The copy's break is not the program's: the heap is memory like other. It does not shrink. */
static int64_t do_brk(const struct asked *c)
{
	uint64_t old = heap_end(c), end = PAGE_UP(c->a[0]);
	if (!old || end <= old || hits_ours(old, end - old))
		return (int64_t)old;
	int64_t r = remote_one(c->t->pid, REMOTE_REPLAY, SYS_mmap, old, end - old, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, (uint64_t)-1, 0);
	if (r != (int64_t)old)
		return (int64_t)old;
	note_change(c, end, old);
	return (int64_t)end;
}

/* --- output --- */

static void show(const struct asked *c, uint64_t addr, uint64_t len)
{
	char part[4096];
	while (len) {
		size_t n = replay_read(c->s, c->t->tid, addr, part, len < sizeof(part) ? len : sizeof(part));
		if (!n)
			return;
		struct written w = {.fd = (int)c->a[0], .tgid = c->t->proc->tgid, .data = part, .len = n};
		if (c->s->opt.output)
			c->s->opt.output(c->s->opt.ctx, &w);
		addr += n;
		len -= n;
	}
}

static bool is_output(const struct asked *c)
{
	return c->a[0] == 1 || c->a[0] == 2;
}

static int64_t do_write(const struct asked *c)
{
	const uint64_t most = 0x7ffff000; /* as the kernel's (MAX_RW_COUNT) */
	uint64_t len = c->a[2] < most ? c->a[2] : most;
	if (!is_output(c))
		return NO_ANSWER;
	if (len && replay_mapped_until(c->s, c->t->tid, c->a[1]) <= c->a[1])
		return -EFAULT;
	show(c, c->a[1], len);
	return (int64_t)len;
}

static int64_t do_writev(const struct asked *c)
{
	struct iovec iov;
	uint64_t sum = 0;
	if (!is_output(c))
		return NO_ANSWER;
	for (uint64_t i = 0; i < c->a[2] && i < 1024; i++) {
		if (mem_read(c->t->pid, c->a[1] + i * sizeof(iov), &iov, sizeof(iov)) != sizeof(iov))
			return -EFAULT;
		show(c, (uint64_t)iov.iov_base, iov.iov_len);
		sum += iov.iov_len;
	}
	return (int64_t)sum;
}

/* The user's terminal, whatever the program wrote to: so that lines appear when they end. */
static int64_t put_stat(const struct asked *c, uint64_t addr)
{
	struct stat st = {.st_mode = S_IFCHR | 0620, .st_nlink = 1, .st_rdev = makedev(136, 0)};
	st.st_blksize = 1024;
	return mem_write(c->t->pid, addr, &st, sizeof(st)) ? -EFAULT : 0;
}

static int64_t do_fstat(const struct asked *c)
{
	return is_output(c) ? put_stat(c, c->a[1]) : NO_ANSWER;
}

static int64_t do_newfstatat(const struct asked *c)
{
	char first;
	bool itself = c->a[3] & 0x1000 /* AT_EMPTY_PATH */ && is_output(c) &&
		      (!c->a[1] || (mem_read(c->t->pid, c->a[1], &first, 1) == 1 && !first));
	return itself ? put_stat(c, c->a[2]) : NO_ANSWER;
}

/* --- who it is --- */

static int64_t do_getpid(const struct asked *c)
{
	return c->t->proc->tgid;
}

static int64_t do_getppid(const struct asked *c)
{
	return c->t->proc->parent;
}

static int64_t do_gettid(const struct asked *c)
{
	return c->t->tid;
}

/* --- waiting for what does not come --- */

static int64_t for_ever(const struct asked *c)
{
	(void)c;
	return WAITS_FOR_EVER;
}

static int64_t no_child(const struct asked *c)
{
	(void)c;
	return -ECHILD;
}

/* --- signals --- */

static int64_t do_sigprocmask(const struct asked *c)
{
	uint64_t *mask = &c->s->dv->mask, set, was = *mask;
	if (c->a[1]) {
		if (mem_read(c->t->pid, c->a[1], &set, 8) != 8)
			return -EFAULT;
		*mask = c->a[0] == SIG_BLOCK ? was | set : c->a[0] == SIG_UNBLOCK ? was & ~set : set;
	}
	return c->a[2] && mem_write(c->t->pid, c->a[2], &was, 8) ? -EFAULT : 0;
}

/* Handlers never run here; the caller finds none. */
static int64_t do_sigaction(const struct asked *c)
{
	const uint64_t none[4] = {0};
	return c->a[2] && mem_write(c->t->pid, c->a[2], none, sizeof(none)) ? -EFAULT : 0;
}

/* kill, tkill, tgkill: only to itself, and then it is the client that hears of it. */
static int64_t do_kill(const struct asked *c)
{
	struct ptask *t = c->t;
	struct replay *s = c->s;
	int64_t whom = (int32_t)c->a[c->nr == SYS_tgkill];
	int sig = (int32_t)c->a[c->nr == SYS_tgkill ? 2 : 1];
	bool self = c->nr == SYS_kill ? whom == t->proc->tgid || !whom : whom == t->tid;
	if (!self)
		return NO_ANSWER;
	if (!sig)
		return 0;
	regs_t r = t->regs;
	r.rax = 0;
	if (ptask_set_regs(t, &r))
		return STOPPED;
	memset(&s->stop->si, 0, sizeof(s->stop->si));
	s->stop->si.si_signo = sig;
	s->stop->si.si_code = c->nr == SYS_kill ? SI_USER : SI_TKILL;
	s->stop->si.si_pid = t->proc->tgid;
	s->stop->code = sig;
	stop_for(s, t, STOP_SIGNAL);
	return STOPPED;
}

static int64_t do_exit(const struct asked *c)
{
	divert_note(c->s, "the call has ended the %s with status %d",
		    c->nr == SYS_exit ? "thread" : "program", (int)(c->a[0] & 0xff));
	c->s->stop->code = (int64_t)(c->a[0] & 0xff) << 8;
	stop_for(c->s, c->t, STOP_END);
	return STOPPED;
}

/* --- all of them --- */

static const struct {
	uint16_t nr;
	int64_t (*answer)(const struct asked *c);
} answers[] = {
	{SYS_brk, do_brk},
	{SYS_mmap, do_mmap},
	{SYS_munmap, do_range},
	{SYS_mprotect, do_range},
	{SYS_madvise, do_madvise},
	{SYS_mremap, do_mremap},
	{SYS_mincore, divert_make},
	{SYS_clock_gettime, divert_clock_gettime},
	{SYS_clock_getres, divert_make},
	{SYS_gettimeofday, divert_gettimeofday},
	{SYS_time, divert_time},
	{SYS_getcpu, divert_make},
	{SYS_getrandom, divert_make},
	{SYS_uname, divert_make},
	{SYS_sysinfo, divert_make},
	{SYS_getrusage, divert_make},
	{SYS_times, divert_make},
	{SYS_getuid, divert_make},
	{SYS_geteuid, divert_make},
	{SYS_getgid, divert_make},
	{SYS_getegid, divert_make},
	{SYS_getresuid, divert_make},
	{SYS_getresgid, divert_make},
	{SYS_getgroups, divert_make},
	{SYS_sched_yield, zero},
	{SYS_getpid, do_getpid},
	{SYS_getppid, do_getppid},
	{SYS_gettid, do_gettid},
	{SYS_set_tid_address, do_gettid},
	{SYS_write, do_write},
	{SYS_pwrite64, do_write},
	{SYS_writev, do_writev},
	{SYS_fstat, do_fstat},
	{SYS_newfstatat, do_newfstatat},
	{SYS_futex, divert_futex},
	{SYS_nanosleep, divert_nanosleep},
	{SYS_clock_nanosleep, divert_clock_nanosleep},
	{SYS_poll, divert_poll},
	{SYS_epoll_wait, divert_poll},
	{SYS_epoll_pwait, divert_poll},
	{SYS_ppoll, divert_ppoll},
	{SYS_select, divert_select},
	{SYS_pselect6, divert_select},
	{SYS_pause, for_ever},
	{SYS_rt_sigsuspend, for_ever},
	{SYS_wait4, no_child},
	{SYS_waitid, no_child},
	{SYS_rt_sigprocmask, do_sigprocmask},
	{SYS_rt_sigaction, do_sigaction},
	{SYS_kill, do_kill},
	{SYS_tkill, do_kill},
	{SYS_tgkill, do_kill},
	{SYS_exit, do_exit},
	{SYS_exit_group, do_exit},
};

static int64_t answer(const struct asked *c)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (answers[i].nr == c->nr)
			return answers[i].answer(c);
	}
	return NO_ANSWER;
}

/* Why a call fails that is not made: there are no files and no descriptors. */
static int refusal(int64_t nr)
{
	const struct sysrow *row = sys_row(nr);
	bool path = nr == SYS_getcwd, fd = false;
	for (size_t i = 0; i < ARRAY_LEN(row->args); i++) {
		path |= row->args[i].kind == K_STR && row->args[i].type == T_PATH;
		fd |= row->args[i].kind == K_VAL && row->args[i].type == T_FD;
	}
	return path ? ENOENT : fd ? EBADF : ENOSYS;
}

/* The user is told once for each call. */
static int64_t refuse(struct replay *s, int64_t nr)
{
	uint8_t *byte = nr >= 0 && nr < 512 ? &s->dv->noted[nr / 8] : NULL;
	int e = refusal(nr);
	if (byte && *byte >> (nr % 8) & 1)
		return -e;
	if (byte)
		*byte |= (uint8_t)(1 << (nr % 8));
	divert_note(s, "system call %s is not made outside of the recording: %s", sys_name(nr),
		    errno_name(e));
	return -e;
}

/* It makes the call again when it goes on. */
static int stop_waiting(struct replay *s, struct ptask *t)
{
	regs_t r = t->regs;
	divert_note(s, "the call waits for ever in %s, since nothing else runs meanwhile",
		    sys_name((int64_t)r.orig_rax));
	r.rip -= 2;
	r.rax = r.orig_rax;
	if (ptask_set_regs(t, &r))
		return -1;
	return stop_for(s, t, STOP_PAUSE);
}

int divert_call(struct replay *s, struct ptask *t)
{
	regs_t r = t->regs;
	struct asked c = {s, t, (int64_t)r.orig_rax, {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}};
	int64_t result = answer(&c);
	if (result == STOPPED)
		return -1;
	if (result == WAITS_FOR_EVER)
		return stop_waiting(s, t);
	if (result == NO_ANSWER)
		result = refuse(s, c.nr);
	r.rax = (uint64_t)result;
	return ptask_set_regs(t, &r);
}
