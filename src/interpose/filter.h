/* The seccomp filter that makes a tracee's system calls stop it. */
#ifndef INTERPOSE_FILTER_H
#define INTERPOSE_FILTER_H

/* Install it in the calling thread. Calls made by the runtime's own code below
 * RUNTIME_TRACED pass. Calls that are not 64-bit ones (int $0x80) raise SIGSYS, whose
 * siginfo names the architecture. 0 or -errno. */
int filter_install(void);

#endif
