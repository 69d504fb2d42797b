/* Calls through the vsyscall page (task/vsyscall.h) do not run: the recorder makes them. */
#include "record/session.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "abi/names.h"
#include "base/err.h"
#include "task/vsyscall.h"

struct action vsyscall_entry(struct recorder *s, struct rtask *t)
{
	t->vsyscall = in_vsyscall(&t->regs);
	if (!t->vsyscall)
		return act(ACT_NOT_MINE);
	int status, rc = vsyscall_leave(t->tid, &t->regs, &status);
	s->stats.stops++;
	if (rc <= 0)
		return act(rc ? ACT_GONE : ACT_NOT_MINE);
	t->status = status;
	t->has_status = true;
	return act(ACT_WAIT);
}

static int put(struct rtask *t, uint64_t addr, const void *data, size_t len)
{
	return addr && mem_write(t->tid, addr, data, len);
}

static int make(struct rtask *t, int64_t *result)
{
	struct {
		uint64_t a[2]; /* the kernel's struct timeval */
	} tv;
	unsigned cpu, node;
	struct timezone tz;
	switch (t->nr) {
	case SYS_gettimeofday:
		*result = syscall(SYS_gettimeofday, &tv, &tz);
		return put(t, t->args[0], &tv, sizeof(tv)) || put(t, t->args[1], &tz, sizeof(tz));
	case SYS_time:
		*result = syscall(SYS_time, NULL);
		return put(t, t->args[0], result, sizeof(*result));
	default:
		*result = syscall(SYS_getcpu, &cpu, &node, NULL);
		return put(t, t->args[0], &cpu, sizeof(cpu)) || put(t, t->args[1], &node, sizeof(node));
	}
}

void vsyscall_make(struct recorder *s, struct rtask *t, int64_t *result)
{
	if (!make(t, result))
		return;
	/* The kernel would kill it, or nearly: SIGSEGV out of the page. */
	err_set("task %d calls %s through the vsyscall page with a bad pointer; that cannot be recorded",
		t->tid, sys_name(t->nr));
	rec_fail(s);
}
