/* Where code is that no file describes (fetch.c). */
#include "record/session.h"

#include <string.h>
#include <sys/mman.h>

#include "record/fetchpages.h"

bool fetch_is_shared(const struct mapping *m)
{
	return m->source == SRC_OBJECT && m->recorded.flags & MAPF_SHARED;
}

/* Such code may be in the mapping. */
bool fetch_is_code(const struct mapping *m)
{
	const struct kernel_mapping *k = &m->recorded;
	if (fetch_is_shared(m))
		return k->prot & PROT_EXEC;
	return m->source == SRC_ZERO && k->flags & MAPF_ANON &&
	       !(k->flags & (MAPF_SHARED | MAPF_GROWSDOWN)) && k->prot & PROT_EXEC &&
	       (k->name[0] != '[' || !strcmp(k->name, "[heap]"));
}

bool fetch_is_view(const struct rmm *mm, const struct mapping *m)
{
	size_t i = 0;
	if (!fetch_is_shared(m) || !(m->recorded.prot & PROT_WRITE))
		return false;
	while (i < mm->code_objects.n && mm->code_objects.at[i] != m->object)
		i++;
	return i < mm->code_objects.n;
}

static bool matters(const struct rmm *mm, const struct mapping *m)
{
	return fetch_is_code(m) || fetch_is_view(mm, m);
}

bool fetch_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi)
{
	const struct mapping *m = space_from(&mm->space, addr);
	while (m && !matters(mm, m))
		m = space_from(&mm->space, m->recorded.end);
	if (!m)
		return false;
	*lo = m->recorded.start;
	do
		*hi = m->recorded.end;
	while ((m = space_from(&mm->space, *hi)) && m->recorded.start - *hi <= 16 << 20 && matters(mm, m));
	return true;
}
