#include "interpose/chain.h"

#include <stddef.h>

void mask_add(struct call_mask *m, int64_t nr)
{
	if (nr >= 0 && nr < SYS_MAX)
		m->bits[nr / 64] |= 1ull << (nr % 64);
}

bool mask_has(const struct call_mask *m, int64_t nr)
{
	return nr >= 0 && nr < SYS_MAX && (m->bits[nr / 64] >> (nr % 64) & 1);
}

void mask_fill(struct call_mask *m, bool (*wanted)(const struct sysrow *row))
{
	for (int64_t nr = 0; nr < SYS_MAX; nr++) {
		if (wanted(sys_row(nr)))
			mask_add(m, nr);
	}
}

enum disposition chain_start(struct module *first, struct call *c)
{
	enum disposition d = DISP_CALL;
	for (struct module *m = first; m; m = m->next) {
		if (!mask_has(&m->wants, c->nr))
			continue;
		enum disposition want = m->start(m, c);
		if (want == DISP_SKIP)
			return want;
		if (want > d)
			d = want;
	}
	return d;
}
