#include "record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fds.h"
#include "base/file.h"
#include "interpose/filter.h"
#include "layout.h"
#include "record/session.h"
#include "task/machine.h"
#include "task/proc.h"
#include "task/tsc.h"
#include "trace/meta.h"

/* --- the child --- */

struct start {
	int go[2];     /* the child reads one byte before it begins */
	int report[2]; /* the child writes struct child_report if exec fails */
	pid_t pid;
};

struct child_report {
	int step; /* 0: filter, 1: exec */
	int error;
};

static void child(struct start *st, char *const *argv)
{
	char c;
	close(st->go[1]);
	close(st->report[0]);
	if (read(st->go[0], &c, 1) != 1)
		_exit(125);
	close(st->go[0]);
	fcntl(st->report[1], F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	struct child_report r = {0, -filter_install()};
	if (!r.error) {
		execvp(argv[0], argv);
		r = (struct child_report){1, errno};
	}
	if (write(st->report[1], &r, sizeof(r)) < 0)
		_exit(125);
	_exit(127);
}

static int spawn(struct start *st, char *const *argv)
{
	if (pipe2(st->go, O_CLOEXEC) || pipe2(st->report, O_CLOEXEC))
		return err_sys(errno, "cannot make a pipe");
	st->pid = fork();
	if (st->pid < 0)
		return err_sys(errno, "cannot fork");
	if (!st->pid)
		child(st, argv);
	close(st->go[0]);
	close(st->report[1]);
	return 0;
}

#define NESTED "a recording inside a recording, or under strace or gdb, is not possible"

/* The runtime of another recorder is in this process. (Nothing else shows that: programs that ask who traces them
 * are not told.) */
static bool is_recorded(void)
{
	char byte;
	return mem_read(getpid(), RUNTIME_BASE, &byte, 1) == 1;
}

static int attach(pid_t pid)
{
	if (is_recorded())
		return err_set("this reprise is itself being recorded: " NESTED);
	unsigned long opts = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT |
			     PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	int rc = pt_seize(pid, opts);
	if (!rc)
		return 0;
	struct proc_status me;
	if (!proc_status(getpid(), &me) && me.tracer)
		return err_set("this reprise is itself being traced (by process %d): " NESTED, me.tracer);
	return err_sys(-rc, "not allowed to trace processes here; allow it with "
			    "'sysctl kernel.yama.ptrace_scope=1' or less, or start the container with "
			    "'--cap-add=SYS_PTRACE' (docker before 19.03, podman with a strict seccomp "
			    "profile)");
}

/* --- the machine --- */

static void bind_cpu(struct recorder *s, pid_t pid, int cpu)
{
	cpu_set_t one;
	if (sched_getaffinity(0, sizeof(s->cpus), &s->cpus))
		CPU_ZERO(&s->cpus);
	long n = syscall(SYS_sched_getaffinity, 0, sizeof(s->affinity), s->affinity);
	s->affinity_len = n > 0 ? (unsigned)n : 0;
	for (unsigned i = 0; s->cores && i < sizeof(s->affinity); i++) {
		unsigned bits = s->cores > 8 * i ? s->cores - 8 * i : 0;
		s->affinity[i] = bits >= 8 ? 0xff : (uint8_t)((1u << bits) - 1);
	}
	if (s->cores && s->affinity_len < (s->cores + 63) / 64 * 8)
		s->affinity_len = (s->cores + 63) / 64 * 8;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	/* A ptrace stop costs 3.5 us on one CPU and 80 us across two. */
	sched_setaffinity(0, sizeof(one), &one);
	sched_setaffinity(pid, sizeof(one), &one);
}

#define TICK_NS 10000000ull
#define SLICE_NS 10000000ull /* how long a task keeps the CPU while others wait */

static int set_signals(struct recorder *s)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	/* The terminal sends it to the program too: it decides what it means. */
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGIO, &ignore,
		  NULL); /* somebody opens a file of which we have a lease (trace/sharedfiles.c) */
	long ns = (long)(s->slice_ns < TICK_NS ? s->slice_ns : TICK_NS);
	return tick_start(s, ns / 1000) ? err_sys(errno, "cannot make a timer") : 0;
}

/* --- the recorder in the chain --- */

static enum disposition recorder_start(struct module *m, struct call *c)
{
	switch (sys_row(c->nr)->cls) {
	case C_PTRACE:
		return tracer_start(m->state, c->task, c);
	case C_WAIT:
		return tracewait_start(m->state, c->task, c);
	default:
		return special_start(m->state, c->task, c);
	}
}

/* Calls with nothing special need no question: their exit is always wanted. */
static bool has_own_start(const struct sysrow *row)
{
	return row->cls != C_PLAIN || row->flags & F_WRITES || !strcmp(row->name, "tee");
}

static void init(struct recorder *s)
{
	s->ready_last = &s->ready_first;
	s->self.name = "record";
	s->self.start = recorder_start;
	s->self.state = s;
	mask_fill(&s->self.wants, has_own_start);
}

#define DEATH_NS 2000000000ull

/* A task in the kernel that nothing can wake dies when it may, without us. */
static void kill_all(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	uint64_t until = coarse_ns() + DEATH_NS;
	while ((t = hmap_next(&s->tasks, &i)))
		kill(t->tid, SIGKILL);
	while (coarse_ns() < until) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD); /* the tick interrupts it */
		if (tid < 0 && errno == ECHILD)
			break;
		if (tid > 0 && WIFSTOPPED(status)) {
			kill(tid, SIGKILL);
			pt_resume(PTRACE_CONT, tid, 0);
		}
	}
}

