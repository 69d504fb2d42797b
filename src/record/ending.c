/* Ending a recording by a signal to the recorder. The command gets the signal first, and may end as it likes;
 * a second later whatever still runs is killed, from a thread of its own: whatever the recorder
 * waits for then comes, if only because the task is dead. Should that be in vain too (a task in the
 * kernel that nothing can wake), the recorder ends with what is on disk. */
#include "record/session.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "task/proc.h"
#include "trace/meta.h"

#define PATIENCE_MS 1000 /* from the signal on, for the command */
#define KILL_EVERY_MS 100
#define KILLS 8 /* the recorder's own time to end: as many times KILL_EVERY_MS */

/* Signal handlers are the process's, so this is too. */
static struct {
	volatile sig_atomic_t asked_by, pass_on; /* signal numbers, or 0 */
	sem_t asked, over;
	atomic_bool killed;
	pthread_t thread;
	pid_t tracer;
	const char *dir;
} ending;

static void on_request(int sig, siginfo_t *si, void *context)
{
	(void)context;
	/* What a terminal sends for ^C the command gets too, and decides what it means. */
	if (sig == SIGINT && si->si_code > 0)
		return;
	ending.asked_by = ending.pass_on = sig;
	sem_post(&ending.asked);
}

/* Is the recording over within `ms`? */
static bool over_within(long ms)
{
	struct timespec until;
	int rc;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while ((rc = sem_timedwait(&ending.over, &until)) && errno == EINTR)
		;
	return !rc;
}

static void kill_tracees(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	struct proc_status p;
	while (d && (e = readdir(d))) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : 0;
		if (pid && !proc_status(pid, &p) && p.tracer == ending.tracer)
			kill(pid, SIGKILL);
	}
	if (d)
		closedir(d);
}

static void *watch(void *arg)
{
	(void)arg;
	while (sem_wait(&ending.asked) && errno == EINTR)
		;
	if (over_within(PATIENCE_MS))
		return NULL;
	ending.killed = true;
	for (int i = 0; i < KILLS; i++) {
		kill_tracees();
		if (over_within(KILL_EVERY_MS))
			return NULL;
	}
	say("a task does not even die; the trace holds what was written before");
	traces_set_latest(ending.dir);
	_exit(125);
}

/* Without the thread a signal is still passed on to the command. */
static void start_thread(void)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&ending.thread, NULL, watch, NULL))
		ending.tracer = 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void ending_start(struct recorder *s)
{
	struct sigaction ask = {.sa_sigaction = on_request, .sa_flags = SA_SIGINFO}, hup;
	sem_init(&ending.asked, 0, 0);
	sem_init(&ending.over, 0, 0);
	ending.asked_by = ending.pass_on = 0;
	ending.killed = false;
	ending.tracer = gettid();
	ending.dir = s->dir;
	start_thread();
	sigaction(SIGINT, &ask, NULL);
	sigaction(SIGTERM, &ask, NULL);
	/* nohup wants the command, and so the recording, to outlive the terminal. */
	if (!sigaction(SIGHUP, NULL, &hup) && hup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &ask, NULL);
}

void ending_tick(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	int sig = ending.pass_on;
	if (!sig)
		return;
	ending.pass_on = 0;
	/* The command if it is there, else whatever it left behind. */
	if ((t = task_find(s, s->root))) {
		kill(t->tid, sig);
		return;
	}
	while ((t = hmap_next(&s->tasks, &i)))
		kill(t->proc->tgid, sig);
}

void ending_over(void)
{
	if (!ending.tracer)
		return;
	sem_post(&ending.over);
	sem_post(&ending.asked);
	pthread_join(ending.thread, NULL);
	ending.tracer = 0;
	if (ending.killed)
		say("%s did not end the command: it was killed", strsignal(ending.asked_by));
}
