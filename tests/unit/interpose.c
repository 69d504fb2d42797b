/* The interposition loop, with this file as the program that it starts as well. */
#include "interpose/loop.h"

#include <errno.h>
#include <linux/audit.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "interpose/bpf.h"
#include "interpose/filter.h"
#include "unit.h"

/* --- the program --- */

static void *exec_in_thread(void *arg)
{
	execl("/proc/self/exe", "unit", "calls", "3", NULL);
	return arg;
}

static int program(const char *what, int n)
{
	long last = 0;
	pthread_t th;
	if (!strcmp(what, "calls")) { /* getppid n times between two marks: the end tells the last result */
		syscall(SYS_getpgrp);
		for (int i = 0; i < n; i++)
			last = syscall(SYS_getppid);
		syscall(SYS_getpgrp);
		_exit((int)last & 0x7f);
	}
	if (!strcmp(what, "write")) /* how much write says that it has written */
		_exit((int)syscall(SYS_write, 1, "abc", 3));
	if (!strcmp(what, "family")) { /* n children, a thread, a signal each */
		signal(SIGUSR1, SIG_IGN);
		for (int i = 0; i < n; i++) {
			if (!fork()) {
				raise(SIGUSR1);
				syscall(SYS_getppid);
				_exit(0);
			}
		}
		while (wait(NULL) > 0)
			;
		_exit(0);
	}
	if (!strcmp(what, "exec")) {
		pthread_create(&th, NULL, exec_in_thread, NULL);
		pause();
	}
	if (!strcmp(what, "forever")) { /* until standard input ends */
		char c;
		while (read(0, &c, 1) == 1)
			last = syscall(SYS_getppid);
		_exit(7);
	}
	return 99;
}

/* --- a module that does what its test says --- */

struct client {
	struct module m;
	enum disposition d;
	int64_t result;	    /* to supply, or to make of the result; 0: leave it */
	uint64_t third_arg; /* to put in the third argument's place; 0: leave it */
	int64_t inject;	    /* a call to inject at the start, or -1 */
	int64_t inject_exit;
	int64_t injected[2];
	uint64_t stops[2]; /* so far, at the first and at the last mark */
	int marks;
	int starts, exits, births, deaths, execs, signals, exitings;
	int64_t seen; /* the result of the last exit */
	pid_t former;
};

static enum disposition start(struct module *m, struct call *c)
{
	static const uint64_t none[6];
	struct client *k = m->state;
	if (c->nr == SYS_getpgrp) {
		k->stops[k->marks++ > 0] = ((struct tracee *)c->task)->loop->stats.stops;
		return DISP_CALL;
	}
	k->starts++;
	if (k->inject >= 0)
		k->injected[0] = loop_inject(c->task, k->inject, none);
	if (k->d == DISP_SKIP)
		c->result = k->result;
	if (k->third_arg)
		c->args[2] = k->third_arg;
	return k->d;
}

static void at_exit(struct module *m, struct call *c)
{
	static const uint64_t none[6];
	struct client *k = m->state;
	k->exits++;
	k->seen = c->result;
	if (k->inject_exit >= 0)
		k->injected[1] = loop_inject(c->task, k->inject_exit, none);
	if (k->result)
		c->result = k->result;
}

static void began(struct module *m, struct tracee *t, struct tracee *parent, enum birth how)
{
	(void)t, (void)parent, (void)how;
	((struct client *)m->state)->births++;
}

static void died(struct module *m, struct tracee *t, int status)
{
	(void)t, (void)status;
	((struct client *)m->state)->deaths++;
}

static void execed(struct module *m, struct tracee *t, pid_t former)
{
	struct client *k = m->state;
	(void)t;
	k->execs++;
	k->former = former;
}

static int got_signal(struct module *m, struct tracee *t, const siginfo_t *si)
{
	(void)t;
	((struct client *)m->state)->signals++;
	return si->si_signo;
}

static struct client client(enum disposition d, int64_t nr)
{
	struct client k = {.d = d, .inject = -1, .inject_exit = -1};
	k.m = (struct module){.name = "test",
			      .start = start,
			      .exit = at_exit,
			      .began = began,
			      .died = died,
			      .execed = execed,
			      .signal = got_signal};
	if (nr >= 0)
		mask_add(&k.m.wants, nr);
	return k;
}

/* Run this file as the program under the loop; its status. */
static int run(struct client *k, const struct loop_options *o, struct loop_stats *stats, const char *what,
	       const char *n)
{
	char *argv[] = {"unit", (char *)what, (char *)n, NULL};
	struct loop l;
	k->m.state = k;
	if (k->m.next)
		k->m.next->state = k->m.next;
	loop_init(&l, &k->m, o);
	assert_true(loop_start(&l, "/proc/self/exe", argv, NULL, NULL) > 0);
	assert_int_equal(loop_run(&l), 0);
	assert_int_equal(loop_exec_error(&l), 0);
	assert_true(WIFEXITED(l.leader_status));
	int status = WEXITSTATUS(l.leader_status);
	if (stats)
		*stats = l.stats;
	loop_free(&l);
	return status;
}