static void print_stats(const struct recorder *s)
{
	const struct rstats *c = &s->stats;
	unsigned long long calls = c->calls + c->buffered;
	say("%llu stops, %llu system calls (%.3f stops a call), %llu of them buffered in %llu pieces, %llu "
	    "events, "
	    "%llu switches, %llu of them at safepoints, %llu in code without; a task waited for %llu ms at "
	    "most; %llu signals, %llu forks, %llu execs, %llu trapped "
	    "instructions, %llu faults at code made at run time",
	    (unsigned long long)c->stops, calls, calls ? (double)c->stops / (double)calls : 0.0,
	    (unsigned long long)c->buffered, (unsigned long long)c->flushes,
	    (unsigned long long)writer_events(s->w), (unsigned long long)c->switches,
	    (unsigned long long)c->preempted, (unsigned long long)c->moments,
	    (unsigned long long)c->waited_ns / 1000000, (unsigned long long)c->signals,
	    (unsigned long long)c->forks, (unsigned long long)c->execs, (unsigned long long)c->insns,
	    (unsigned long long)c->fetches);
}

static int status_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What the child said if it could not start the command; 0 if it did start. */
static int start_failure(struct start *st, const char *command)
{
	struct child_report r;
	ssize_t n = read(st->report[0], &r, sizeof(r));
	if (n != sizeof(r))
		return 0;
	if (r.step == 0) {
		err_sys(r.error, "cannot install a seccomp filter (the kernel needs CONFIG_SECCOMP_FILTER)");
		return 125;
	}
	err_sys(r.error, "cannot run %s", command);
	return r.error == ENOENT ? 127 : 126;
}

static int finish(struct recorder *s, struct start *st, const struct record_options *opt)
{
	int code = s->failed	? 125
		   : s->started ? status_code(s->root_status)
				: start_failure(st, opt->argv[0]);
	if (!s->failed && !s->started && !code)
		code = err_set("the command was killed before it could start") ? 125 : 0;
	if (s->failed)
		kill_all(s);
	tick_stop(s);
	ending_over(s);
	if (code >= 125 && (s->failed || !s->started))
		say("%s", err_msg());
	if (!s->failed && s->started) {
		log_begin(s, NULL, EV_END, s->root_status);
		log_put(s);
	}
	if (opt->stats)
		print_stats(s);
	bool started = s->started;
	if (writer_close(s->w) && !s->failed) {
		say("%s", err_msg());
		code = 125;
	}
	if (!started)
		rm_r(s->dir);
	else
		traces_set_latest(s->dir);
	return code;
}

static struct trace_writer *open_trace(const struct record_options *opt, const char *dir, int cpu)
{
	struct trace_meta meta;
	meta_now(&meta, opt->argv, cpu);
	char *json = meta_to_json(&meta);
	struct trace_writer *w = writer_open(dir, json);
	free(json);
	meta_free(&meta);
	char *base = w ? traces_dir() : NULL;
	if (w && !mkdir_p(base))
		writer_share(w, base);
	free(base);
	return w;
}

static int run(struct recorder *s, struct start *st, const struct record_options *opt)
{
	int cpu = sched_getcpu();
	fds_raise_limit(); /* the command, which is there already, keeps its own */
	/* The writing thread starts before we bind ourselves, to use other CPUs. */
	s->w = open_trace(opt, s->dir, cpu);
	if (!s->w)
		return -1;
	bind_cpu(s, st->pid, cpu);
	if (attach(st->pid)) {
		writer_close(s->w);
		rm_r(s->dir);
		return -1;
	}
	struct proc_status me;
	s->own_nnp =
		!proc_status(getpid(), &me) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 && geteuid() != 0;
	struct rproc *p = xcalloc(1, sizeof(*p));
	p->tgid = s->root = st->pid;
	p->dumpable = 1;
	struct rtask *t = task_new(s, st->pid, p, mm_new(s));
	t->state = TS_USER;
	ending_start(s);
	if (set_signals(s))
		return -1;
	pt_quiet_stops();
	s->rdtsc_traps = machine_rdtsc_traps();
	tsc_disable();
	buffer_init(s);
	if (write(st->go[1], "", 1) != 1)
		return err_sys(errno, "cannot start the command");
	close(st->go[1]);
	sched_run(s);
	return 0;
}

int record_run(const struct record_options *opt)
{
	struct recorder s = {0};
	struct start st;
	/* Frames of the trace come and go by the megabyte: memory that is given back to the
	 * kernel each time must be faulted in again, page by page. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 512 << 20);
	init(&s);
	s.unbuffered = opt->no_buffer;
	s.verify_every = opt->verify_every;
	s.wait = opt->wait;
	s.slice_ns = opt->slice_ms > 0 ? (uint64_t)(opt->slice_ms * 1e6) : SLICE_NS;
	s.cores = opt->cores;
	if (opt->chaos) {
		chaos_init(&s, opt->seeded, opt->seed);
		say("random schedules, seed %llu", (unsigned long long)s.chaos_seed);
	}
	s.dir = traces_new(opt->argv[0], opt->dir);
	if (!s.dir || spawn(&st, opt->argv)) {
		say("%s", err_msg());
		return 125;
	}
	if (run(&s, &st, opt)) {
		say("%s", err_msg());
		kill(st.pid, SIGKILL);
		waitpid(st.pid, NULL, __WALL);
		tick_stop(&s);
		ending_over(&s);
		return 125;
	}
	return finish(&s, &st, opt);
}
