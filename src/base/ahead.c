#include "base/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "base/mem.h"

#define THREADS_MAX 16

struct ahead {
	void (*fn)(void *ctx, size_t part);
	void *ctx;
	size_t parts, window;
	size_t begun, wanted; /* parts that somebody has taken; the one waited for */
	bool *done;
	bool end;
	pthread_mutex_t lock;
	pthread_cond_t change;
	pthread_t thread[THREADS_MAX];
	unsigned nthreads;
};

/* With the lock held, as at its return. */
static bool do_next(struct ahead *a)
{
	if (a->begun == a->parts || a->begun >= a->wanted + a->window)
		return false;
	size_t part = a->begun++;
	pthread_mutex_unlock(&a->lock);
	a->fn(a->ctx, part);
	pthread_mutex_lock(&a->lock);
	a->done[part] = true;
	pthread_cond_broadcast(&a->change);
	return true;
}

static void *help(void *arg)
{
	struct ahead *a = arg;
	pthread_mutex_lock(&a->lock);
	while (!a->end && a->begun < a->parts) {
		if (!do_next(a))
			pthread_cond_wait(&a->change, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Signals are for the caller; CPUs may be others than its own. */
static void start_threads(struct ahead *a, const cpu_set_t *cpus)
{
	cpu_set_t own;
	sigset_t all, old;
	pthread_attr_t attr;
	if (sched_getaffinity(0, sizeof(own), &own))
		CPU_ZERO(&own);
	cpus = cpus ? cpus : &own;
	unsigned n = (unsigned)CPU_COUNT(cpus);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (a->nthreads + 1 < n && a->nthreads + 1 < a->parts && a->nthreads < THREADS_MAX &&
	       !pthread_create(&a->thread[a->nthreads], &attr, help, a))
		a->nthreads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
}

struct ahead *ahead_start(size_t parts, size_t window, void (*fn)(void *ctx, size_t part), void *ctx,
			  const cpu_set_t *cpus)
{
	struct ahead *a = xcalloc(1, sizeof(*a));
	a->fn = fn;
	a->ctx = ctx;
	a->parts = parts;
	a->window = window ? window : 1;
	a->done = xcalloc(parts + 1, sizeof(*a->done));
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->change, NULL);
	start_threads(a, cpus);
	return a;
}

void ahead_wait(struct ahead *a, size_t part)
{
	pthread_mutex_lock(&a->lock);
	a->wanted = part;
	pthread_cond_broadcast(&a->change);
	while (!a->done[part]) {
		if (!do_next(a))
			pthread_cond_wait(&a->change, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
}

void ahead_end(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->end = true;
	pthread_cond_broadcast(&a->change);
	pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->nthreads; i++)
		pthread_join(a->thread[i], NULL);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->change);
	free(a->done);
	free(a);
}
