/* Breakpoints of the client, with the conditions and commands that it wants evaluated here. */
#include "debug/session.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "debug/agent.h"
#include "debug/agentcode.h"
#include "debug/sight.h"

/* --- what the client sets --- */

static struct breakpoint *find(struct session *s, int32_t tgid, uint64_t addr)
{
	for (size_t i = 0; i < s->breaks.n; i++) {
		if (s->breaks.at[i].addr == addr && s->breaks.at[i].tgid == tgid)
			return &s->breaks.at[i];
	}
	return NULL;
}

static void free_list(expression_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].code);
	VEC_FREE(l);
}

/* Xlen,bytes, any number of them. False: malformed. */
static bool get_list(const char **p, expression_list *l)
{
	uint64_t len;
	while (get_char(p, 'X')) {
		if (!get_num(p, &len) || len > PACKET_MAX / 2 || !get_char(p, ','))
			return false;
		struct expression *e = VEC_PUSH(l);
		e->code = xmalloc(len + 1);
		e->len = get_hex(p, e->code, len);
		if (e->len != len)
			return false;
	}
	return true;
}

/* Behind Z0,addr,kind: ;X9,...X3,... and ;cmds:persist,X8,... */
static bool get_lists(const char *p, struct breakpoint *b)
{
	static const char cmds[] = "cmds:";
	uint64_t persist;
	while (get_char(&p, ';')) {
		bool ok;
		if (!strncmp(p, cmds, strlen(cmds))) {
			p += strlen(cmds);
			ok = get_num(&p, &persist) && get_char(&p, ',') && get_list(&p, &b->commands);
		} else {
			ok = get_list(&p, &b->conditions);
		}
		if (!ok)
			return false;
	}
	return !*p;
}

/* Where its conditions are false the task need not stop; commands are executed here. */
static void give_code(struct session *s, const struct breakpoint *b)
{
	struct buf code = {0};
	bool any =
		b->conditions.n && !b->commands.n && agent_compile(b->conditions.at, b->conditions.n, &code);
	replay_break_code(s->r, b->tgid, b->addr, code.data, any ? code.len : 0);
	buf_free(&code);
}

/* A breakpoint that is set again has new conditions. */
static bool set(struct session *s, uint64_t addr, unsigned kind, const char *p)
{
	struct breakpoint new = {.tgid = s->tgid, .addr = addr, .kinds = 1u << kind};
	if (!get_lists(p, &new)) {
		free_list(&new.conditions);
		free_list(&new.commands);
		return false;
	}
	struct breakpoint *b = find(s, s->tgid, addr);
	if (!b) {
		*VEC_PUSH(&s->breaks) = new;
		replay_break(s->r, s->tgid, addr);
	} else {
		free_list(&b->conditions);
		free_list(&b->commands);
		new.kinds |= b->kinds;
		*b = new;
	}
	give_code(s, &new);
	return true;
}

static void remove_break(struct session *s, struct breakpoint *b)
{
	free_list(&b->conditions);
	free_list(&b->commands);
	replay_unbreak(s->r, b->tgid, b->addr);
	*b = s->breaks.at[--s->breaks.n];
}

static void unset(struct session *s, uint64_t addr, unsigned kind)
{
	struct breakpoint *b = find(s, s->tgid, addr);
	if (b && !(b->kinds &= ~(1u << kind)))
		remove_break(s, b);
}

void breaks_forget(struct session *s, int32_t tgid)
{
	for (size_t i = s->breaks.n; i-- > 0;) {
		if (s->breaks.at[i].tgid == tgid)
			remove_break(s, &s->breaks.at[i]);
	}
	replay_unwatch_all(s->r, tgid);
}

/* Z2,addr,len and its kin: no condition comes with them. */
static const char *set_watch(struct session *s, bool sets, enum watch_kind kind, uint64_t addr, uint64_t len)
{
	if (!sets)
		replay_unwatch(s->r, s->tgid, kind, addr, len);
	return sets && replay_watch(s->r, s->tgid, kind, addr, len) ? "E22" : "OK";
}

bool on_break(struct session *s, const char *p)
{
	bool sets = *p++ == 'Z', ok = true;
	char type = *p++;
	uint64_t addr, kind;
	const char *answer = NULL;
	if (type < '0' || type > '4')
		return true; /* not supported */
	if (!get_char(&p, ',') || !get_num(&p, &addr) || !get_char(&p, ',') || !get_num(&p, &kind))
		ok = false;
	else if (type >= '2')
		answer = set_watch(s, sets, (enum watch_kind)(type - '2'), addr, kind);
	else if (sets)
		ok = set(s, addr, (unsigned)(type - '0'), p);
	else
		unset(s, addr, (unsigned)(type - '0'));
	put_text(&s->out, answer ? answer : ok ? "OK" : "E01");
	return true;
}

uint64_t breaks_key(const struct session *s)
{
	uint64_t sum = replay_stops_key(s->r);
	for (size_t i = 0; i < s->breaks.n; i++) {
		const struct breakpoint *b = &s->breaks.at[i];
		uint64_t h = XXH64(&b->addr, sizeof(b->addr), (uint32_t)b->tgid);
		for (size_t k = 0; k < b->conditions.n; k++)
			h = XXH64(b->conditions.at[k].code, b->conditions.at[k].len, h);
		sum += XXH64(&b->commands.n, sizeof(b->commands.n), h);
	}
	return sum;
}

void breaks_free(struct session *s)
{
	for (size_t i = 0; i < s->breaks.n; i++) {
		free_list(&s->breaks.at[i].conditions);
		free_list(&s->breaks.at[i].commands);
	}
	VEC_FREE(&s->breaks);
}

/* --- a task comes to one --- */

/* One that cannot be evaluated counts as true, as in gdb's own server: the user sees where. */
static bool any_true(const expression_list *l, const struct agent_target *t)
{
	uint64_t value;
	for (size_t i = 0; i < l->n; i++) {
		if (agent_run(l->at[i].code, l->at[i].len, t, NULL, &value) || value)
			return true;
	}
	return !l->n;
}

static void execute(struct session *s, const expression_list *l, const struct agent_target *t)
{
	struct buf out = {0};
	uint64_t value;
	for (size_t i = 0; i < l->n; i++) {
		if (agent_run(l->at[i].code, l->at[i].len, t, &out, &value)) {
			put_fmt(&out, "[command of a breakpoint: %s]\n", err_msg());
			break;
		}
	}
	wire_print(&s->wire, out.data, out.len);
	buf_free(&out);
}

bool breaks_stop(void *ctx, int32_t tid, uint64_t addr)
{
	struct session *s = ctx;
	struct task_view view;
	struct sight of = {s->r, tid};
	struct agent_target t = sight_target(&of);
	struct breakpoint *b = replay_task_view(s->r, tid, &view) ? find(s, view.tgid, addr) : NULL;
	if (!b || (!b->conditions.n && !b->commands.n))
		return true;
	if (!any_true(&b->conditions, &t))
		return false;
	if (b->commands.n && s->prints)
		execute(s, &b->commands, &t);
	return !b->commands.n;
}
