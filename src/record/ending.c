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

struct ending {
	volatile sig_atomic_t asked_by, pass_on; /* signal numbers, or 0 */
	sem_t asked, over;
	atomic_bool used, killed;
	bool watched; /* by the thread: */
	pthread_t thread;
	pid_t tracer;
	const char *dir;
	struct ending *next;
};

/* Signal handlers are the process's, so this is too: one for each of the recordings that there are at a time.
 * None is ever freed, since a handler may be looking at it. */
static struct ending *_Atomic endings;

static struct ending *take_free(void)
{
	for (struct ending *e = endings; e; e = e->next) {
		if (!atomic_exchange(&e->used, true))
			return e;
	}
	struct ending *e = xcalloc(1, sizeof(*e));
	e->used = true;
	sem_init(&e->asked, 0, 0);
	sem_init(&e->over, 0, 0);
	e->next = endings;
	while (!atomic_compare_exchange_weak(&endings, &e->next, e))
		;
	return e;
}

static void on_request(int sig, siginfo_t *si, void *context)
{
	(void)context;
	/* What a terminal sends for ^C the command gets too, and decides what it means. */
	if (sig == SIGINT && si->si_code > 0)
		return;
	for (struct ending *e = endings; e; e = e->next) {
		e->asked_by = e->pass_on = sig;
		if (e->used)
			sem_post(&e->asked);
	}
}

/* Is the recording over within `ms`? */
static bool over_within(struct ending *e, long ms)
{
	struct timespec until;
	int rc;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while ((rc = sem_timedwait(&e->over, &until)) && errno == EINTR)
		;
	return !rc;
}

static void kill_tracees(pid_t tracer)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;
	struct proc_status p;
	while (d && (entry = readdir(d))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (pid && !proc_status(pid, &p) && p.tracer == tracer)
			kill(pid, SIGKILL);
	}
	if (d)
		closedir(d);
}

static void *watch(void *arg)
{
	struct ending *e = arg;
	while (sem_wait(&e->asked) && errno == EINTR)
		;
	if (over_within(e, PATIENCE_MS))
		return NULL;
	e->killed = true;
	for (int i = 0; i < KILLS; i++) {
		kill_tracees(e->tracer);
		if (over_within(e, KILL_EVERY_MS))
			return NULL;
	}
	say("a task does not even die; the trace holds what was written before");
	traces_set_latest(e->dir);
	_exit(125);
}

/* Without the thread a signal is still passed on to the command. */
static void start_thread(struct ending *e)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e->watched = !pthread_create(&e->thread, NULL, watch, e);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void ending_start(struct recorder *s)
{
	struct sigaction ask = {.sa_sigaction = on_request, .sa_flags = SA_SIGINFO}, hup;
	struct ending *e = s->ending = take_free();
	while (!sem_trywait(&e->asked) || !sem_trywait(&e->over))
		;
	e->asked_by = e->pass_on = 0;
	e->killed = false;
	e->tracer = gettid();
	e->dir = s->dir;
	start_thread(e);
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
	int sig = s->ending ? s->ending->pass_on : 0;
	if (!sig)
		return;
	s->ending->pass_on = 0;
	/* The command if it is there, else whatever it left behind. */
	if ((t = task_find(s, s->root))) {
		kill(t->tid, sig);
		return;
	}
	while ((t = hmap_next(&s->tasks, &i)))
		kill(t->proc->tgid, sig);
}

void ending_over(struct recorder *s)
{
	struct ending *e = s->ending;
	if (!e)
		return;
	if (e->watched) {
		sem_post(&e->over);
		sem_post(&e->asked);
		pthread_join(e->thread, NULL);
	}
	if (e->killed)
		say("%s did not end the command: it was killed", strsignal(e->asked_by));
	s->ending = NULL;
	e->used = false;
}
