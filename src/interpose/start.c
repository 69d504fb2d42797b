/* How tasks come to a loop: a program is started, or a process attached to. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "interpose/filter.h"
#include "interpose/tracees.h"
#include "task/proc.h"
#include "task/ptrace.h"

struct start {
	int go[2];     /* the child reads one byte before it begins */
	int report[2]; /* it writes the errno value if exec, or the filter before it, fails */
	struct sock_filter code[FILTER_MASK_MAX];
	unsigned n; /* instructions; 0: no filter */
};

static void child(struct start *st, const char *path, char *const argv[], void (*in_child)(void *), void *arg)
{
	char c;
	int error;
	close(st->go[1]);
	if (read(st->go[0], &c, 1) != 1)
		_exit(125);
	if (in_child)
		in_child(arg);
	error = st->n ? -filter_set(st->code, st->n) : 0;
	if (!error) {
		execv(path, argv);
		error = errno;
	}
	if (write(st->report[1], &error, sizeof(error)) < 0)
		_exit(125);
	_exit(error == ENOENT ? 127 : 126);
}

static unsigned long options(const struct loop *l, bool started)
{
	unsigned long o = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	if (!l->opt.no_follow)
		o |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	if (l->has_exiting)
		o |= PTRACE_O_TRACEEXIT;
	if (started)
		o |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	return o;
}

static int seize_error(pid_t pid, int error)
{
	struct proc_status st;
	if (!proc_status(pid, &st) && st.tracer)
		return err_set("process %d is being traced already, by process %d", pid, st.tracer);
	if (!proc_status(getpid(), &st) && st.tracer)
		return err_set("this program is itself being traced, by process %d: it cannot trace others",
			       st.tracer);
	return err_sys(error,
		       "cannot trace process %d; is it another user's? Otherwise allow it with "
		       "'sysctl kernel.yama.ptrace_scope=0', or start the container with "
		       "'--cap-add=SYS_PTRACE'",
		       pid);
}

/* The filter of the loop's mask, and of the calls that the loop itself must see. */
static void make_filter(const struct loop *l, struct start *st)
{
	struct call_mask m = l->mask;
	if (!l->home.off)
		cpu_mask(&m);
	st->n = filter_of_mask(&m, st->code);
}

static pid_t launch(struct loop *l, struct start *st, const char *path, char *const argv[],
		    void (*in_child)(void *), void *arg)
{
	if (pipe2(st->report, O_CLOEXEC))
		return err_sys(errno, "cannot make a pipe");
	l->report = st->report[0];
	pid_t pid = fork();
	if (!pid)
		child(st, path, argv, in_child, arg);
	close(st->report[1]);
	if (pid < 0)
		return err_sys(errno, "cannot fork");
	int rc = pt_seize(pid, options(l, true));
	if (!rc && write(st->go[1], "", 1) == 1)
		return pid;
	seize_error(pid, rc ? -rc : EPIPE);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	return -1;
}

pid_t loop_start(struct loop *l, const char *path, char *const argv[], void (*in_child)(void *), void *arg)
{
	struct start st = {.n = 0};
	bool filter = !l->opt.no_filter && !l->opt.no_follow;
	if (pipe2(st.go, O_CLOEXEC))
		return err_sys(errno, "cannot make a pipe");
	if (filter)
		make_filter(l, &st);
	pid_t pid = launch(l, &st, path, argv, in_child, arg);
	close(st.go[0]);
	close(st.go[1]);
	if (pid < 0)
		return -1;
	struct tracee *t = tracee_add(l, pid);
	t->tgid = pid;
	t->filtered = filter;
	t->starting = true;
	l->leader = l->leader ? l->leader : pid;
	tracee_began(t, NULL, BIRTH_START);
	if (!filter)
		ptrace(PTRACE_INTERRUPT, pid, 0, 0); /* so that it is resumed to stop at calls */
	return pid;
}

int loop_exec_error(const struct loop *l)
{
	int error = 0;
	if (l->report < 0 || read(l->report, &error, sizeof(error)) != sizeof(error))
		return 0;
	return error;
}

static int seize(struct loop *l, pid_t pid, pid_t tid)
{
	int rc = pt_seize(tid, options(l, false));
	if (rc)
		return rc;
	ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	struct tracee *t = tracee_add(l, tid);
	t->tgid = pid;
	t->attached = true;
	return 0;
}

/* Threads that have come since the last look; how many. */
static int seize_threads(struct loop *l, pid_t pid)
{
	char path[40];
	int n = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *d = opendir(path);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		pid_t tid = atoi(e->d_name);
		if (tid > 0 && !loop_tracee(l, tid) && !seize(l, pid, tid))
			n++;
	}
	if (d)
		closedir(d);
	return n;
}

int loop_attach(struct loop *l, pid_t pid)
{
	int rc = loop_tracee(l, pid) ? 0 : seize(l, pid, pid);
	if (rc == -ESRCH)
		return err_set("there is no process %d", pid);
	if (rc)
		return seize_error(pid, -rc);
	while (seize_threads(l, pid))
		;
	l->leader = l->leader ? l->leader : pid;
	return 0;
}
