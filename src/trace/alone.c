#include "trace/alone.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* --- what the whole trace says of processes and shared memory --- */

/* A process begins, or begins with another program. */
struct beginning {
	uint64_t seq;
	int32_t pid;
	int32_t from; /* the task that called exec, or the parent process */
	bool named;   /* its program has the name that is looked for */
};

typedef VEC(struct beginning) beginnings; /* in the order of the trace */

struct death {
	uint64_t seq;
	int32_t pid;
	int status;
};

struct census {
	struct hmap process; /* task -> its process's id, + 1 */
	struct hmap objects; /* id -> the first event that names it */
	beginnings execs;
	beginnings births;
	VEC(struct death) deaths;
	uint64_t last; /* event */
};

static int32_t process_of(const struct hmap *m, int32_t tid)
{
	return (int32_t)((intptr_t)hmap_get(m, (uint32_t)tid) - 1);
}

static void set_process(struct hmap *m, int32_t tid, int32_t pid)
{
	hmap_set(m, (uint32_t)tid, (void *)((intptr_t)pid + 1));
}

/* The last part of a path is `name`. */
static bool is_base(const char *path, size_t len, const char *name)
{
	size_t n = strlen(name);
	return len >= n && !memcmp(path + len - n, name, n) && (len == n || path[len - n - 1] == '/');
}

/* argv[0], or the file that the program's first mapped text comes from. */
static bool is_named(const struct event *ev, const char *name)
{
	size_t len = strnlen((const char *)ev->blob, ev->blob_len);
	if (is_base((const char *)ev->blob, len, name))
		return true;
	for (size_t i = 0; i < ev->ops.n; i++) {
		const struct mapping *m = &ev->ops.at[i].map;
		if (ev->ops.at[i].op == OP_MAP && m->source == SRC_FILE && m->recorded.name[0] == '/')
			return is_base(m->recorded.name, strlen(m->recorded.name), name);
	}
	return false;
}

typedef void object_fn(void *ctx, const struct event *ev, uint64_t id, bool emptied);

/* Call `fn` for each shared object that the event needs or changes. That an object is gone anybody may tell.
 */
static void each_object(const struct event *ev, object_fn *fn, void *ctx)
{
	for (size_t i = 0; i < ev->ops.n; i++) {
		const struct ev_op *op = &ev->ops.at[i];
		if (op->op == OP_OBJSIZE)
			fn(ctx, ev, op->a, !op->b);
		if (op->op == OP_MAP && op->map.source == SRC_OBJECT)
			fn(ctx, ev, op->map.object, false);
	}
	for (size_t i = 0; i < ev->chunks.n; i++) {
		if (ev->chunks.at[i].kind == CH_OBJ)
			fn(ctx, ev, ev->chunks.at[i].obj, false);
	}
}

static void first_seen(void *ctx, const struct event *ev, uint64_t id, bool emptied)
{
	struct hmap *objects = ctx;
	(void)emptied;
	if (!hmap_get(objects, id))
		hmap_set(objects, id, (void *)(uintptr_t)ev->seq);
}

static void count(struct census *c, const struct event *ev, const char *name)
{
	int32_t pid = process_of(&c->process, ev->tid), child = (int32_t)ev->arg[0];
	switch (ev->kind) {
	case EV_START:
		set_process(&c->process, ev->tid, ev->tid);
		break;
	case EV_FORK:
		set_process(&c->process, child, ev->arg[1] ? child : pid);
		if (ev->arg[1])
			*VEC_PUSH(&c->births) = (struct beginning){ev->seq, child, pid, false};
		break;
	case EV_EXEC:
		*VEC_PUSH(&c->execs) =
			(struct beginning){ev->seq, ev->tid, (int32_t)ev->arg[0], name && is_named(ev, name)};
		break;
	case EV_TASK_EXIT:
		if (ev->arg[0])
			*VEC_PUSH(&c->deaths) = (struct death){ev->seq, pid, (int)ev->code};
		break;
	}
	each_object(ev, first_seen, &c->objects);
	c->last = ev->seq;
}

static int take_census(struct census *c, struct trace_reader *rd, const char *name)
{
	struct event *ev;
	int rc;
	reader_seek(rd, 0);
	while ((rc = reader_next(rd, &ev)) == 1)
		count(c, ev, name);
	return rc;
}

static void census_free(struct census *c)
{
	hmap_free(&c->process);
	hmap_free(&c->objects);
	VEC_FREE(&c->execs);
	VEC_FREE(&c->births);
	VEC_FREE(&c->deaths);
}

/* The last one of the process before event `seq`, or NULL. */
static const struct beginning *last_of(const beginnings *all, int32_t pid, uint64_t seq)
{
	const struct beginning *found = NULL;
	for (size_t i = 0; i < all->n && all->at[i].seq < seq; i++) {
		if (all->at[i].pid == pid)
			found = &all->at[i];
	}
	return found;
}

/* --- following the chosen process --- */

