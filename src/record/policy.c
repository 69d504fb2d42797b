/* Scheduling policies and processors that programs ask for. All tasks and the recorder share one
 * CPU, which a realtime task would not let go. So tasks never are realtime while they run: for a
 * call that sets or asks for that, the kernel is told the truth, answers, and what it then says of
 * the task is kept for the next time. What CPUs a task may use is the recorder's to answer; the
 * kernel still decides who may set that. */
#include "record/session.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "layout.h"

#define POLICY_DEADLINE 6
#define RESET_ON_FORK 1 /* struct policy.flags */

static struct rtask *target(struct recorder *s, struct rtask *t, uint64_t pid)
{
	return (int)pid ? task_find(s, (pid_t)pid) : t;
}

/* --- policies --- */

static bool realtime(uint32_t policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR || policy == POLICY_DEADLINE;
}

/* The kernel refuses SCHED_DEADLINE to a task that is bound to a CPU. */
static void bind_to_one(struct recorder *s, struct rtask *t, bool one)
{
	cpu_set_t own;
	if (one && !sched_getaffinity(0, sizeof(own), &own))
		sched_setaffinity(t->tid, sizeof(own), &own);
	else if (!one)
		sched_setaffinity(t->tid, sizeof(s->cpus), &s->cpus);
}

void policy_tell(struct recorder *s, struct rtask *t)
{
	if (!realtime(t->policy.policy))
		return;
	if (t->policy.policy == POLICY_DEADLINE)
		bind_to_one(s, t, false);
	syscall(SYS_sched_setattr, t->tid, &t->policy, 0);
}

/* Keep what the kernel says that `t` is, and make it a task like others again. */
static void take(struct recorder *s, struct rtask *t)
{
	struct policy now = {0}, plain = {.size = sizeof(plain)};
	if (syscall(SYS_sched_getattr, t->tid, &now, sizeof(now), 0))
		return;
	t->policy = now;
	if (!realtime(now.policy))
		return;
	errno = 0;
	plain.nice = (int)syscall(SYS_getpriority, 0, t->tid);
	plain.nice = 20 - plain.nice; /* as the system call tells it */
	plain.flags = now.flags & RESET_ON_FORK;
	syscall(SYS_sched_setattr, t->tid, &plain, 0);
	if (now.policy == POLICY_DEADLINE)
		bind_to_one(s, t, true);
}

void policy_untell(struct recorder *s, struct rtask *t)
{
	if (realtime(t->policy.policy))
		take(s, t);
}

void policy_fork(struct rtask *child, const struct rtask *parent)
{
	if (realtime(parent->policy.policy) && parent->policy.flags & RESET_ON_FORK) {
		struct policy plain = {.size = sizeof(plain)};
		syscall(SYS_sched_setattr, child->tid, &plain, 0);
	} else {
		child->policy = parent->policy;
	}
}

void policy_start(struct recorder *s, struct rtask *t, const struct call *c)
{
	struct rtask *of = target(s, t, c->args[0]);
	uint32_t policy = (uint32_t)c->args[1];
	if (!of)
		return;
	policy_tell(s, of);
	if (c->nr == SYS_sched_setattr)
		mem_read(t->tid, c->args[1] + 4, &policy, sizeof(policy));
	if ((c->nr == SYS_sched_setattr || c->nr == SYS_sched_setscheduler) &&
	    (policy & ~SCHED_RESET_ON_FORK) == POLICY_DEADLINE)
		bind_to_one(s, of, false);
}

void policy_exit(struct recorder *s, struct rtask *t)
{
	struct rtask *of = target(s, t, t->args[0]);
	if (!of)
		return;
	take(s, of);
	if (!realtime(of->policy.policy))
		bind_to_one(s, of, true);
}

/* --- processors --- */

/* Bits of the mask that the program believes in: its own, else the recorder's before
 * it bound everything to one CPU. */
static void affinity_of(struct recorder *s, struct rtask *t, const uint8_t **mask, size_t *len)
{
	*mask = t->affinity.n ? t->affinity.at : s->affinity;
	*len = t->affinity.n ? t->affinity.n : s->affinity_len;
}

size_t affinity_mask(struct recorder *s, struct rtask *t, uint8_t *out, size_t cap)
{
	const uint8_t *mask;
	size_t len;
	affinity_of(s, t, &mask, &len);
	len = len < cap ? len : cap;
	memcpy(out, mask, len);
	return len;
}

enum disposition affinity_get(struct recorder *s, struct rtask *t, struct call *c)
{
	struct rtask *of = target(s, t, c->args[0]);
	const uint8_t *mask;
	size_t len;
	if (!of)
		return DISP_CALL_EXIT;
	affinity_of(s, of, &mask, &len);
	c->result = c->args[1] < len || c->args[1] & 7	       ? -EINVAL
		    : mem_write(t->tid, c->args[2], mask, len) ? -EFAULT
							       : (int64_t)len;
	return DISP_SKIP;
}

/* The mask that the program asks for, of CPUs that it believes in. False: the kernel says why not. */
static bool asked(struct recorder *s, struct rtask *t, const uint64_t args[6], uint8_t *mask)
{
	size_t len = (uint32_t)args[1] < s->affinity_len ? (uint32_t)args[1] : s->affinity_len;
	memset(mask, 0, sizeof(s->affinity));
	if (mem_read(t->tid, args[2], mask, len) != len)
		return false;
	for (size_t i = 0; i < s->affinity_len; i++)
		mask[i] &= s->affinity[i];
	return true;
}

void affinity_start(struct recorder *s, struct rtask *t, struct call *c)
{
	uint8_t mask[sizeof(s->affinity)], any = 0;
	cpu_set_t own;
	if (!target(s, t, c->args[0]) || !asked(s, t, c->args, mask) ||
	    sched_getaffinity(0, sizeof(own), &own))
		return;
	for (size_t i = 0; i < s->affinity_len; i++)
		any |= mask[i];
	if (!any)
		CPU_ZERO(&own);
	/* The kernel checks everything, and changes nothing. */
	if (mem_write(t->tid, RUNTIME_SPARE, &own, sizeof(own)))
		return;
	c->args[1] = sizeof(own);
	c->args[2] = RUNTIME_SPARE;
}

void affinity_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	struct rtask *of = target(s, t, t->args[0]);
	uint8_t mask[sizeof(s->affinity)];
	if (result || !of || !asked(s, t, t->args, mask))
		return;
	of->affinity.n = 0;
	for (size_t i = 0; i < s->affinity_len; i++)
		*VEC_PUSH(&of->affinity) = mask[i];
}
