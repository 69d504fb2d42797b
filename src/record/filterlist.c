/* The seccomp filters that tasks have (ownfilter.c). */
#include "record/filterlist.h"

#include <stdlib.h>
#include <sys/syscall.h>

struct own_filter *filter_get(struct own_filter *f)
{
	if (f)
		f->refs++;
	return f;
}

void ownfilter_put(struct own_filter *f)
{
	while (f && !--f->refs) {
		struct own_filter *before = f->before;
		free(f);
		f = before;
	}
}

void ownfilter_inherit(struct rtask *to, const struct rtask *from)
{
	struct own_filter *old = to->filter;
	to->filter = filter_get(from->filter);
	to->strict = from->strict;
	ownfilter_put(old);
}

const uint64_t *ownfilter_passes(const struct rtask *t)
{
	static const uint64_t strict[FILTERED_WORDS] = {1 << SYS_read | 1 << SYS_write};
	return t->strict ? strict : t->filter ? t->filter->passes : NULL;
}