struct follow {
	struct alone *a;
	const struct census *c;
	VEC(const struct beginning *)
	line;		   /* from the process of the first exec to the chosen one, last first */
	struct hmap tasks; /* those that are followed -> their process's id, + 1 */
	struct hmap ours;  /* objects whose content is known without the others */
	int32_t on;	   /* the process on the line that is followed now */
};

static void set_why(struct alone *a, char *why)
{
	if (a->why)
		free(why);
	else
		a->why = why;
}

static struct span *span_of(struct alone *a, uint32_t group)
{
	for (size_t i = 0; i < a->spans.n; i++) {
		if (a->spans.at[i].group == group && a->spans.at[i].to == UINT64_MAX)
			return &a->spans.at[i];
	}
	return NULL;
}

static void open_span(struct alone *a, uint32_t group, uint64_t seq)
{
	if (!span_of(a, group))
		*VEC_PUSH(&a->spans) = (struct span){group, seq, UINT64_MAX};
}

/* From behind `seq` on only task `tid` counts, whose memory no other task followed has. */
static void narrow(struct follow *f, uint64_t seq, int32_t tid, int32_t pid)
{
	for (size_t i = 0; i < f->a->spans.n; i++) {
		if (f->a->spans.at[i].to == UINT64_MAX)
			f->a->spans.at[i].to = seq;
	}
	*VEC_PUSH(&f->a->leaves) = (struct leave){seq, tid, true};
	hmap_free(&f->tasks);
	f->tasks = (struct hmap){0};
	set_process(&f->tasks, tid, pid);
}

static void remove_process(struct follow *f, int32_t pid)
{
	VEC(uint32_t) gone = {0};
	for (size_t i = 0; i < f->tasks.cap; i++) {
		if (f->tasks.slot[i].val && (int32_t)((intptr_t)f->tasks.slot[i].val - 1) == pid)
			*VEC_PUSH(&gone) = (uint32_t)f->tasks.slot[i].key;
	}
	for (size_t i = 0; i < gone.n; i++)
		hmap_del(&f->tasks, gone.at[i]);
	VEC_FREE(&gone);
}

static void on_fork(struct follow *f, const struct event *ev)
{
	int32_t child = (int32_t)ev->arg[0], pid = ev->arg[1] ? child : process_of(&f->tasks, ev->tid);
	bool shares = (uint32_t)ev->arg[3] == ev->group;
	bool next = f->line.n && f->line.at[f->line.n - 1]->seq == ev->seq;
	if (next) {
		f->on = child;
		f->line.n--;
	}
	if (shares) {
		set_process(&f->tasks, child, pid);
	} else if (next) {
		narrow(f, ev->seq, child, pid);
		open_span(f->a, (uint32_t)ev->arg[3], ev->seq + 1);
	} else {
		*VEC_PUSH(&f->a->skipped) = ev->seq;
	}
}

/* A task that is followed executes a program: its memory is its own from here on. */
static void on_exec(struct follow *f, const struct event *ev)
{
	int32_t before = (int32_t)ev->arg[0], pid = process_of(&f->tasks, before);
	if (pid == f->on) {
		narrow(f, ev->seq, ev->tid, ev->tid);
		open_span(f->a, ev->group, ev->seq);
	} else {
		*VEC_PUSH(&f->a->leaves) = (struct leave){ev->seq, before, false};
		remove_process(f, pid);
	}
}

static void need_object(void *ctx, const struct event *ev, uint64_t id, bool emptied)
{
	struct follow *f = ctx;
	if (hmap_get(&f->ours, id))
		return;
	if (!emptied && (uintptr_t)hmap_get(&f->c->objects, id) != ev->seq)
		set_why(f->a, xasprintf("it uses shared memory that other processes have filled"));
	hmap_set(&f->ours, id, f);
}

static void foreign_object(void *ctx, const struct event *ev, uint64_t id, bool emptied)
{
	struct follow *f = ctx;
	(void)emptied;
	if (hmap_get(&f->ours, id))
		set_why(f->a, xasprintf("it shares memory with task %d", ev->tid));
}

static void on_event(struct follow *f, const struct event *ev)
{
	int32_t who = ev->kind == EV_EXEC ? (int32_t)ev->arg[0] : ev->tid;
	bool stays = ev->kind != EV_EXEC || process_of(&f->tasks, who) == f->on;
	if (!hmap_get(&f->tasks, (uint32_t)who)) {
		if (span_of(f->a, ev->group))
			set_why(f->a, xasprintf("it shares memory with task %d", ev->tid));
		each_object(ev, foreign_object, f);
		return;
	}
	if (ev->kind == EV_EXEC)
		on_exec(f, ev);
	else
		open_span(f->a, ev->group, ev->seq);
	if (stays)
		each_object(ev, need_object, f);
	if (ev->kind == EV_FORK)
		on_fork(f, ev);
	if (ev->kind == EV_TASK_EXIT && ev->arg[0])
		remove_process(f, process_of(&f->tasks, who));
	else if (ev->kind == EV_TASK_EXIT)
		hmap_del(&f->tasks, (uint32_t)who);
}

