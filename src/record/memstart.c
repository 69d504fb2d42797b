/* The start of calls that change the address space. */
#include "record/session.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "record/taskfd.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif

/* Is what the task maps memory that changes by itself: a device's, a socket's ring, ...? What
 * the kernel does not map at all it refuses with its own error. */
static bool is_device(struct rtask *t, const struct call *c)
{
	struct stat st;
	return !(c->args[3] & MAP_ANONYMOUS) && !taskfd_stat(t, (int)c->args[4], &st) &&
	       !S_ISREG(st.st_mode) && st.st_rdev != makedev(1, 5) /* /dev/zero */;
}

static enum disposition start_mmap(struct rtask *t, struct call *c)
{
	uint64_t *flags = &c->args[3];
	if ((*flags & 0xf) == MAP_DROPPABLE) {
		/* Its content may vanish at any time: as on a kernel before 6.11. */
		c->result = -EINVAL;
		return DISP_SKIP;
	}
	if (is_device(t, c)) { /* ask the kernel, but let it replace nothing */
		t->aux = 1;
		c->args[0] = 0;
		*flags &= ~(uint64_t)(MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_POPULATE | MAP_LOCKED);
	}
	return DISP_CALL_EXIT;
}

/* MADV_FREE is for private anonymous memory. */
static bool may_free(const struct rmm *mm, uint64_t start, uint64_t end)
{
	for (struct mapping *m = space_from(&mm->space, start); m && m->recorded.start < end;
	     m = space_from(&mm->space, m->recorded.end)) {
		if (!(m->recorded.flags & MAPF_ANON) || m->recorded.flags & MAPF_SHARED)
			return false;
	}
	return true;
}

static enum disposition start_madvise(struct rtask *t, struct call *c)
{
	uint64_t *advice = &c->args[2], start = c->args[0];
	/* When the kernel takes MADV_FREE pages is its own affair; MADV_DONTNEED does the
	 * same at once. Poisoning pages is not for recordings. */
	if ((int)*advice == MADV_FREE && !may_free(t->mm, start, start + PAGE_UP(c->args[1]))) {
		c->result = -EINVAL;
		return DISP_SKIP;
	}
	if ((int)*advice == MADV_FREE)
		*advice = MADV_DONTNEED;
	if (*advice == MADV_HWPOISON || *advice == 101 /* MADV_SOFT_OFFLINE */) {
		c->result = -EPERM;
		return DISP_SKIP;
	}
	return DISP_CALL_EXIT;
}

enum disposition memory_start(struct recorder *s, struct rtask *t, struct call *c)
{
	int cls = sys_row(c->nr)->cls;
	if ((cls == C_MMAP && start_mmap(t, c) == DISP_SKIP) ||
	    (cls == C_MADVISE && start_madvise(t, c) == DISP_SKIP))
		return DISP_SKIP;
	enum disposition d = own_start(s, t, c);
	if (d != DISP_SKIP)
		fetch_start(s, t, c);
	return d;
}
