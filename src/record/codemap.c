/* Where code is that no file describes (fetch.c). */
#include "record/session.h"

#include <string.h>
#include <sys/mman.h>

#include "record/fetchpages.h"

/* Such code may be in the mapping. */
bool fetch_is_code(const struct mapping *m)
{
	const struct kernel_mapping *k = &m->recorded;
	return m->source == SRC_ZERO && k->flags & MAPF_ANON &&
	       !(k->flags & (MAPF_SHARED | MAPF_GROWSDOWN)) && k->prot & PROT_EXEC &&
	       (k->name[0] != '[' || !strcmp(k->name, "[heap]"));
}

bool fetch_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi)
{
	const struct mapping *m = space_from(&mm->space, addr);
	while (m && !fetch_is_code(m))
		m = space_from(&mm->space, m->recorded.end);
	if (!m)
		return false;
	*lo = m->recorded.start;
	do
		*hi = m->recorded.end;
	while ((m = space_from(&mm->space, *hi)) && m->recorded.start - *hi <= 16 << 20 && fetch_is_code(m));
	return true;
}
