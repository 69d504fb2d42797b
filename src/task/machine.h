/* What this machine can do. Some virtual machines accept a setting and do nothing. */
#ifndef TASK_MACHINE_H
#define TASK_MACHINE_H

#include <stdbool.h>

/* Does a task stop at an address that a debug register holds? Starts a process to find out, which
 * takes about a millisecond: ask once. */
bool machine_debug_registers(void);
/* Does rdtsc trap in a task that has asked for it (PR_SET_TSC)? As costly. */
bool machine_rdtsc_traps(void);

#endif
