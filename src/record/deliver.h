/* Delivering signals. */
#ifndef RECORD_DELIVER_H
#define RECORD_DELIVER_H

#include "record/session.h"

/* Let the handler of `sig`, at whose stop `t` is, begin. */
struct action signal_deliver(struct recorder *s, struct rtask *t, int sig, enum sig_where where);
/* Begin the event of a signal. */
void signal_begin_event(struct recorder *s, struct rtask *t, int sig, enum sig_where where);
/* Add to it what debuggers show, and the handler finds in its frame. *si lives until log_put. */
void signal_log_info(struct recorder *s, const siginfo_t *si);
bool signal_from_timer(const siginfo_t *si);
/* A timer's signal that is due when a handler returns may as well come a little later: where
 * timers are faster than their signals are recorded, the code between must go on too. */
bool signal_may_come_later(const struct rtask *t, const siginfo_t *si);

#endif