/* --- tests --- */

static void filter_is_the_mask(void **state)
{
	struct sock_filter code[FILTER_MASK_MAX];
	(void)state;
	for (unsigned seed = 0; seed < 40; seed++) {
		struct call_mask m = {0};
		srand(seed);
		for (int nr = 0; nr <= SYS_MAX; nr++) {
			if (rand() % 40 < (int)seed)
				mask_add(&m, nr);
		}
		unsigned n = filter_of_mask(&m, code);
		assert_true(n <= FILTER_MASK_MAX);
		for (int nr = -1; nr < SYS_MAX + 40; nr++) {
			struct seccomp_data sd = {.nr = nr, .arch = AUDIT_ARCH_X86_64};
			assert_int_equal(bpf_run(code, n, &sd),
					 mask_has(&m, nr) ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW);
			sd.arch = AUDIT_ARCH_I386;
			assert_int_equal(bpf_run(code, n, &sd), SECCOMP_RET_ALLOW);
		}
	}
}

/* How many stops 1000 calls cost; `marks`: those of the marks among them. */
static long cost(enum disposition d, int64_t nr, const struct loop_options *o, long marks)
{
	struct client k = client(d, nr);
	mask_add(&k.m.wants, SYS_getpgrp);
	run(&k, o, NULL, "calls", "1000");
	assert_int_equal(k.marks, 2);
	return (long)(k.stops[1] - k.stops[0]) - marks;
}

static void stops_of_each_disposition(void **state)
{
	const struct loop_options no_filter = {.no_filter = true};
	(void)state;
	assert_int_equal(cost(DISP_CALL_EXIT, SYS_getuid, NULL, 1), 0); /* outside of the mask */
	assert_int_equal(cost(DISP_CALL, SYS_getppid, NULL, 1), 1000);
	assert_int_equal(cost(DISP_SKIP, SYS_getppid, NULL, 1), 1000);
	assert_int_equal(cost(DISP_CALL_EXIT, SYS_getppid, NULL, 1), 2000);
	assert_int_equal(cost(DISP_SKIP, SYS_getppid, &no_filter, 2), 2000);
}

static void skipped_call_has_the_supplied_result(void **state)
{
	const struct loop_options no_filter = {.no_filter = true};
	struct client k = client(DISP_SKIP, SYS_getppid);
	(void)state;
	k.result = 42;
	assert_int_equal(run(&k, NULL, NULL, "calls", "2"), 42);
	assert_int_equal(run(&k, &no_filter, NULL, "calls", "2"), 42);
	assert_int_equal(k.starts, 4);
	assert_int_equal(k.exits, 0);
}

static void exit_may_change_the_result(void **state)
{
	struct client k = client(DISP_CALL_EXIT, SYS_getppid);
	(void)state;
	k.result = 43;
	assert_int_equal(run(&k, NULL, NULL, "calls", "2"), 43);
	assert_int_equal(k.seen, getpid());
}

static void start_may_change_the_arguments(void **state)
{
	int null[2];
	struct client k = client(DISP_CALL, SYS_write);
	(void)state;
	assert_int_equal(pipe(null), 0);
	int out = dup(1);
	dup2(null[1], 1);
	k.third_arg = 2;
	int status = run(&k, NULL, NULL, "write", "1");
	dup2(out, 1);
	assert_int_equal(status, 2);
}

static void injected_calls_leave_no_mark(void **state)
{
	(void)state;
	for (int filter = 0; filter < 2; filter++) {
		const struct loop_options o = {.no_filter = !filter};
		struct client k = client(DISP_CALL_EXIT, SYS_getppid);
		k.inject = SYS_getpgid; /* of process 0: its own */
		k.inject_exit = SYS_getppid;
		assert_int_equal(run(&k, &o, NULL, "calls", "5"), getpid() & 0x7f);
		assert_int_equal(k.injected[0], getpgrp());
		assert_int_equal(k.injected[1], getpid());
		assert_int_equal(k.starts, 5);
		assert_int_equal(k.seen, getpid());
	}
}

static enum disposition skip_with_9(struct module *m, struct call *c)
{
	(void)m;
	c->result = 9;
	return DISP_SKIP;
}

static void those_before_one_that_skips_hear_of_the_result(void **state)
{
	struct loop_stats stats;
	struct client k = client(DISP_CALL_EXIT, SYS_getppid);
	struct module below = {.name = "below", .start = skip_with_9};
	(void)state;
	mask_add(&below.wants, SYS_getppid);
	k.m.next = &below;
	assert_int_equal(run(&k, NULL, &stats, "calls", "1"), 9);
	assert_int_equal(k.exits, 1);
	assert_int_equal(k.seen, 9);
	assert_int_equal(stats.exits, 0);
}

