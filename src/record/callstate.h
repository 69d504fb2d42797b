/* The call that a task is in, for those who follow it from its start to its end. */
#ifndef RECORD_CALLSTATE_H
#define RECORD_CALLSTATE_H

#include "record/session.h"

void call_set_args(regs_t *r, const uint64_t a[6]);
void call_get_args(const regs_t *r, uint64_t a[6]);
/* The call whose memory matters: restart_syscall goes on with an earlier one. */
int64_t call_effective(const struct rtask *t, const uint64_t **args);
/* Code that the call writes can be written then (fetch.c). True: `t` has made calls because of that. */
bool call_hold_written(struct recorder *s, struct rtask *t);
/* The event of the call's end, with `result`; *r: the registers that the program gets. */
void call_finish(struct recorder *s, struct rtask *t, regs_t *r, int64_t result);

#endif
