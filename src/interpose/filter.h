/* The seccomp filter that makes a tracee's system calls stop it. */
#ifndef INTERPOSE_FILTER_H
#define INTERPOSE_FILTER_H

/* What the filter tells with a stop (PTRACE_GETEVENTMSG). */
enum filter_msg {
	FILTER_CALL = 0,
	FILTER_FOREIGN = 1, /* not a 64-bit call (int $0x80) */
};

/* Install it in the calling thread. Calls made by the runtime's own code below
 * RUNTIME_TRACED pass. 0 or -errno. */
int filter_install(void);

#endif
