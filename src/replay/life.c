/* Tasks that come and go: the first process, forks, execs, exits, and killing all at the end. */
#include "replay/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "interpose/filter.h"
#include "layout.h"
#include "task/blob.h"

#define STUB_FD 0 /* the stub's descriptor in every task, the only one that it keeps */

static int wait_stop(struct replay *s, pid_t pid, int *status)
{
	while (waitpid(pid, status, __WALL) != pid) {
		if (errno != EINTR)
			return err_sys(errno, "lost process %d", pid);
	}
	s->stops++;
	return 0;
}

static void put_mm(struct pmm *mm)
{
	if (--mm->refs)
		return;
	space_clear(&mm->space);
	VEC_FREE(&mm->images);
	VEC_FREE(&mm->plants);
	VEC_FREE(&mm->bypasses);
	VEC_FREE(&mm->ends);
	VEC_FREE(&mm->guarded);
	VEC_FREE(&mm->redone);
	VEC_FREE(&mm->to_map);
	free(mm);
}

/* The first process of the replay, before its first exec. */
static void child(int go, int stub)
{
	char c;
	signal(SIGCHLD, SIG_IGN); /* children vanish when they end */
	if (read(go, &c, 1) != 1)
		_exit(125);
	for (int i = 0; i < 20; i++) { /* what the terminal sends is for the replayer */
		if (i != SIGCHLD && i != SIGKILL && i != SIGSTOP)
			signal(i, SIG_DFL);
	}
	setpgid(0, 0);
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	dup2(stub, STUB_FD);
	fcntl(STUB_FD, F_SETFD, 0); /* should it have had this number before */
	syscall(SYS_close_range, STUB_FD + 1, ~0u, 0);
	if (filter_install())
		_exit(124);
	syscall(SYS_execveat, STUB_FD, "", NULL, NULL, AT_EMPTY_PATH);
	_exit(125);
}

static int make_stub(void)
{
	int fd = memfd_create("reprise-stub", MFD_CLOEXEC);
	if (fd < 0 || write_full(fd, blob_stub(), blob_stub_size()))
		return err_sys(errno, "cannot make the stub executable");
	/* A file open for writing cannot be executed (ETXTBSY). */
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int ro = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return ro < 0 ? err_sys(errno, "cannot open the stub executable") : ro;
}

/* After the stub's exec was reported: run it to its first instruction. */
static int settle(struct replay *s, pid_t pid)
{
	int status;
	if (pt_resume(PTRACE_CONT, pid, 0) || wait_stop(s, pid, &status))
		return err_set("the stub did not start");
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		return err_set("the stub did not start (wait status 0x%x)", status);
	return 0;
}

int play_first(struct replay *s, int32_t tid)
{
	int go[2], status;
	s->stub_fd = make_stub();
	if (s->stub_fd < 0 || pipe2(go, O_CLOEXEC))
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(errno, "cannot fork");
	if (!pid)
		child(go[0], s->stub_fd);
	int rc = pt_seize(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP |
				       PTRACE_O_EXITKILL);
	struct pproc *p = xcalloc(1, sizeof(*p));
	p->pid = pid;
	p->tgid = tid;
	replay_add(s, tid, pid, p, xcalloc(1, sizeof(struct pmm)));
	if (rc)
		return err_sys(-rc, "not allowed to trace processes here (see kernel.yama.ptrace_scope, or "
				    "start the container with --cap-add=SYS_PTRACE)");
	if (write(go[1], "", 1) != 1)
		return err_sys(errno, "cannot start the first process");
	close(go[0]);
	close(go[1]);
	/* Its exec is stopped by the filter first. */
	if (wait_stop(s, pid, &status) || (WIFSTOPPED(status) && pt_event(status) == PTRACE_EVENT_SECCOMP &&
					   (pt_resume(PTRACE_CONT, pid, 0) || wait_stop(s, pid, &status))))
		return -1;
	if (!WIFSTOPPED(status) || pt_event(status) != PTRACE_EVENT_EXEC)
		return err_set("the first process could not run the stub (wait status 0x%x)", status);
	return settle(s, pid);
}