static int follow(struct follow *f, struct trace_reader *rd)
{
	struct event *ev;
	int rc = 0;
	set_process(&f->tasks, f->a->before, f->on);
	reader_seek(rd, f->a->first - 1);
	while (!f->a->why && (rc = reader_next(rd, &ev)) == 1 && ev->seq <= f->a->last)
		on_event(f, ev);
	hmap_free(&f->tasks);
	hmap_free(&f->ours);
	return rc < 0 ? -1 : 0;
}

/* --- the choice --- */

/* The last exec of the process that is meant by its name. */
static const struct beginning *by_name(const struct census *c, const char *name)
{
	for (size_t i = 0; i < c->execs.n; i++) {
		const struct beginning *e = &c->execs.at[i];
		if (e->named && last_of(&c->execs, e->pid, UINT64_MAX) == e)
			return e;
	}
	err_set("no process of this recording runs %s; 'reprise ps' lists them", name);
	return NULL;
}

static const struct beginning *by_pid(const struct census *c, int32_t pid)
{
	const struct beginning *e = last_of(&c->execs, pid, UINT64_MAX);
	const struct beginning *b = last_of(&c->births, pid, UINT64_MAX);
	if (e && (!b || b->seq < e->seq))
		return e;
	if (b)
		err_set("process %d executes no program of its own: use -f %d to begin where it is forked",
			pid, pid);
	else
		err_set("there is no process %d in this recording; 'reprise ps' lists them", pid);
	return NULL;
}

/* The exec to begin with so that the chosen process is forked: its parent's, or that of the parent's parent,
 * ... */
static const struct beginning *by_fork(struct follow *f, int32_t pid)
{
	const struct beginning *b = last_of(&f->c->births, pid, UINT64_MAX);
	if (!b)
		err_set("no process of this recording forks %d; 'reprise ps' lists them", pid);
	while (b) {
		const struct beginning *e = last_of(&f->c->execs, b->from, b->seq);
		const struct beginning *up = last_of(&f->c->births, b->from, b->seq);
		*VEC_PUSH(&f->line) = b;
		if (e && (!up || up->seq < e->seq))
			return e;
		if (!up)
			err_set("the trace is damaged: process %d never executes a program", b->from);
		b = up;
	}
	return NULL;
}

static void set_end(struct alone *a, const struct census *c)
{
	a->last = c->last;
	a->status = -1;
	for (size_t i = 0; i < c->deaths.n; i++) {
		if (c->deaths.at[i].pid == a->pid && c->deaths.at[i].seq > a->start) {
			a->last = c->deaths.at[i].seq;
			a->status = c->deaths.at[i].status;
			return;
		}
	}
}

static int choose(struct follow *f, const struct process_choice *choice)
{
	struct alone *a = f->a;
	const struct beginning *e = choice->forked ? by_fork(f, choice->forked)
				    : choice->name ? by_name(f->c, choice->name)
						   : by_pid(f->c, choice->pid);
	if (!e)
		return -1;
	a->pid = choice->forked ? choice->forked : e->pid;
	a->start = choice->forked ? f->line.at[0]->seq : e->seq;
	a->first = e->seq;
	a->before = e->from;
	f->on = e->pid;
	set_end(a, f->c);
	return 0;
}

struct alone *alone_find(struct trace_reader *rd, const struct process_choice *choice)
{
	struct census c = {0};
	struct alone *a = xcalloc(1, sizeof(*a));
	struct follow f = {.a = a, .c = &c};
	int rc = take_census(&c, rd, choice->name) || choose(&f, choice) || follow(&f, rd);
	VEC_FREE(&f.line);
	census_free(&c);
	if (!rc)
		return a;
	alone_free(a);
	return NULL;
}

void alone_free(struct alone *a)
{
	if (!a)
		return;
	free(a->why);
	VEC_FREE(&a->leaves);
	VEC_FREE(&a->spans);
	VEC_FREE(&a->skipped);
	free(a);
}

/* --- reading --- */

void alone_seek(const struct alone *a, struct trace_reader *rd, uint64_t seq)
{
	VEC(uint32_t) groups = {0};
	for (size_t i = 0; a && !a->why && i < a->spans.n; i++)
		*VEC_PUSH(&groups) = a->spans.at[i].group;
	if (groups.n)
		reader_only(rd, groups.at, groups.n, a->last);
	VEC_FREE(&groups);
	reader_seek(rd, seq);
}

static bool needed(const struct alone *a, const struct event *ev)
{
	size_t lo = 0, hi = a->skipped.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (a->skipped.at[mid] == ev->seq)
			return false;
		if (a->skipped.at[mid] < ev->seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t i = 0; i < a->spans.n; i++) {
		const struct span *p = &a->spans.at[i];
		if (p->group == ev->group && ev->seq >= p->from && ev->seq <= p->to)
			return true;
	}
	return false;
}

int alone_next(const struct alone *a, struct trace_reader *rd, struct event **ev)
{
	int rc;
	while ((rc = reader_next(rd, ev)) == 1 && a && !a->why && !needed(a, *ev))
		;
	return rc;
}
