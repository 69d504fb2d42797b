#include "interpose/cpu.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define WINDOW 8	  /* stops after which a task's place is looked at */
#define NEAR_NS 300000ull /* from one stop to the next, below which it comes near */
#define FAR_NS 2000000ull /* above which it goes away */

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void cpu_begin(struct cpu_home *h)
{
	h->cpu = -1;
	h->off = sched_getaffinity(0, sizeof(h->cpus), &h->cpus) || CPU_COUNT(&h->cpus) < 2;
}

void cpu_end(struct cpu_home *h)
{
	if (h->cpu >= 0)
		sched_setaffinity(0, sizeof(h->cpus), &h->cpus);
	hmap_free(&h->near);
}

static void go_away(struct cpu_home *h, struct cpu_use *u)
{
	sched_setaffinity(u->tid, sizeof(u->cpus), &u->cpus);
	u->near = false;
	hmap_del(&h->near, (uint64_t)u->tid);
}

/* Those that have come near and do not stop any more would keep the CPU to themselves. */
static void clear_out(struct cpu_home *h, uint64_t now)
{
	bool again = true;
	while (again) {
		size_t i = 0;
		struct cpu_use *u;
		again = false;
		while (!again && (u = hmap_next(&h->near, &i))) {
			again = now - u->since > WINDOW * FAR_NS;
			if (again)
				go_away(h, u);
		}
	}
}

static void come_near(struct cpu_home *h, struct cpu_use *u, uint64_t now)
{
	cpu_set_t one;
	if (sched_getaffinity(u->tid, sizeof(u->cpus), &u->cpus))
		return;
	CPU_ZERO(&one);
	if (h->cpu < 0) {
		int cpu = sched_getcpu();
		CPU_SET(cpu, &one);
		if (cpu < 0 || sched_setaffinity(0, sizeof(one), &one))
			return;
		h->cpu = cpu;
	}
	clear_out(h, now);
	if (!CPU_ISSET(h->cpu, &u->cpus))
		return;
	CPU_SET(h->cpu, &one);
	if (sched_setaffinity(u->tid, sizeof(one), &one))
		return;
	u->near = u->was_near = true;
	hmap_set(&h->near, (uint64_t)u->tid, u);
}

void cpu_stopped(struct cpu_home *h, struct cpu_use *u)
{
	if (h->off || ++u->stops < WINDOW)
		return;
	uint64_t now = now_ns(), took = now - u->since;
	u->stops = 0;
	u->since = now;
	if (u->near && took > WINDOW * FAR_NS)
		go_away(h, u);
	else if (!u->near && took < WINDOW * NEAR_NS)
		come_near(h, u, now);
}

void cpu_born(struct cpu_home *h, struct cpu_use *u, const struct cpu_use *parent)
{
	if (parent && parent->was_near)
		sched_setaffinity(u->tid, sizeof(parent->cpus), &parent->cpus);
	u->since = h->off ? 0 : now_ns();
}

void cpu_died(struct cpu_home *h, struct cpu_use *u)
{
	hmap_del(&h->near, (uint64_t)u->tid);
}

bool cpu_shows(int64_t nr)
{
	return nr == SYS_sched_getaffinity || nr == SYS_sched_setaffinity;
}

void cpu_mask(struct call_mask *m)
{
	mask_add(m, SYS_sched_getaffinity);
	mask_add(m, SYS_sched_setaffinity);
}

void cpu_restore_all(struct cpu_home *h)
{
	size_t i = 0;
	struct cpu_use *u;
	while ((u = hmap_next(&h->near, &i))) {
		go_away(h, u);
		i = 0;
	}
}