static void copy_space(struct pmm *to, const struct pmm *from)
{
	space_copy(&to->space, &from->space);
	for (size_t i = 0; i < from->images.n; i++)
		*VEC_PUSH(&to->images) = from->images.at[i];
	for (size_t i = 0; i < from->plants.n; i++)
		*VEC_PUSH(&to->plants) = from->plants.at[i];
	for (size_t i = 0; i < from->bypasses.n; i++)
		*VEC_PUSH(&to->bypasses) = from->bypasses.at[i];
	for (size_t i = 0; i < from->guarded.n; i++)
		*VEC_PUSH(&to->guarded) = from->guarded.at[i];
}

int play_fork(struct replay *s, struct ptask *t, const struct event *ev)
{
	const uint64_t keep =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	uint64_t flags = (uint64_t)ev->arg[2] & keep;
	bool thread = flags & CLONE_THREAD;
	if (thread && (flags & (CLONE_VM | CLONE_SIGHAND)) != (CLONE_VM | CLONE_SIGHAND))
		return err_set("the trace is damaged: clone flags 0x%llx", (unsigned long long)flags);
	if (replay_task(s, (int32_t)ev->arg[0]))
		return err_set("the trace is damaged: task %lld exists already", (long long)ev->arg[0]);
	if (!thread)
		flags = (flags & ~(uint64_t)CLONE_SIGHAND) | SIGCHLD;
	regs_t parent = t->regs;
	bool at_entry = t->at_entry;
	int64_t pid = remote_one(t->pid, REMOTE_REPLAY, SYS_clone, flags, 0, 0, 0, 0, 0);
	int status;
	if (pid < 0)
		return err_sys((int)-pid, "task %d cannot clone", t->tid);
	/* The remote call took the place of the call the parent is in. */
	t->regs = parent;
	t->at_entry = at_entry;
	t->vforks = ev->arg[2] & CLONE_VFORK;
	if (wait_stop(s, (pid_t)pid, &status))
		return -1;
	struct pproc *p = thread ? t->proc : xcalloc(1, sizeof(*p));
	struct pmm *mm = flags & CLONE_VM ? t->mm : xcalloc(1, sizeof(*mm));
	if (!thread) {
		*p = *t->proc;
		p->pid = (pid_t)pid;
		p->tgid = (int32_t)ev->arg[0];
		p->parent = t->proc->tgid;
		p->tasks = 0;
		p->first = NULL;
	}
	if (mm != t->mm)
		copy_space(mm, t->mm);
	struct ptask *n = replay_add(s, (int32_t)ev->arg[0], (pid_t)pid, p, mm);
	return play_chunks(s, n, ev) || ptask_set_regs(n, &ev->regs);
}

/* Forget a task whose process goes on without it. */
static void drop(struct replay *s, struct ptask *t)
{
	hmap_del(&s->tasks, (uint32_t)t->tid);
	*t->prev = t->next;
	if (t->next)
		t->next->prev = t->prev;
	put_mm(t->mm);
	if (!--t->proc->tasks)
		free(t->proc);
	free(t);
}

/* What the kernel tells a new program, which has not run yet: above argc, argv and the environment stands
 * the auxiliary vector. */
static void note_program(struct ptask *t, uint64_t sp)
{
	struct pproc *p = t->proc;
	uint64_t w[512], phdr = 0;
	int ends = 0;
	p->auxv_len = 0;
	p->exe[0] = 0;
	for (uint64_t at = sp + 8; ends < 2; at += 8) { /* two null words end argv and the environment */
		if (mem_read(t->pid, at, w, 8) != 8)
			return;
		ends += !w[0];
		sp = at + 8;
	}
	size_t n = mem_read(t->pid, sp, p->auxv, sizeof(p->auxv)) / 16;
	memcpy(w, p->auxv, n * 16);
	for (size_t i = 0; i < n; i++) {
		if (w[2 * i] == 3 /* AT_PHDR */)
			phdr = w[2 * i + 1];
		p->auxv_len = 16 * (i + 1);
		if (!w[2 * i])
			break;
	}
	const struct mapping *m = space_find(&t->mm->space, phdr);
	if (m)
		snprintf(p->exe, sizeof(p->exe), "%s", m->recorded.name);
}

