/* Tasks that stop often share the loop's CPU: a stop costs 4 to 8 us there, and 80 us across CPUs. Tasks that
 * stop rarely run where the kernel puts them. The program sees none of that: before any task asks for the
 * processors that it may use, or sets them, all get back what they had (/proc/PID/status shows the truth). */
#ifndef INTERPOSE_CPU_H
#define INTERPOSE_CPU_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hmap.h"
#include "interpose/chain.h"

/* Of a task. */
struct cpu_use {
	pid_t tid;
	bool near;	/* on the loop's CPU */
	bool was_near;	/* once: `cpus` is known */
	cpu_set_t cpus; /* what it may use by right */
	uint32_t stops; /* since `since` (ns) */
	uint64_t since;
};

/* Of a loop. */
struct cpu_home {
	int cpu;	  /* -1: no task is near, and none was */
	cpu_set_t cpus;	  /* what the loop's thread may use by right */
	struct hmap near; /* struct cpu_use by tid */
	bool off;	  /* there is one CPU only */
};

void cpu_begin(struct cpu_home *h);
void cpu_end(struct cpu_home *h);
/* The task has stopped. */
void cpu_stopped(struct cpu_home *h, struct cpu_use *u);
/* A task that a task with `parent` has made, or that was started (NULL). */
void cpu_born(struct cpu_home *h, struct cpu_use *u, const struct cpu_use *parent);
void cpu_died(struct cpu_home *h, struct cpu_use *u);
/* The calls before which cpu_restore_all is due. */
void cpu_mask(struct call_mask *m);
bool cpu_shows(int64_t nr);
void cpu_restore_all(struct cpu_home *h);

#endif
