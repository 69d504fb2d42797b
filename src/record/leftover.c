/* Processes that the command leaves behind when its first process ends: daemons, background jobs of a
 * shell. A shell would go on, and so does whoever waits for the recorder. What the end of the first
 * process sets off still happens (a reader gets its end of file and writes what it has, a server is
 * being started): what is left is ended when all of it waits for something. */
#include "record/session.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "task/proc.h"
#include "task/tsc.h"

#define REST_NS 50000000ull    /* that all of them wait: who sleeps for a moment goes on */
#define GRACE_NS 1000000000ull /* of CPU time, for those that never wait */
#define KILL_NS 200000000ull   /* from the decision on, for those that come to no station */
#define NAMES_MAX 4

/* The kernel wakes whoever the end of a process concerns before it reports that end, so a task that is
 * asleep now has nothing more to do about it. */
static bool at_rest(const struct rtask *t)
{
	if (t->queued || t->has_status)
		return false;
	char st = t->state == TS_STOPPED ? 'T' : proc_state(t->tid);
	return st == 'T' || (st == 'S' && t->state == TS_KERNEL) ||
	       (t->state == TS_EXITING && (!st || st == 'Z' || st == 'X'));
}

static bool all_at_rest(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = hmap_next(&s->tasks, &i))) {
		if (!at_rest(t))
			return false;
	}
	return true;
}

/* Append the name of process `pid`, the nth, if there are not too many already. */
static void add_name(struct buf *names, pid_t pid, unsigned n)
{
	char path[32];
	if (n > 1 && n <= NAMES_MAX + 1)
		buf_put(names, ", ", 2);
	if (n == NAMES_MAX + 1)
		buf_put(names, "...", 3);
	if (n > NAMES_MAX)
		return;
	size_t at = names->len;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (file_slurp(path, names, at + 64) || names->len == at)
		buf_put(names, "?", 1);
	if (names->data[names->len - 1] == '\n')
		names->len--;
	for (; at < names->len; at++)
		names->data[at] = isprint(names->data[at]) ? names->data[at] : '?';
}

/* Kill the processes of which no task runs. A task that runs is killed at its next station
 * (leftover_station): what its last calls wrote is on record then. */
static void kill_rest(struct recorder *s, bool all)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = hmap_next(&s->tasks, &i)))
		t->proc->runs = false;
	for (i = 0; (t = hmap_next(&s->tasks, &i));) {
		t->proc->runs |= !at_rest(t);
		if (t->state == TS_USER && !t->has_status) {
			buffer_want_stop(t);
			safepoint_arm(t);
		}
	}
	for (i = 0; (t = hmap_next(&s->tasks, &i));) {
		if (all || !t->proc->runs)
			kill(t->proc->tgid, SIGKILL);
	}
}

void leftover_station(const struct recorder *s, const struct rtask *t)
{
	if (s->rest_ended)
		kill(t->proc->tgid, SIGKILL);
}

static void end_rest(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	unsigned n = 0;
	struct buf names = {0};
	while ((t = hmap_next(&s->tasks, &i))) {
		if (t->exit_logged || task_dying(t) || t->proc->ended)
			continue;
		t->proc->ended = true;
		add_name(&names, t->proc->tgid, ++n);
	}
	s->rest_ended = coarse_ns();
	kill_rest(s, false);
	if (n)
		say("ended %u process%s that the command had left behind (%.*s); with --wait the recording "
		    "goes on "
		    "until the last one ends",
		    n, n == 1 ? "" : "es", (int)names.len, (const char *)names.data);
	buf_free(&names);
}

/* Have all been at rest for long enough, without a stop? */
static bool has_rested(struct recorder *s, uint64_t now)
{
	if (!all_at_rest(s) || s->rest_stops != s->stats.stops) {
		s->rest_stops = s->stats.stops;
		s->rest_since = now;
	}
	return now - s->rest_since >= REST_NS;
}

/* The CPU time of the process so far, in ns; see make_process_cpuclock, include/linux/posix-timers.h. */
static uint64_t cpu_time(pid_t pid)
{
	struct timespec ts;
	if (clock_gettime((clockid_t)(~(unsigned)pid << 3 | 2), &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* Add what the recorder and those who are left have used since the last time: on a busy machine they get as
 * far as on an idle one. What ends takes its time with it. */
static void count_time(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	uint64_t sum = cpu_time(getpid());
	while ((t = hmap_next(&s->tasks, &i)))
		sum += t->tid == t->proc->tgid ? cpu_time(t->tid) : 0;
	if (s->rest_seen && sum > s->rest_seen)
		s->rest_used += sum - s->rest_seen;
	s->rest_seen = sum;
}

void leftover_tick(struct recorder *s)
{
	uint64_t now = coarse_ns();
	if (!s->root_gone || s->wait || !s->ntasks)
		return;
	count_time(s);
	if (s->rest_ended)
		kill_rest(s, now - s->rest_ended >= KILL_NS);
	else if (has_rested(s, now) || s->rest_used >= GRACE_NS)
		end_rest(s);
}
