/* Processes of the recording that the client debugs, and which of them it lets go on. */
#include "debug/session.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct proc *procs_find(struct session *s, int32_t tgid)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		if (s->procs.at[i].tgid == tgid)
			return &s->procs.at[i];
	}
	return NULL;
}

bool procs_live(struct session *s, int32_t tgid)
{
	const struct proc *p = procs_find(s, tgid);
	return p && p->state == PROC_LIVE;
}

unsigned procs_count(const struct session *s)
{
	unsigned n = 0;
	for (size_t i = 0; i < s->procs.n; i++)
		n += s->procs.at[i].state == PROC_LIVE;
	return n;
}

void procs_attach(struct session *s, int32_t tgid, int32_t parent, uint64_t born)
{
	struct proc *p = procs_find(s, tgid);
	if (!p)
		p = VEC_PUSH(&s->procs);
	*p = (struct proc){.tgid = tgid, .parent = parent, .born = born, .state = PROC_LIVE};
}

static bool is_parent(const struct session *s, int32_t tgid)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		if (s->procs.at[i].parent == tgid)
			return true;
	}
	return false;
}

void procs_forget(struct session *s, int32_t tgid)
{
	struct proc *p = procs_find(s, tgid);
	if (p)
		*p = s->procs.at[--s->procs.n];
}

void procs_detach(struct session *s, int32_t tgid)
{
	struct proc *p = procs_find(s, tgid);
	if (p && is_parent(s, tgid))
		p->state = PROC_LEFT;
	else
		procs_forget(s, tgid);
}

int32_t procs_task(struct session *s, int32_t tgid)
{
	struct task_view v;
	int32_t found = 0;
	size_t i = 0;
	if (replay_task_view(s->r, tgid, &v) && v.tgid == tgid && !v.dead)
		return tgid;
	while (replay_tasks(s->r, &i, &v)) {
		if (v.tgid == tgid && !v.dead)
			found = v.tid;
	}
	return found;
}

static int by_id(const void *a, const void *b)
{
	const struct task_view *x = a, *y = b;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void procs_tasks(struct session *s, task_list *out)
{
	struct task_view v;
	size_t i = 0;
	while (replay_tasks(s->r, &i, &v)) {
		if (procs_listed(s, v.tgid) && !v.dead)
			*VEC_PUSH(out) = v;
	}
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), by_id);
}

struct proc *procs_unknown(struct session *s)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		struct proc *p = &s->procs.at[i];
		if (p->state == PROC_LIVE && p->unknown)
			return p;
	}
	return NULL;
}

bool procs_listed(struct session *s, int32_t tgid)
{
	const struct proc *p = procs_find(s, tgid);
	bool any = false;
	for (size_t i = 0; i < s->procs.n; i++)
		any |= s->procs.at[i].state == PROC_LIVE && !s->procs.at[i].unknown;
	return p && p->state == PROC_LIVE && (!p->unknown || !any);
}

struct proc *procs_lost(struct session *s)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		struct proc *p = &s->procs.at[i];
		if (p->state == PROC_LIVE && !procs_task(s, p->tgid))
			return p;
	}
	return NULL;
}

void procs_choose(struct session *s, int32_t tid)
{
	struct task_view v;
	if (replay_task_view(s->r, tid, &v) && procs_live(s, v.tgid)) {
		s->general = tid;
		s->tgid = v.tgid;
		return;
	}
	if (replay_task_view(s->r, s->general, &v) && procs_live(s, v.tgid))
		return;
	for (size_t i = 0; i < s->procs.n; i++) {
		const struct proc *p = &s->procs.at[i];
		int32_t t = p->state == PROC_LIVE ? procs_task(s, p->tgid) : 0;
		if (!t)
			continue;
		s->general = t;
		s->tgid = p->tgid;
		return;
	}
}

/* The process `tgid`, or the next of those that it comes from, which is there; 0: none is. */
static int32_t ancestor(struct session *s, int32_t tgid)
{
	const struct proc *p;
	while (!procs_task(s, tgid)) {
		p = procs_find(s, tgid);
		if (!p || !p->parent)
			return 0;
		tgid = p->parent;
	}
	return tgid;
}

bool procs_settle(struct session *s)
{
	uint64_t here = replay_position(s->r).event;
	int32_t from = ancestor(s, s->tgid);
	for (size_t i = s->procs.n; i-- > 0;) {
		struct proc *p = &s->procs.at[i];
		bool there = procs_task(s, p->tgid);
		if (p->state == PROC_LIVE && !there)
			p->state = PROC_ENDED, p->silent = true;
		else if (p->state == PROC_ENDED && there)
			p->state = PROC_LIVE, p->unknown = !p->silent;
	}
	for (size_t i = s->procs.n; i-- > 0;) { /* children stand behind their parents */
		const struct proc *p = &s->procs.at[i];
		if (p->state == PROC_ENDED && p->parent && here < p->born)
			procs_forget(s, p->tgid);
	}
	struct proc *p = procs_find(s, from);
	if (!procs_count(s) && p)
		p->state = PROC_LIVE, p->unknown = !p->silent;
	return procs_count(s);
}

void procs_settled(struct session *s)
{
	for (size_t i = 0; i < s->procs.n; i++)
		s->procs.at[i].silent = false;
}

/* --- which go on --- */

void resumed_add(struct resumed *r, int64_t tgid)
{
	if (tgid <= 0)
		r->all = true;
	else
		*VEC_PUSH(&r->tgids) = (int32_t)tgid;
}

bool resumed_has(const struct resumed *r, int32_t tgid)
{
	for (size_t i = 0; i < r->tgids.n; i++) {
		if (r->tgids.at[i] == tgid)
			return true;
	}
	return r->all;
}

void resumed_replace(struct resumed *r, struct resumed *with, bool keep)
{
	with->all |= keep && r->all;
	for (size_t i = 0; keep && i < r->tgids.n; i++)
		*VEC_PUSH(&with->tgids) = r->tgids.at[i];
	VEC_FREE(&r->tgids);
	*r = *with;
}

bool procs_any_resumed(struct session *s)
{
	for (size_t i = 0; i < s->procs.n; i++) {
		const struct proc *p = &s->procs.at[i];
		if (p->state == PROC_LIVE && resumed_has(&s->resumed, p->tgid))
			return true;
	}
	return false;
}

uint64_t procs_key(const struct session *s)
{
	uint64_t sum = s->resumed.all;
	for (size_t i = 0; i < s->procs.n; i++) {
		const struct proc *p = &s->procs.at[i];
		uint64_t what[] = {(uint64_t)p->tgid, p->state, p->vforks};
		sum += XXH64(what, sizeof(what), 1);
	}
	for (size_t i = 0; i < s->resumed.tgids.n; i++)
		sum += XXH64(&s->resumed.tgids.at[i], sizeof(s->resumed.tgids.at[i]), 2);
	return sum;
}
