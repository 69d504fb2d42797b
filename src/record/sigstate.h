/* Signals of a task, for those who deliver them (signals.c). */
#ifndef RECORD_SIGSTATE_H
#define RECORD_SIGSTATE_H

#include "record/session.h"

#define BIT(sig) (1ull << ((sig)-1))

/* Was the signal raised by an instruction of the task itself? */
bool signal_is_fault(int sig, const siginfo_t *si);
/* Keep a signal for the next station. As in the kernel's queue, a standard signal waits
 * once however often it comes; realtime signals all do, but for those of a timer, which counts
 * how often it was due meanwhile. */
void signal_hold(struct rtask *t, const siginfo_t *si);

#endif
