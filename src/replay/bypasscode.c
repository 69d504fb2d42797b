#include "replay/bypasscode.h"

#include <string.h>

#include <Zydis/Zydis.h>

#include "layout.h"
#include "replay/bypass.h"
#include "rewrite/decode.h"
#include "shared.h"

/* --- which instructions can be executed elsewhere --- */

/* A repeated string instruction is visited once for each of its steps; one of the x87 leaves its own address
 * in a register that programs can read. */
static bool leaves_no_trace(const uint8_t *p, size_t len)
{
	ZydisDecoder d;
	ZydisDecodedInstruction in;
	decode_init(&d);
	return ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&d, NULL, p, len, &in)) &&
	       !(in.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) &&
	       in.meta.isa_ext != ZYDIS_ISA_EXT_X87;
}

static const uint8_t *bytes_at(const struct live_code *c, uint64_t at, size_t *left)
{
	if (at < c->base || at - c->base >= c->len)
		return NULL;
	*left = c->len - (at - c->base);
	return c->bytes + (at - c->base);
}

static int displace_one(const struct live_code *c, uint64_t at, struct bypass_code *b)
{
	ZydisDecoder d;
	struct insn in;
	size_t left;
	const uint8_t *p = bytes_at(c, at, &left);
	decode_init(&d);
	if (!p || decode_bytes(&d, p, left, at, &in) || !(in.flags & (IN_MOVES | IN_CALL)))
		return -1;
	b->called = in.flags & IN_CALL ? in.to : 0;
	b->d = (struct detour){.at = at, .len = in.len, .n = 1, .app = {at}};
	return 0;
}

int bypass_displace(const struct live_code *c, uint64_t at, bool jumps, struct bypass_code *b)
{
	memset(b, 0, sizeof(*b));
	if (jumps ? detour_plan(c, at, &b->d) : displace_one(c, at, b))
		return -1;
	for (unsigned i = 0; i < b->d.n; i++) {
		size_t left = 0;
		const uint8_t *p = bytes_at(c, b->d.app[i], &left);
		if (!p || !leaves_no_trace(p, left))
			return -1;
	}
	return 0;
}

/* --- writing code --- */

struct writer {
	uint8_t *out; /* the pages */
	unsigned len; /* where in them */
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	memcpy(w->out + w->len, bytes, n);
	w->len += (unsigned)n;
}

#define PUT(w, text) put(w, text, sizeof(text) - 1)

static void put_byte(struct writer *w, int v)
{
	w->out[w->len++] = (uint8_t)v;
}

static void put32(struct writer *w, uint32_t v)
{
	put(w, &v, 4);
}

/* The distance from behind it to offset `to`. */
static void put_to(struct writer *w, unsigned to)
{
	put32(w, to - (w->len + 4));
}

/* The distance that stands before `at` leads here. */
static void lands(struct writer *w, unsigned at)
{
	uint32_t d = w->len - at;
	memcpy(w->out + at - 4, &d, 4);
}

/* push of the address that the call would push; jmp to where it leads */
static int copy_call(struct bypass_code *b, uint64_t page, struct writer *w)
{
	uint64_t next = b->d.at + b->d.len;
	int64_t d = (int64_t)(b->called - (page + BYPASS_COPY + 11));
	if (d != (int32_t)d)
		return -1;
	PUT(w, "\xff\x35\x05\0\0\0"); /* push 5(%rip) */
	b->back = w->len;
	PUT(w, "\xe9");
	put32(w, (uint32_t)d);
	put(w, &next, 8);
	return 0;
}

int bypass_copies(struct bypass_code *b, const struct live_code *c, uint64_t page, uint8_t *out)
{
	struct writer w = {out, BYPASS_COPY};
	if (b->called)
		return copy_call(b, page, &w);
	int n = detour_emit(c, &b->d, page + BYPASS_COPY, out + BYPASS_COPY, BYPASS_WRITTEN - BYPASS_COPY);
	b->back = BYPASS_COPY + (unsigned)n - 5;
	return n < 0 ? -1 : 0;
}

/* The processor's number of gdb's register `n`. */
static unsigned hardware(unsigned n)
{
	static const uint8_t low[8] = {0, 3, 1, 2, 6, 7, 5, 4};
	return n < 8 ? low[n] : n;
}

/* mov between register `n` (gdb's number) and the place where it is kept */
static void put_move(struct writer *w, unsigned n, bool load)
{
	unsigned reg = hardware(n);
	put_byte(w, 0x48 | (reg >= 8 ? 4 : 0));
	put_byte(w, load ? 0x8b : 0x89);
	put_byte(w, (int)((reg & 7) << 3 | 5));
	put_to(w, BYPASS_BASE + 8 * n);
}

