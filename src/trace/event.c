#include "trace/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define NREGS (sizeof(regs_t) / 8)

void codec_reset(struct ev_codec *c)
{
	size_t i = 0;
	void *r;
	while ((r = hmap_next(&c->regs, &i)))
		free(r);
	hmap_free(&c->regs);
	c->seq = 0;
}

static regs_t *last_regs(struct ev_codec *c, int32_t tid)
{
	regs_t *r = hmap_get(&c->regs, (uint32_t)tid);
	if (!r) {
		r = xcalloc(1, sizeof(*r));
		hmap_set(&c->regs, (uint32_t)tid, r);
	}
	return r;
}

/* Registers: a mask of those that changed, then the differences. */
static void put_regs(struct buf *b, struct ev_codec *c, const struct event *ev)
{
	regs_t *old = last_regs(c, ev->tid);
	const uint64_t *o = (const uint64_t *)old, *n = (const uint64_t *)&ev->regs;
	uint64_t mask = 0;
	for (size_t i = 0; i < NREGS; i++)
		mask |= (uint64_t)(o[i] != n[i]) << i;
	buf_u64(b, mask);
	for (size_t i = 0; i < NREGS; i++) {
		if (mask >> i & 1)
			buf_s64(b, (int64_t)(n[i] - o[i]));
	}
	*old = ev->regs;
}

static void get_regs(struct rd *r, struct ev_codec *c, struct event *ev)
{
	regs_t *old = last_regs(c, ev->tid);
	uint64_t *o = (uint64_t *)old, mask = rd_u64(r);
	if (mask >> NREGS)
		r->bad = true;
	for (size_t i = 0; i < NREGS && !r->bad; i++) {
		if (mask >> i & 1)
			o[i] += (uint64_t)rd_s64(r);
	}
	ev->regs = *old;
}

static void put_mapping(struct buf *b, const struct mapping *m)
{
	const struct kernel_mapping *k = &m->recorded;
	buf_u64(b, k->start);
	buf_u64(b, k->end - k->start);
	buf_u64(b, k->prot);
	buf_u64(b, k->flags);
	buf_u64(b, k->offset);
	buf_u64(b, k->dev);
	buf_u64(b, k->ino);
	buf_u64(b, k->size);
	buf_str(b, k->name);
	buf_u8(b, m->source);
	buf_str(b, m->hash);
	buf_u64(b, m->object);
	buf_u64(b, m->content);
	buf_str(b, m->original);
}

/* Names in the file store lead nowhere else. */
static bool name_ok(const char *hash)
{
	return !strchr(hash, '/') && hash[0] != '.';
}

static void get_mapping(struct rd *r, struct mapping *m)
{
	struct kernel_mapping *k = &m->recorded;
	k->start = rd_u64(r);
	k->end = k->start + rd_u64(r);
	k->prot = (uint32_t)rd_u64(r) & 7;
	k->flags = (uint32_t)rd_u64(r);
	k->offset = rd_u64(r);
	k->dev = rd_u64(r);
	k->ino = rd_u64(r);
	k->size = rd_u64(r);
	rd_str(r, k->name, sizeof(k->name));
	m->source = rd_u8(r);
	rd_str(r, m->hash, sizeof(m->hash));
	m->object = rd_u64(r);
	m->content = rd_u64(r);
	rd_str(r, m->original, sizeof(m->original));
	if (k->end < k->start || m->source > SRC_NONE || !name_ok(m->hash) || !name_ok(m->original) ||
	    (m->source == SRC_FILE && !m->hash[0]))
		r->bad = true;
}

static void put_op(struct buf *b, const struct ev_op *op)
{
	buf_u8(b, op->op);
	if (op->op == OP_MAP) {
		put_mapping(b, &op->map);
		return;
	}
	buf_u64(b, op->a);
	buf_u64(b, op->b);
	buf_u64(b, op->c);
	buf_u64(b, op->d);
	buf_u64(b, op->e);
}

static void get_op(struct rd *r, struct ev_op *op)
{
	op->op = rd_u8(r);
	if (op->op >= OP_MAX) {
		r->bad = true;
	} else if (op->op == OP_MAP) {
		get_mapping(r, &op->map);
	} else {
		op->a = rd_u64(r);
		op->b = rd_u64(r);
		op->c = rd_u64(r);
		op->d = rd_u64(r);
		op->e = rd_u64(r);
	}
}

static void put_chunk(struct buf *b, const struct ev_chunk *ch)
{
	buf_u8(b, ch->kind);
	buf_u64(b, ch->addr);
	if (ch->kind == CH_OBJ)
		buf_u64(b, ch->obj);
	buf_bytes(b, ch->data, ch->len);
}

