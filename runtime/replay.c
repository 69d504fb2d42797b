/* At replay a buffered call is answered from the records, if it is the recorded one. */
#include "hook.h"

static int differs(uint64_t what, uint64_t want, uint64_t have)
{
	STATE->diverged[0] = what;
	STATE->diverged[1] = want;
	STATE->diverged[2] = have;
	diverge_call();
	return BAIL;
}

/* Offset of the first difference, or `len`. */
static uint64_t compare(const uint8_t *a, const uint8_t *b, uint64_t len)
{
	uint64_t i = 0;
	while (i < len && a[i] == b[i])
		i++;
	return i;
}

int replay_call(struct hook_frame *f)
{
	if (STATE->pos >= STATE->used)
		return BAIL;
	const struct record *r = (const struct record *)(RUNTIME_BUF + STATE->pos);
	const uint64_t *args = (const uint64_t *)(r + 1);
	if (r->flags & REC_CATCH)
		catch_call();
	if (r->nr != f->rax)
		return differs(DIFFERS_CALL, r->nr, f->rax);
	for (unsigned i = 0; i < r->nargs; i++) {
		if (args[i] != arg(f, i))
			return differs(DIFFERS_ARG + i, args[i], arg(f, i));
	}
	const uint8_t *p = (const uint8_t *)(args + r->nargs), *end = (const uint8_t *)r + r->size;
	while (p < end) {
		const struct piece_head *h = (const struct piece_head *)p;
		p += sizeof(*h);
		if (h->kind == PIECE_EXTRA) {
			/* for redo() */
		} else if (h->kind == PIECE_OUT) {
			copy((void *)h->addr, p, h->len);
		} else {
			uint64_t same = compare(p, (const uint8_t *)h->addr, h->len);
			if (same < h->len)
				return differs(DIFFERS_MEMORY, r->nr, h->addr + same);
		}
		p += (h->len + 7) & ~7ull;
	}
	if (r->flags & REC_REDO)
		redo(r);
	f->rax = (uint64_t)r->result;
	STATE->pos += r->size;
	return r->flags & REC_STATION ? STATION : DONE;
}