int play_exec(struct replay *s, const struct event *ev)
{
	struct ptask *t = replay_task(s, (int32_t)ev->arg[0]);
	int status;
	if (!t || t->dead)
		return err_set("the trace is damaged: exec by unknown task %lld", (long long)ev->arg[0]);
	regs_t r = t->regs;
	r.rip = RUNTIME_BASE + RUNTIME_BATCH;
	struct remote_call c = {SYS_execveat, {STUB_FD, RUNTIME_DATA + 0xff8, 0, 0, AT_EMPTY_PATH}, 0};
	uint64_t empty = 0, page[10] = {1, 0, (uint64_t)c.nr, c.args[0], c.args[1], 0, 0, c.args[4], 0, 0};
	if (space_first(&t->mm->space)) { /* not the first exec, for which play_first ran the stub */
		r.orig_rax = (uint64_t)-1;
		if (mem_write(t->pid, RUNTIME_DATA + 0xff8, &empty, 8) ||
		    mem_write(t->pid, RUNTIME_DATA, page, sizeof(page)) || pt_setregs(t->pid, &r) ||
		    pt_resume(PTRACE_CONT, t->pid, 0) || wait_stop(s, t->proc->pid, &status))
			return err_set("task %d cannot run the stub", t->tid);
		if (!WIFSTOPPED(status) || pt_event(status) != PTRACE_EVENT_EXEC)
			return err_set("task %d cannot run the stub (wait status 0x%x)", t->tid, status);
		if (settle(s, t->proc->pid))
			return -1;
	}
	struct ptask *leader = replay_task(s, ev->tid);
	if (leader && leader != t)
		drop(s, leader);
	hmap_del(&s->tasks, (uint32_t)t->tid);
	t->tid = t->proc->tgid = ev->tid;
	t->pid = t->proc->pid;
	hmap_set(&s->tasks, (uint32_t)t->tid, t);
	put_mm(t->mm);
	t->mm = xcalloc(1, sizeof(*t->mm));
	t->mm->refs = 1;
	t->at_entry = false;
	if (play_rebuild(s, t, ev) || ptask_set_regs(t, &ev->regs))
		return -1;
	note_program(t, ev->regs.rsp);
	return 0;
}

static void reap(pid_t pid)
{
	int status;
	for (;;) {
		pid_t r = waitpid(pid, &status, __WALL);
		if (r == pid && WIFSTOPPED(status)) {
			pt_resume(PTRACE_CONT, pid, SIGKILL);
			continue;
		}
		if (r == pid || errno != EINTR)
			return;
	}
}

void play_leave(struct replay *s, struct ptask *t)
{
	struct ptask *o;
	pid_t pid = t->proc->pid;
	struct pproc *p = t->proc;
	kill(pid, SIGKILL);
	p->tasks++; /* keep it while we look */
	while ((o = p->first)) {
		if (o->pid != pid)
			reap(o->pid);
		drop(s, o);
	}
	reap(pid);
	free(p);
}

int play_exit(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (buffer_use_up(s, t) || play_chunks(s, t, ev))
		return -1;
	if (t->proc->tasks == 1 || ev->arg[0]) {
		play_leave(s, t); /* whatever of the process still stands goes with it */
		return 0;
	}
	t->dead = true;
	if (t->pid == t->proc->pid)
		return 0; /* a leader stays until its process ends */
	regs_t r = t->regs;
	r.rip = RUNTIME_BASE + RUNTIME_BATCH;
	r.orig_rax = (uint64_t)-1;
	uint64_t page[10] = {1, 0, SYS_exit};
	if (mem_write(t->pid, RUNTIME_DATA, page, sizeof(page)) || pt_setregs(t->pid, &r) ||
	    pt_resume(PTRACE_CONT, t->pid, 0))
		return err_set("task %d cannot exit", t->tid);
	reap(t->pid);
	drop(s, t);
	return 0;
}

void play_kill_all(struct replay *s)
{
	size_t i = 0;
	struct ptask *t;
	while ((t = hmap_next(&s->tasks, &i)))
		kill(t->proc->pid, SIGKILL);
	for (i = 0; (t = hmap_next(&s->tasks, &i));) { /* threads before their leaders */
		if (t->pid != t->proc->pid)
			reap(t->pid);
	}
	for (i = 0; (t = hmap_next(&s->tasks, &i));) {
		if (t->pid == t->proc->pid)
			reap(t->pid);
	}
	for (i = 0; (t = hmap_next(&s->tasks, &i)); i = 0)
		drop(s, t);
}
