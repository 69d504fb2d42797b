/* strace: the system calls of a command, and of all processes and threads that it starts.
 *
 *     cc strace.c $(pkg-config --cflags --libs reprise-interpose) -o strace
 *     ./strace [-e SET] COMMAND [ARGUMENT...]
 *
 * SET names calls like openat,read or %file. All others cost the command nothing. */
#define _GNU_SOURCE
#include <reprise/interpose.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void show(struct reprise_call *call, const char *behind)
{
	char text[4096];
	reprise_decode(call, text, sizeof(text));
	fprintf(stderr, "[%d] %s%s\n", (int)reprise_tid(call->task), text, behind);
}

static enum reprise_disposition start(void *state, struct reprise_call *call)
{
	(void)state;
	if (call->nr == SYS_exit || call->nr == SYS_exit_group) {
		show(call, ") = ?"); /* they do not return: one stop is enough */
		return REPRISE_RUN;
	}
	reprise_decode(call, NULL, 0); /* keep what the arguments are now: the call may change memory */
	return REPRISE_RUN_EXIT;
}

static void at_exit(void *state, struct reprise_call *call)
{
	(void)state;
	show(call, "");
}

static int got_signal(void *state, struct reprise_task *task, int sig, const void *info)
{
	(void)state, (void)info;
	fprintf(stderr, "[%d] --- %s ---\n", (int)reprise_tid(task), strsignal(sig));
	return sig; /* deliver it */
}

static void died(void *state, struct reprise_task *task, int status)
{
	(void)state;
	if (status != -1 && WIFEXITED(status))
		fprintf(stderr, "[%d] +++ exited with %d +++\n", (int)reprise_tid(task), WEXITSTATUS(status));
	else
		fprintf(stderr, "[%d] +++ killed +++\n", (int)reprise_tid(task));
}

int main(int argc, char **argv)
{
	struct reprise_handlers handlers = {.size = sizeof(handlers),
					    .start = start,
					    .exit = at_exit,
					    .signal = got_signal,
					    .died = died};
	int with_set = argc > 2 && !strcmp(argv[1], "-e");
	if (argc < 2 + 2 * with_set)
		return fprintf(stderr, "usage: strace [-e SET] COMMAND [ARGUMENT...]\n"), 125;

	struct reprise *r = reprise_new(0);
	struct reprise_client *c = reprise_add(r, &handlers, NULL);
	if (reprise_want(c, with_set ? argv[2] : "all") ||
	    reprise_start(r, argv + 1 + 2 * with_set, NULL, NULL) < 0 || reprise_run(r)) {
		fprintf(stderr, "strace: %s\n", reprise_error(r));
		return 125;
	}
	int status = reprise_status(r);
	reprise_free(r);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
