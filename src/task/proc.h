/* What /proc says about a task, and the machine's CPU. */
#ifndef TASK_PROC_H
#define TASK_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_status {
	char state; /* R S D T t Z X */
	int tgid, ppid, tracer;
	uint64_t blocked, ignored, caught, pending; /* bit N-1 is signal N */
	uint64_t cap_effective;			    /* bit N is capability N */
};

/* Read /proc/TID/status. 0 or -errno. */
int proc_status(pid_t tid, struct proc_status *out);
#define PID_LEVELS 33 /* MAX_PID_NS_LEVEL and the first, include/linux/pid_namespace.h */
/* The task's number in each PID namespace that it is in, the outermost first; how many. */
unsigned proc_pids(pid_t tid, pid_t out[PID_LEVELS]);
/* The state letter alone (from /proc/TID/stat), or 0 when the task is gone. */
char proc_state(pid_t tid);

#endif
