#include "trace/records.h"

#include <string.h>

#include "layout.h"
#include "shared.h"

static void set_arg(regs_t *r, unsigned i, uint64_t value)
{
	unsigned long long *const to[6] = {&r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8, &r->r9};
	*to[i] = value;
}

static int pieces(struct rd *r, struct event *out)
{
	while (r->p < r->end) {
		struct piece_head h;
		const uint8_t *p = rd_raw(r, sizeof(h));
		if (!p)
			return -1;
		memcpy(&h, p, sizeof(h));
		const uint8_t *data = rd_raw(r, (h.len + 7ull) & ~7ull);
		if (data && h.kind == PIECE_EXTRA) {
			out->arg[0] = (int64_t)h.addr;
			continue;
		}
		if (!data || h.kind > PIECE_IN || h.addr + h.len < h.addr)
			return -1;
		event_chunk(out, h.kind == PIECE_IN ? CH_IN : CH_OUT, h.addr, data, h.len);
	}
	return 0;
}

int record_next(const struct event *buffer, size_t *at, struct event *out)
{
	struct record rec;
	if (*at >= buffer->blob_len)
		return 0;
	struct rd r = rd_make(buffer->blob + *at, buffer->blob_len - *at);
	const uint8_t *p = rd_raw(&r, sizeof(rec));
	if (!p)
		return -1;
	memcpy(&rec, p, sizeof(rec));
	if (rec.size > buffer->blob_len - *at || rec.size & 7 || rec.nargs > 6 ||
	    rec.size < sizeof(rec) + 8ull * rec.nargs)
		return -1;
	r.end = p + rec.size;
	event_reset(out);
	out->kind = EV_SYSCALL;
	out->seq = buffer->seq;
	out->tid = buffer->tid;
	out->group = buffer->group;
	out->code = rec.nr;
	out->arg[1] = rec.flags & REC_REDO;
	out->arg[2] = rec.flags & REC_FILE;
	if (rec.nr == RUNTIME_RDTSC_NR) {
		out->kind = EV_INSN;
		out->code = INSN_RDTSC;
	}
	out->regs.rax = (uint64_t)rec.result;
	for (unsigned i = 0; i < rec.nargs; i++) {
		uint64_t v;
		memcpy(&v, rd_raw(&r, 8), 8);
		set_arg(&out->regs, i, v);
	}
	*at += rec.size;
	return pieces(&r, out) ? -1 : 1;
}
