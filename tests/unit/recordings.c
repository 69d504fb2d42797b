/* Nothing of a recording or a replay is process-wide (DESIGN.md, invariant 9). */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "record/record.h"
#include "replay/replay.h"

#define JOBS 2

struct job {
	char *argv[4];
	char dir[64];
	int status;
};

static void *record(void *arg)
{
	struct job *j = arg;
	struct record_options opt = {.argv = j->argv, .dir = j->dir};
	j->status = record_run(&opt);
	return NULL;
}

static void *replay(void *arg)
{
	struct job *j = arg;
	struct replay_options opt = {.dir = j->dir};
	struct request all = {0};
	struct stop stop = {0};
	struct replay *r = replay_open(&opt);
	j->status = -1;
	if (!r)
		return NULL;
	do
		replay_resume(r, &all, &stop);
	while (stop.why != STOP_END && stop.why != STOP_DIVERGED && stop.why != STOP_FAILED);
	if (stop.why == STOP_END)
		j->status = WEXITSTATUS(stop.code);
	replay_close(r);
	return NULL;
}

/* In a process of its own, which ends as soon as that is done: recordings do not free all that they have. */
static int at_once(struct job *jobs, void *(*what)(void *))
{
	int status;
	pid_t pid = fork();
	if (pid > 0)
		return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	pthread_t threads[JOBS];
	for (int i = 0; i < JOBS; i++) {
		if (pthread_create(&threads[i], NULL, what, &jobs[i]))
			_exit(100);
	}
	for (int i = 0; i < JOBS; i++)
		pthread_join(threads[i], NULL);
	_exit(jobs[0].status == 3 && jobs[1].status == 4 ? 0 : 1);
}

static void two_recordings_and_two_replays_on_threads_of_one_process(void **s)
{
	(void)s;
#ifdef __SANITIZE_ADDRESS__
	print_message(
		"AddressSanitizer's allocator reads the clock by rdtsc, which a recorder's thread cannot\n");
	skip();
#endif
	char base[] = "/tmp/reprise-recordings-XXXXXX";
	struct job jobs[JOBS] = {
		{{"/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do (true) & done; wait; sleep 0.1; exit 3",
		  NULL},
		 "",
		 0},
		{{"/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do /bin/true; done; exit 4", NULL}, "", 0},
	};
	assert_non_null(mkdtemp(base));
	setenv("REPRISE_TRACE_DIR", base, 1);
	for (int i = 0; i < JOBS; i++)
		snprintf(jobs[i].dir, sizeof(jobs[i].dir), "%s/%d", base, i);
	assert_int_equal(at_once(jobs, record), 0);
	assert_int_equal(at_once(jobs, replay), 0);
	rm_r(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_recordings_and_two_replays_on_threads_of_one_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
