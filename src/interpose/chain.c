#include "interpose/chain.h"

#include <stddef.h>
#include <string.h>

static unsigned bit_of(int64_t nr)
{
	return nr >= 0 && nr < SYS_MAX ? (unsigned)nr : SYS_MAX;
}

void mask_add(struct call_mask *m, int64_t nr)
{
	m->bits[bit_of(nr) / 64] |= 1ull << (bit_of(nr) % 64);
}

bool mask_has(const struct call_mask *m, int64_t nr)
{
	return m->bits[bit_of(nr) / 64] >> (bit_of(nr) % 64) & 1;
}

void mask_fill(struct call_mask *m, bool (*wanted)(const struct sysrow *row))
{
	for (int64_t nr = 0; nr < SYS_MAX; nr++) {
		if (wanted(sys_row(nr)))
			mask_add(m, nr);
	}
}

void mask_all(struct call_mask *m)
{
	memset(m->bits, 0xff, sizeof(m->bits));
}

struct call_mask mask_union(const struct module *first)
{
	struct call_mask all = {0};
	for (const struct module *m = first; m; m = m->next) {
		for (size_t i = 0; i < sizeof(all.bits) / sizeof(*all.bits); i++)
			all.bits[i] |= m->wants.bits[i];
	}
	return all;
}

static void tell_exit(struct module *m, struct call *c, unsigned i)
{
	if (!m)
		return;
	tell_exit(m->next, c, i + 1);
	if (m->exit && c->heard >> i & 1)
		m->exit(m, c);
}

void chain_exit(struct module *first, struct call *c)
{
	tell_exit(first, c, 0);
}

enum disposition chain_start(struct module *first, struct call *c)
{
	enum disposition d = DISP_CALL;
	uint64_t bit = 1;
	c->heard = 0;
	c->skipped = false;
	for (struct module *m = first; m; m = m->next, bit <<= 1) {
		if (!mask_has(&m->wants, c->nr))
			continue;
		enum disposition want = m->start(m, c);
		if (want == DISP_CALL_EXIT)
			c->heard |= bit;
		if (want > d)
			d = want;
		if (want == DISP_SKIP) {
			c->skipped = true;
			chain_exit(first, c);
			break;
		}
	}
	return d;
}
