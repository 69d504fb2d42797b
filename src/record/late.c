/* Calls that wait for longer than their row says: a file system, a lease or a pipe can make nearly every call
 * wait for another task. A call that has not returned after a while counts as one that blocks, and the others
 * of its group go on. That is exact because the results of all calls that may be overtaken are redirected
 * from the start (record/scratch.c). */
#include "record/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/proc.h"

#define LOOKS 2 /* ticks at which it has to be seen waiting */
#define RESULTS_MAX                                                                                          \
	(256 * 1024) /* bytes that a call may write and still be redirected, if its row does not             \
			say that it blocks */

/* These change what is mapped, or which tasks there are, before they return. */
static bool changes_more(const struct sysrow *row)
{
	switch (row->cls) {
	case C_MMAP:
	case C_MUNMAP:
	case C_MREMAP:
	case C_BRK:
	case C_MPROTECT:
	case C_MADVISE:
	case C_SHMAT:
	case C_SHMDT:
	case C_CLONE:
	case C_EXIT:
	case C_SIGRETURN:
		return true;
	}
	return false;
}

bool late_allowed(const struct rtask *t)
{
	uint64_t size = 0;
	for (size_t i = 0; i < t->regions.n; i++)
		size += t->regions.at[i].dir & DIR_OUT ? t->regions.at[i].len : 0;
	return t->writes == WR_NOTHING && size <= RESULTS_MAX && !scratch_cannot(t) &&
	       !undescribed_holds(t) && !changes_more(sys_row(t->nr));
}

void late_look(struct rtask *t)
{
	if (t->state != TS_KERNEL || t->may_block || t->has_status ||
	    (!t->may_wait && t->writes != WR_MAPPED))
		return;
	char st = proc_state(t->tid);
	t->looks = st == 'S' || st == 'D' ? t->looks + 1 : 0;
	if (t->looks < LOOKS)
		return;
	if (t->may_wait)
		t->may_block = true;
	else if (st == 'S')
		mapwait_cut(t);
}

const char *late_what(const struct rtask *t, char *out, size_t cap)
{
	char path[48], *text = NULL;
	long long nr = -1;
	unsigned long long pc = 0;
	snprintf(path, sizeof(path), "/proc/%d/syscall", t->tid);
	FILE *f = proc_state(t->tid) == 'R' ? NULL : fopen(path, "re");
	size_t n = 0;
	bool sleeps = f && getline(&text, &n, f) > 0 && sscanf(text, "%lld", &nr) == 1;
	if (sleeps && strrchr(text, ' '))
		pc = strtoull(strrchr(text, ' '), NULL, 16);
	if (f)
		fclose(f);
	free(text);
	if (!sleeps)
		return NULL;
	if (nr < 0)
		snprintf(out, cap, "waits in a page fault at 0x%llx", pc);
	else
		snprintf(out, cap, "waits in %s", sys_name(nr));
	return out;
}