/* What the code below changes: rax, rbx, rcx, rdx, flags and, at last, rsp. */
static void put_restore(struct writer *w)
{
	PUT(w, "\x48\x8d\x25"); /* lea of the kept flags, %rsp */
	put_to(w, BYPASS_TOP - 8);
	PUT(w, "\x9d"); /* popfq */
	for (unsigned n = 0; n < 4; n++)
		put_move(w, n, true);
	put_move(w, 7, true);
}

static void put_save(struct writer *w, struct bypass_code *b)
{
	for (unsigned n = 0; n < BYPASS_REGS; n++)
		put_move(w, n, false);
	b->moved = w->len;
	PUT(w, "\x48\x8d\x25"); /* lea of the top, %rsp */
	put_to(w, BYPASS_TOP);
	PUT(w, "\x9c"); /* pushfq */
	b->kept = w->len;
	PUT(w, "\x48\x8d\x1d"); /* lea of the base, %rbx */
	put_to(w, BYPASS_BASE);
}

#define COUNT(field) ((int)(BYPASS_COUNTS - BYPASS_BASE + offsetof(struct bypass_counts, field)))

/* Count the visit. One that is the first at a station counts from there; where calls have been made the
 * replayer must say which station that is. The offset behind a jump to where that leads. */
static unsigned put_count(struct writer *w)
{
	PUT(w, "\x48\x8b\x04\x25"); /* mov TICKS, %rax */
	put32(w, RUNTIME_TICKS);
	PUT(w, "\x48\x8b\x0c\x25"); /* mov state.pos, %rcx */
	put32(w, RUNTIME_STATE + offsetof(struct state, pos));
	PUT(w, "\x48\x39\x4b"); /* cmp %rcx, calls; jne */
	put_byte(w, COUNT(calls));
	PUT(w, "\x0f\x85\0\0\0\0");
	unsigned leaves = w->len;
	PUT(w, "\x48\x39\x43"); /* cmp %rax, ticks; je over */
	put_byte(w, COUNT(ticks));
	PUT(w, "\x74\x0c\x48\xc7\x43"); /* movq $0, visits */
	put_byte(w, COUNT(visits));
	PUT(w, "\0\0\0\0\x48\x89\x43"); /* mov %rax, ticks */
	put_byte(w, COUNT(ticks));
	PUT(w, "\x48\xff\x43"); /* over: incq visits */
	put_byte(w, COUNT(visits));
	return leaves;
}

/* May eight bytes at the address in rax be read? The ranges are sorted. The offset behind a jump to where
 * that leads which may not. */
static unsigned put_reads(struct writer *w)
{
	PUT(w, "\x48\x8d\x15"); /* lea of the table, %rdx */
	put_to(w, BYPASS_TABLE);
	PUT(w, "\x48\x3b\x02\x72\x10");		    /* again: cmp (%rdx), %rax; jb over */
	PUT(w, "\x48\x3b\x42\x08\x0f\x82\0\0\0\0"); /* cmp 8(%rdx), %rax; jb */
	unsigned leaves = w->len;
	PUT(w, "\x48\x83\xc2\x10\xeb\xeb\xc3"); /* add $16, %rdx; jmp again; over: ret */
	return leaves;
}

void bypass_emit(struct bypass_code *b, uint64_t page, const uint8_t *code, size_t len, uint8_t *out,
		 uint64_t *fails, uint64_t *reads)
{
	struct writer w = {out, b->entry};
	PUT(&w, "\xe9");
	put_to(&w, BYPASS_MAIN);
	w.len = BYPASS_MAIN;
	put_save(&w, b);
	PUT(&w, "\xe8\0\0\0\0"); /* call of the condition */
	unsigned condition = w.len;
	PUT(&w, "\x48\x85\xc0\x0f\x85\0\0\0\0"); /* test %rax, %rax; jnz */
	unsigned is_true = w.len;
	unsigned elsewhere = put_count(&w);
	b->counted = w.len;
	put_restore(&w);
	PUT(&w, "\xe9");
	put_to(&w, BYPASS_COPY);
	lands(&w, is_true);
	lands(&w, elsewhere);
	b->fails = w.len;
	*fails = page + w.len;
	put_restore(&w);
	b->trap = w.len;
	PUT(&w, "\xcc");
	*reads = page + w.len;
	unsigned unreadable = put_reads(&w);
	memcpy(out + unreadable - 4, &(uint32_t){b->fails - unreadable}, 4);
	lands(&w, condition);
	put(&w, code, len);
}
