/* Clocks and waits of a diversion. A clock begins where the recording is, and shows 10 us more at each look,
 * which is about what a look costs. Nothing else runs: so a wait with an end is over at once, and the clocks
 * show it. The same call has the same results each time. */
#include "replay/divert.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define SECOND 1000000000ull
#define LOOK_NS 10000
#define SECONDS_MOST 9000000000ll /* which in ns 63 bits still hold */

void divert_clock_begin(struct replay *s)
{
	s->dv->clock = reader_start(s->rd) + reader_time(s->rd, s->done);
}

/* How far a clock is behind CLOCK_REALTIME. False: nothing tells. */
static bool behind(const struct replay *s, uint64_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = 0;
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		*ns = s->meta.monotonic_behind;
		return *ns;
	case CLOCK_BOOTTIME:
		*ns = s->meta.boottime_behind;
		return *ns;
	}
	return false;
}

static uint64_t look(const struct asked *c)
{
	return c->s->dv->clock += LOOK_NS;
}

static int64_t put(const struct asked *c, uint64_t addr, const void *data, size_t len)
{
	return mem_write(c->t->pid, addr, data, len) ? -EFAULT : 0;
}

int64_t divert_clock_gettime(const struct asked *c)
{
	uint64_t off;
	if (!behind(c->s, c->a[0], &off))
		return divert_make(c);
	uint64_t now = look(c) - off;
	struct timespec ts = {(time_t)(now / SECOND), (long)(now % SECOND)};
	return put(c, c->a[1], &ts, sizeof(ts));
}

int64_t divert_gettimeofday(const struct asked *c)
{
	uint64_t now = look(c);
	struct timeval tv = {(time_t)(now / SECOND), (suseconds_t)(now % SECOND / 1000)};
	return c->a[0] ? put(c, c->a[0], &tv, sizeof(tv)) : 0;
}

int64_t divert_time(const struct asked *c)
{
	int64_t now = (int64_t)(look(c) / SECOND);
	return c->a[0] && put(c, c->a[0], &now, sizeof(now)) ? -EFAULT : now;
}

/* --- waits --- */

/* The time that a struct timespec tells: ns, or -errno. */
static int64_t time_at(const struct asked *c, uint64_t addr)
{
	struct timespec ts;
	if (mem_read(c->t->pid, addr, &ts, sizeof(ts)) != sizeof(ts))
		return -EFAULT;
	if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= (long)SECOND)
		return -EINVAL;
	return (ts.tv_sec < SECONDS_MOST ? ts.tv_sec : SECONDS_MOST) * (int64_t)SECOND + ts.tv_nsec;
}

static int64_t pass(const struct asked *c, int64_t ns)
{
	if (ns < 0)
		return ns;
	c->s->dv->clock += (uint64_t)ns;
	return 0;
}

/* Until `clock` shows it. */
static int64_t pass_until(const struct asked *c, uint64_t clock, int64_t ns)
{
	uint64_t off = 0;
	behind(c->s, clock, &off);
	if (ns > 0 && (uint64_t)ns + off > c->s->dv->clock)
		c->s->dv->clock = (uint64_t)ns + off;
	return ns < 0 ? ns : 0;
}

int64_t divert_nanosleep(const struct asked *c)
{
	return pass(c, time_at(c, c->a[0]));
}

int64_t divert_clock_nanosleep(const struct asked *c)
{
	int64_t ns = time_at(c, c->a[2]);
	return c->a[1] & TIMER_ABSTIME ? pass_until(c, c->a[0], ns) : pass(c, ns);
}

/* poll and epoll_wait: milliseconds. */
int64_t divert_poll(const struct asked *c)
{
	int32_t ms = (int32_t)c->a[c->nr == SYS_poll ? 2 : 3];
	return ms < 0 ? WAITS_FOR_EVER : pass(c, ms * 1000000ll);
}

int64_t divert_ppoll(const struct asked *c)
{
	return c->a[2] ? pass(c, time_at(c, c->a[2])) : WAITS_FOR_EVER;
}

/* select and pselect6: no descriptor is ready. */
int64_t divert_select(const struct asked *c)
{
	static const uint8_t none[128];
	struct timeval tv;
	uint64_t n = (c->a[0] + 63) / 64 * 8;
	if (!c->a[4])
		return WAITS_FOR_EVER;
	for (int i = 1; i <= 3; i++) {
		if (c->a[i] && (n > sizeof(none) || put(c, c->a[i], none, n)))
			return -EFAULT;
	}
	if (c->nr == SYS_pselect6)
		return pass(c, time_at(c, c->a[4]));
	if (mem_read(c->t->pid, c->a[4], &tv, sizeof(tv)) != sizeof(tv))
		return -EFAULT;
	bool good = tv.tv_sec >= 0 && tv.tv_sec < SECONDS_MOST && tv.tv_usec >= 0 && tv.tv_usec < 1000000;
	return good ? pass(c, tv.tv_sec * (int64_t)SECOND + tv.tv_usec * 1000) : -EINVAL;
}

/* With FUTEX_WAIT the time is relative, with FUTEX_WAIT_BITSET it is when the wait ends. */
static int64_t futex_wait(const struct asked *c)
{
	uint32_t word;
	if (mem_read(c->t->pid, c->a[0], &word, 4) != 4)
		return -EFAULT;
	if (word != (uint32_t)c->a[2])
		return -EAGAIN;
	if (!c->a[3])
		return WAITS_FOR_EVER;
	int64_t ns = time_at(c, c->a[3]);
	uint64_t clock = c->a[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	int64_t rc = (c->a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT ? pass(c, ns) : pass_until(c, clock, ns);
	return rc ? rc : -ETIMEDOUT;
}

int64_t divert_futex(const struct asked *c)
{
	switch (c->a[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return futex_wait(c);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return 0; /* nobody waits here */
	}
	return NO_ANSWER;
}
