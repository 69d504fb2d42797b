#include "replay/position.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

bool position_same_base(const struct position *a, const struct position *b)
{
	return a->event == b->event && a->calls == b->calls && a->ticks == b->ticks;
}

static bool same_move(const struct move *a, const struct move *b)
{
	return a->kind == b->kind && a->n == b->n && a->pc == b->pc;
}

bool position_equal(const struct position *a, const struct position *b)
{
	if (!position_same_base(a, b) || a->nmoves != b->nmoves || a->vague || b->vague)
		return false;
	for (unsigned i = 0; i < a->nmoves; i++) {
		if (!same_move(&a->moves[i], &b->moves[i]))
			return false;
	}
	return true;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* After the moves that both have: if one has no more, it comes first; two of one kind (and place) are
 * told by their counts, if the shorter one is not followed by others, which may lead to anywhere. */
static int compare_moves(const struct position *a, const struct position *b, bool *known)
{
	unsigned i = 0;
	while (i < a->nmoves && i < b->nmoves && same_move(&a->moves[i], &b->moves[i]))
		i++;
	*known = !a->vague && !b->vague;
	if (i == a->nmoves || i == b->nmoves)
		return order(a->nmoves, b->nmoves);
	const struct move *x = &a->moves[i], *y = &b->moves[i];
	bool last = i + 1 == (x->n < y->n ? a : b)->nmoves;
	if (x->kind == y->kind && x->pc == y->pc && last)
		return order(x->n, y->n);
	if (x->kind > MOVE_TOUCH && y->kind > MOVE_TOUCH)
		return order(x->kind, y->kind); /* a signal that ends a task, and its end */
	*known = false;
	return 0;
}

int position_compare(const struct position *a, const struct position *b, bool *known)
{
	*known = true;
	if (a->event != b->event)
		return order(a->event, b->event);
	/* Both only grow, but CALLS_ANY is no number. */
	if (a->ticks != b->ticks)
		return order(a->ticks, b->ticks);
	if (a->calls == b->calls)
		return compare_moves(a, b, known);
	*known = a->calls != CALLS_ANY && b->calls != CALLS_ANY;
	return *known ? order(a->calls, b->calls) : 0;
}

bool position_touched(const struct move *m, unsigned n)
{
	return n == 2 && (m->kind == MOVE_WRITE || m->kind == MOVE_TOUCH) && m[1].kind == MOVE_STEPS &&
	       m[1].n == 1;
}

void position_add(struct position *p, uint8_t kind, uint64_t n, uint64_t pc)
{
	const struct move *m = p->nmoves >= 2 ? &p->moves[p->nmoves - 2] : NULL;
	if (m && position_touched(m, 2) && m->kind == kind && m->pc == pc)
		p->nmoves--; /* the instruction that it counted is made: it counts on from there */
	struct move *last = p->nmoves ? &p->moves[p->nmoves - 1] : NULL;
	if (last && last->kind == kind && last->pc == pc && kind <= MOVE_TOUCH) {
		last->n += n;
		return;
	}
	if (p->nmoves == MOVES_MAX) {
		p->vague = true;
		return;
	}
	p->moves[p->nmoves++] = (struct move){kind, n, pc};
}

/* --- as text: EVENT[.CALLS][:TICKS] and for each move +N, @ADDRESS*N, =PAGE*N, ?PAGE*N, !call, !signal or
 * !exit --- */

/* Of moves that have an address. */
static const char signs[] = {[MOVE_VISITS] = '@', [MOVE_WRITE] = '=', [MOVE_TOUCH] = '?'};
static const char *const words[] = {[MOVE_CALL] = "!call", [MOVE_SIGNAL] = "!signal", [MOVE_EXIT] = "!exit"};

void position_text(const struct position *p, char out[POSITION_TEXT])
{
	int n = snprintf(out, POSITION_TEXT, "%llu", (unsigned long long)p->event);
	if (p->calls && p->calls != CALLS_ANY)
		n += snprintf(out + n, POSITION_TEXT - (size_t)n, ".%llu", (unsigned long long)p->calls);
	if (p->ticks)
		n += snprintf(out + n, POSITION_TEXT - (size_t)n, ":%llu", (unsigned long long)p->ticks);
	for (unsigned i = 0; i < p->nmoves; i++) {
		const struct move *m = &p->moves[i];
		size_t room = POSITION_TEXT - (size_t)n;
		if (m->kind == MOVE_STEPS)
			n += snprintf(out + n, room, "+%llu", (unsigned long long)m->n);
		else if (m->kind <= MOVE_TOUCH)
			n += snprintf(out + n, room, "%c%llx*%llu", signs[m->kind], (unsigned long long)m->pc,
				      (unsigned long long)m->n);
		else
			n += snprintf(out + n, room, "%s", words[m->kind]);
	}
	if (p->vague)
		snprintf(out + n, POSITION_TEXT - (size_t)n, "~");
}

static int number(const char **s, int base, uint64_t *out)
{
	char *end;
	if (!isxdigit((unsigned char)**s))
		return -1;
	*out = strtoull(*s, &end, base);
	if (end == *s)
		return -1;
	*s = end;
	return 0;
}

static bool word(const char **s, const char *w)
{
	size_t n = strlen(w);
	if (strncmp(*s, w, n))
		return false;
	*s += n;
	return true;
}

/* @ADDRESS*N, =ADDRESS*N or ?ADDRESS*N */
static int parse_place(const char **s, struct position *p)
{
	uint64_t n, pc;
	for (uint8_t kind = MOVE_VISITS; kind <= MOVE_TOUCH; kind++) {
		if (**s != signs[kind])
			continue;
		++*s;
		if (number(s, 16, &pc) || !word(s, "*") || number(s, 10, &n) || !n ||
		    (kind != MOVE_VISITS && pc & 4095))
			return -1;
		position_add(p, kind, n, pc);
		return 0;
	}
	return -1;
}

static int parse_move(const char **s, struct position *p)
{
	uint64_t n = 1;
	if (p->nmoves == MOVES_MAX)
		return -1;
	for (uint8_t kind = MOVE_CALL; kind <= MOVE_EXIT; kind++) {
		if (!word(s, words[kind]))
			continue;
		position_add(p, kind, 1, 0);
		return 0;
	}
	if (!word(s, "+"))
		return parse_place(s, p);
	if (number(s, 10, &n))
		return -1;
	position_add(p, MOVE_STEPS, n, 0);
	return 0;
}

int position_parse(const char *text, struct position *p)
{
	const char *s = text;
	*p = (struct position){0};
	int rc = number(&s, 10, &p->event);
	bool calls = !rc && word(&s, ".");
	if (calls)
		rc = number(&s, 10, &p->calls);
	if (!rc && word(&s, ":"))
		rc = number(&s, 10, &p->ticks);
	if (!calls && p->ticks)
		p->calls = CALLS_ANY;
	while (!rc && *s)
		rc = parse_move(&s, p);
	return rc ? err_set("'%s' is no position: write EVENT, EVENT:TICKS, or what 'when' shows", text) : 0;
}
