#ifndef RECORD_RESUME_H
#define RECORD_RESUME_H

#include "record/session.h"

/* `t` is the next of its group to run: those who ran before are where others may overtake them. */
void sched_switch_to(struct recorder *s, struct rtask *t);

#endif