static void get_chunk(struct rd *r, struct ev_chunk *ch)
{
	size_t n;
	ch->kind = rd_u8(r);
	ch->addr = rd_u64(r);
	if (ch->kind == CH_OBJ)
		ch->obj = rd_u64(r);
	ch->data = rd_bytes(r, &n);
	ch->len = (uint32_t)n;
	if (ch->kind > CH_OBJ || n > UINT32_MAX)
		r->bad = true;
}

void event_encode(struct buf *b, struct ev_codec *c, const struct event *ev)
{
	buf_u8(b, ev->kind);
	buf_u8(b, ev->flags);
	buf_u64(b, ev->seq - c->seq);
	c->seq = ev->seq;
	buf_u64(b, (uint32_t)ev->tid);
	buf_s64(b, ev->code);
	for (int i = 0; i < 4; i++)
		buf_s64(b, ev->arg[i]);
	buf_u64(b, ev->ticks);
	if (ev->flags & EVF_REGS)
		put_regs(b, c, ev);
	if (ev->flags & EVF_XSTATE)
		buf_bytes(b, ev->xstate, ev->xstate_len);
	buf_u64(b, ev->chunks.n);
	for (size_t i = 0; i < ev->chunks.n; i++)
		put_chunk(b, &ev->chunks.at[i]);
	buf_u64(b, ev->ops.n);
	for (size_t i = 0; i < ev->ops.n; i++)
		put_op(b, &ev->ops.at[i]);
	buf_bytes(b, ev->blob, ev->blob_len);
}

int event_decode(struct rd *r, struct ev_codec *c, struct event *ev)
{
	event_reset(ev);
	ev->kind = rd_u8(r);
	ev->flags = rd_u8(r);
	ev->seq = c->seq += rd_u64(r);
	ev->tid = (int32_t)rd_u64(r);
	ev->code = rd_s64(r);
	for (int i = 0; i < 4; i++)
		ev->arg[i] = rd_s64(r);
	ev->ticks = rd_u64(r);
	if (r->bad || !ev->kind || ev->kind >= EV_KIND_MAX || ev->tid < 0)
		return err_set("malformed event");
	if (ev->flags & EVF_REGS)
		get_regs(r, c, ev);
	if (ev->flags & EVF_XSTATE)
		ev->xstate = rd_bytes(r, &ev->xstate_len);
	uint64_t n = rd_u64(r);
	while (!r->bad && n--)
		get_chunk(r, VEC_PUSH(&ev->chunks));
	n = rd_u64(r);
	while (!r->bad && n--)
		get_op(r, VEC_PUSH(&ev->ops));
	ev->blob = rd_bytes(r, &ev->blob_len);
	if (r->bad || ev->xstate_len > XSTATE_MAX)
		return err_set("malformed event");
	return 0;
}

void event_reset(struct event *ev)
{
	struct event clean = {0};
	clean.chunks = ev->chunks;
	clean.ops = ev->ops;
	clean.chunks.n = clean.ops.n = 0;
	*ev = clean;
}

void event_free(struct event *ev)
{
	VEC_FREE(&ev->chunks);
	VEC_FREE(&ev->ops);
}

void event_chunk(struct event *ev, uint8_t kind, uint64_t addr, const void *data, size_t len)
{
	struct ev_chunk *ch = VEC_PUSH(&ev->chunks);
	ch->kind = kind;
	ch->addr = addr;
	ch->data = data;
	ch->len = (uint32_t)len;
}

struct ev_op *event_op(struct event *ev, uint8_t op)
{
	struct ev_op *o = VEC_PUSH(&ev->ops);
	o->op = op;
	return o;
}

bool event_runs(const struct event *ev)
{
	switch (ev->kind) {
	case EV_SYSCALL:
	case EV_ENTRY:
	case EV_SIGNAL:
	case EV_INSN:
	case EV_SAFEPOINT:
	case EV_STOP:
		return true;
	case EV_BUFFER:
		return ev->arg[0];
	default:
		return false;
	}
}

bool event_only_prepares(const struct event *ev)
{
	return (ev->kind == EV_BUFFER && !ev->arg[0]) || ev->kind == EV_CHECK;
}

const char *event_kind_name(uint8_t kind)
{
	static const char *const names[EV_KIND_MAX] = {
		[EV_SYSCALL] = "syscall",  [EV_ENTRY] = "entry",
		[EV_EXIT] = "exit",	   [EV_SIGNAL] = "signal",
		[EV_INSN] = "instruction", [EV_FORK] = "fork",
		[EV_EXEC] = "exec",	   [EV_TASK_EXIT] = "task-exit",
		[EV_MEM] = "memory",	   [EV_START] = "start",
		[EV_END] = "end",	   [EV_CHECK] = "check",
		[EV_BUFFER] = "buffer",	   [EV_SAFEPOINT] = "safepoint",
		[EV_STOP] = "stop",
	};
	return kind < EV_KIND_MAX && names[kind] ? names[kind] : "unknown";
}