static void children_signals_and_ends(void **state)
{
	struct client k = client(DISP_CALL_EXIT, SYS_getppid);
	(void)state;
	assert_int_equal(run(&k, NULL, NULL, "family", "20"), 0);
	assert_int_equal(k.births, 21);
	assert_int_equal(k.deaths, 21);
	assert_int_equal(k.starts, 20);
	assert_int_equal(k.exits, 20);
	assert_true(k.signals >= 20);
}

static void exec_in_a_thread(void **state)
{
	struct client k = client(DISP_CALL_EXIT, SYS_getppid);
	(void)state;
	assert_int_equal(run(&k, NULL, NULL, "exec", "0"), getpid() & 0x7f);
	assert_int_equal(k.births, 2);
	assert_int_equal(k.deaths, 2);
	assert_int_equal(k.execs, 2);
	assert_int_equal(k.starts, 3);
	assert_true(k.former > 0);
}

static void *run_in_thread(void *arg)
{
	for (int i = 0; i < 5; i++)
		run(arg, NULL, NULL, "family", "8");
	return NULL;
}

static void two_loops_in_two_threads(void **state)
{
	struct client a = client(DISP_CALL, SYS_getppid), b = client(DISP_CALL_EXIT, SYS_getppid);
	pthread_t other;
	(void)state;
	assert_int_equal(pthread_create(&other, NULL, run_in_thread, &a), 0);
	run_in_thread(&b);
	pthread_join(other, NULL);
	assert_int_equal(a.starts, 40);
	assert_int_equal(b.starts, 40);
	assert_int_equal(b.exits, 40);
	assert_int_equal(a.exits, 0);
	assert_int_equal(a.deaths, 45);
	assert_int_equal(b.deaths, 45);
}

static void failed_exec_tells_why(void **state)
{
	char *argv[] = {"nothing", NULL};
	struct client k = client(DISP_CALL, SYS_getppid);
	struct loop l;
	(void)state;
	k.m.state = &k;
	loop_init(&l, &k.m, NULL);
	assert_true(loop_start(&l, "/nothing/here", argv, NULL, NULL) > 0);
	assert_int_equal(loop_run(&l), 0);
	assert_int_equal(loop_exec_error(&l), ENOENT);
	assert_int_equal(WEXITSTATUS(l.leader_status), 127);
	loop_free(&l);
}

/* --- attach --- */

struct attached {
	struct loop l;
	struct client k;
	pid_t pid;
	int done;
};

static void *attach_and_run(void *arg)
{
	struct attached *a = arg;
	loop_init(&a->l, &a->k.m, NULL);
	if (loop_attach(&a->l, a->pid) || loop_run(&a->l))
		print_error("%s\n", err_msg());
	loop_free(&a->l);
	__atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void nothing(int sig)
{
	(void)sig;
}

static void attached_process_goes_on_after_the_end(void **state)
{
	int in[2], status;
	char c = 'x';
	pthread_t th;
	struct sigaction sa = {.sa_handler = nothing};
	struct attached a = {.k = client(DISP_CALL_EXIT, SYS_getppid)};
	(void)state;
	sigaction(SIGUSR2, &sa, NULL);
	assert_int_equal(pipe(in), 0);
	/* A process of another thread than the loop's. */
	a.pid = fork();
	if (!a.pid) {
		dup2(in[0], 0);
		close(in[1]);
		execl("/proc/self/exe", "unit", "forever", "0", NULL);
		_exit(98);
	}
	close(in[0]);
	a.k.m.state = &a.k;
	assert_int_equal(pthread_create(&th, NULL, attach_and_run, &a), 0);
	while (__atomic_load_n(&a.k.exits, __ATOMIC_ACQUIRE) < 10)
		assert_int_equal(write(in[1], &c, 1), 1);
	loop_ask_end(&a.l);
	while (!__atomic_load_n(&a.done, __ATOMIC_ACQUIRE))
		pthread_kill(th, SIGUSR2), usleep(1000);
	pthread_join(th, NULL);
	assert_int_equal(write(in[1], &c, 1), 1);
	close(in[1]);
	assert_int_equal(waitpid(a.pid, &status, 0), a.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_the_mask),
		cmocka_unit_test(stops_of_each_disposition),
		cmocka_unit_test(skipped_call_has_the_supplied_result),
		cmocka_unit_test(exit_may_change_the_result),
		cmocka_unit_test(start_may_change_the_arguments),
		cmocka_unit_test(injected_calls_leave_no_mark),
		cmocka_unit_test(those_before_one_that_skips_hear_of_the_result),
		cmocka_unit_test(children_signals_and_ends),
		cmocka_unit_test(exec_in_a_thread),
		cmocka_unit_test(two_loops_in_two_threads),
		cmocka_unit_test(failed_exec_tells_why),
		cmocka_unit_test(attached_process_goes_on_after_the_end),
	};
	if (argc == 3)
		return program(argv[1], atoi(argv[2]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
