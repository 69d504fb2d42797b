#include "rewrite/emit.h"

#include <string.h>

#include "layout.h"
#include "shared.h"

static void put(struct stub *s, const void *bytes, unsigned n)
{
	if (s->len + n > STUB_MAX) {
		s->bad = true;
		return;
	}
	memcpy(s->code + s->len, bytes, n);
	s->len += n;
}

static void put32(struct stub *s, uint64_t value)
{
	uint32_t v = (uint32_t)value;
	put(s, &v, 4);
}

/* The distance from the end of a 4-byte field to `to`. */
static void put_rel(struct stub *s, uint64_t to)
{
	int64_t d = (int64_t)(to - (s->at + s->len + 4));
	if (d != (int32_t)d)
		s->bad = true;
	put32(s, (uint64_t)d);
}

static void step(struct stub *s, uint64_t app)
{
	s->steps[s->nsteps++] = (struct step){app, s->len, false};
}

static void step_trapped(struct stub *s, uint64_t app)
{
	s->steps[s->nsteps++] = (struct step){app, s->len, true};
}

void emit_jump(uint8_t code[JUMP_LEN], uint64_t at, uint64_t to)
{
	int32_t d = (int32_t)(to - (at + JUMP_LEN));
	code[0] = 0xe9;
	memcpy(code + 1, &d, 4);
}

static void put_abs(struct stub *s, const char *op, unsigned n, uint32_t addr)
{
	put(s, op, n);
	put32(s, addr);
}

/* lea target(%rip), %rcx */
static void lea_rcx(struct stub *s, uint64_t target)
{
	put(s, "\x48\x8d\x0d", 3);
	put_rel(s, target);
}

/* The hook gets the address of the traced `syscall` in rcx, jumps there to bail out, or
 * behind it when the call is done. The kernel leaves the next address in rcx: the
 * program sees its own. */
static void put_syscall(struct stub *s, const struct insn *in)
{
	uint64_t bail = s->at + s->len + 7 + 7;
	step(s, in->addr);
	lea_rcx(s, bail);
	put(s, "\xff\x24\x25", 3); /* jmp *HOOK_PTR */
	put32(s, RUNTIME_HOOK_PTR);
	step(s, in->addr);
	put(s, "\x0f\x05", 2);
	step(s, in->addr + in->len);
	lea_rcx(s, in->addr + in->len);
}

/* Call a hook on the runtime's stack, whose pointer is at `ptr`, and come back to the
 * program's: mov %rsp, state.rsp; mov $STACK_TOP, %esp; call *ptr; mov state.rsp, %rsp */
static void call_hook(struct stub *s, const struct insn *in, uint32_t ptr)
{
	const uint32_t rsp = RUNTIME_STATE + offsetof(struct state, rsp);
	step(s, in->addr);
	put(s, "\x48\x89\x24\x25", 4);
	put32(s, rsp);
	put(s, "\xbc", 1);
	put32(s, RUNTIME_STACK_TOP);
	put(s, "\xff\x14\x25", 3);
	put32(s, ptr);
	put(s, "\x48\x8b\x24\x25", 4);
	put32(s, rsp);
}

/* The hook returns to the first mov. (What stands RUNTIME_TSC_SKIP bytes later is the instruction itself,
 * for runtimes that let it trap.) */
static void put_rdtsc(struct stub *s, const struct insn *in)
{
	const uint32_t rsp = RUNTIME_STATE + offsetof(struct state, rsp);
	call_hook(s, in, RUNTIME_TSC_PTR);
	put(s, "\xeb\x0a", 2);	       /* jmp to the end of the stub */
	put(s, "\x48\x8b\x24\x25", 4); /* mov state.rsp, %rsp */
	put32(s, rsp);
	put(s, "\x0f\x31", 2); /* rdtsc: nobody comes here */
}

/* The same, and the hook leaves what ecx is to be. */
static void put_rdtscp(struct stub *s, const struct insn *in)
{
	call_hook(s, in, RUNTIME_TSC_PTR);
	put(s, "\xeb\x0d", 2); /* jmp to the last mov */
	put_abs(s, "\x48\x8b\x24\x25", 4, RUNTIME_STATE + offsetof(struct state, rsp));
	put(s, "\x0f\x01\xf9", 3); /* rdtscp */
	step(s, in->addr + in->len);
	put(s, "\xeb\x07", 2); /* jmp to the end of the stub */
	put_abs(s, "\x8b\x0c\x25", 3, RUNTIME_STATE + offsetof(struct state, tsc_aux));
}

/* The condition is in the low four bits of the opcode, short or near; prefixes (branch
 * hints, bnd) come before it. -1: a plain jmp; -2: something else. */
static int condition(const uint8_t *op)
{
	while (*op == 0x2e || *op == 0x3e || *op == 0xf2 || *op == 0x66)
		op++;
	if (*op == 0xeb || *op == 0xe9)
		return -1;
	if ((*op & 0xf0) == 0x70)
		return *op & 0xf;
	return *op == 0x0f && (op[1] & 0xf0) == 0x80 ? op[1] & 0xf : -2;
}

/* Count down, and go on at `to`, or (0) behind; trap at zero. The counter's low byte is always
 * zero, so the flags are the same each time, whatever it stands at. */
static void put_safe_dead(struct stub *s, uint64_t to)
{
	put_abs(s, "\x48\x81\x2c\x25", 4, RUNTIME_TICKS); /* subq $TICK, TICKS */
	put32(s, RUNTIME_TICK);
	if (to) {
		put(s, "\x0f\x85", 2); /* jnz to */
		put_rel(s, to);
	} else {
		put(s, "\x75\x01", 2); /* jnz behind the trap */
	}
	put(s, "\xcc", 1);
}

/* The same without touching flags. The way on is a jump, which the caller puts after the
 * trap; what is here jumps to it. */
static void put_safe_live(struct stub *s)
{
	put_abs(s, "\x48\x89\x0c\x25", 4, RUNTIME_KEPT);  /* mov %rcx, KEPT */
	put_abs(s, "\x48\x8b\x0c\x25", 4, RUNTIME_TICKS); /* mov TICKS, %rcx */
	put(s, "\x48\x8d\x89", 3);			  /* lea -TICK(%rcx), %rcx */
	put32(s, (uint32_t)-RUNTIME_TICK);
	put_abs(s, "\x48\x89\x0c\x25", 4, RUNTIME_TICKS); /* mov %rcx, TICKS */
	put(s, "\xe3\x0a", 2);				  /* jrcxz to the trap */
	put_abs(s, "\x48\x8b\x0c\x25", 4, RUNTIME_KEPT);  /* mov KEPT, %rcx */
	put(s, "\xeb\x09", 2);				  /* jmp behind the trap */
	put_abs(s, "\x48\x8b\x0c\x25", 4, RUNTIME_KEPT);
	put(s, "\xcc", 1);
}

static void put_safe(struct stub *s, bool live, uint64_t to)
{
	if (live)
		put_safe_live(s);
	else
		put_safe_dead(s, to);
}

void stub_jump(struct stub *s, uint64_t to)
{
	put(s, "\xe9", 1);
	put_rel(s, to);
}

/* A branch with a safepoint on its way: round it when it is not taken. */
static void put_safe_branch(struct stub *s, const struct insn *in, int cond)
{
	unsigned over = s->len + 2;
	s->bad |= cond == -2;
	if (cond >= 0) {
		uint8_t around[2] = {(uint8_t)(0x70 | (cond ^ 1)), 0};
		put(s, around, 2);
	}
	put_safe(s, in->flags & IN_LIVE, in->to);
	step_trapped(s, in->to); /* the trap is a station: the branch has been taken */
	stub_jump(s, in->to);
	if (cond >= 0 && !s->bad)
		s->code[over - 1] = (uint8_t)(s->len - over);
}

int stub_emit_on_way(const struct insn *in, uint64_t at, struct stub *s)
{
	memset(s, 0, sizeof(*s));
	s->at = at;
	step(s, in->to);
	put_safe(s, in->flags & IN_LIVE, in->to);
	step_trapped(s, in->to);
	stub_jump(s, in->to);
	return s->bad ? -1 : 0;
}

static void put_branch(struct stub *s, uint64_t to, const uint8_t *bytes)
{
	int cond = condition(bytes);
	if (cond == -2) {
		s->bad = true;
	} else if (cond == -1) {
		stub_jump(s, to);
	} else {
		uint8_t near[2] = {0x0f, (uint8_t)(0x80 | cond)};
		put(s, near, 2);
		put_rel(s, to);
	}
}

/* What it addresses relative to ip stays where it is. */
void stub_move(struct stub *s, const uint8_t *bytes, size_t len, uint64_t addr)
{
	ZydisDecoder d;
	ZydisDecodedInstruction z;
	decode_init(&d);
	if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(&d, NULL, bytes, len, &z))) {
		s->bad = true;
		return;
	}
	if (z.raw.imm[0].size && z.raw.imm[0].is_relative) {
		put_branch(s, addr + z.length + (uint64_t)z.raw.imm[0].value.s, bytes);
		return;
	}
	unsigned at = s->len;
	put(s, bytes, z.length);
	bool relative = z.raw.modrm.mod == 0 && z.raw.modrm.rm == 5 && z.attributes & ZYDIS_ATTRIB_HAS_MODRM;
	if (!relative || s->bad)
		return;
	int64_t disp = z.raw.disp.value + (int64_t)(addr - (s->at + at));
	int32_t low = (int32_t)disp;
	if (low != disp || z.raw.disp.size != 32)
		s->bad = true;
	memcpy(s->code + at + z.raw.disp.offset, &low, 4);
}

static void put_moved(struct stub *s, const struct elf_text *t, const struct insn *in)
{
	size_t left;
	const uint8_t *bytes = elf_bytes(t, in->addr, &left);
	step(s, in->addr);
	if (!bytes) {
		s->bad = true;
		return;
	}
	if (in->flags & IN_BRANCH && in->flags & IN_SAFE) {
		put_safe_branch(s, in, condition(bytes));
		return;
	}
	if (in->flags & IN_SAFE) {
		put_safe(s, in->flags & IN_LIVE, 0);
		step_trapped(s, in->addr);
	}
	stub_move(s, bytes, left, in->addr);
}

/* lea of what `in` (at `bytes`, moved to `moved` in the stub) addresses, %rdi: its prefixes but
 * for a REX one, opcode and register change, the rest stays. */
static void lea_rdi(struct stub *s, const ZydisDecodedInstruction *z, unsigned moved)
{
	unsigned modrm = z->raw.modrm.offset, rest = z->length - modrm - 1;
	const uint8_t *from = s->code + moved;
	uint8_t head[3] = {(uint8_t)(0x48 | z->raw.rex.X << 1 | z->raw.rex.B), 0x8d,
			   (uint8_t)((from[modrm] & 0xc7) | 7 << 3)};
	uint8_t tail[8];
	memcpy(tail, from + modrm + 1, rest);
	int32_t back = (int32_t)(s->len + sizeof(head) + rest - (moved + z->length));
	put(s, head, sizeof(head));
	if (z->raw.modrm.mod == 0 && z->raw.modrm.rm == 5) { /* from the next ip on */
		int32_t disp;
		memcpy(&disp, tail, 4);
		disp -= back;
		memcpy(tail, &disp, 4);
	}
	put(s, tail, rest);
}

/* Put the instruction into the stub, and decode it for what the stub does about it. False: the stub is bad.
 */
static bool put_decoded(struct stub *s, const struct elf_text *t, const struct insn *in,
			ZydisDecodedInstruction *z, ZydisDecodedOperand *ops)
{
	ZydisDecoder d;
	decode_init(&d);
	put_moved(s, t, in);
	s->bad = s->bad || decode_one(&d, t, in->addr, z, ops);
	return !s->bad;
}

/* It is executed, and then completed by the runtime (runtime/xsave.c). xsaveopt, which also
 * leaves out what it stored there before, becomes xsave. */
static void put_xsave(struct stub *s, const struct elf_text *t, const struct insn *in, uint32_t hook)
{
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	unsigned at = s->len;
	if (!put_decoded(s, t, in, &z, ops))
		return;
	if (hook == RUNTIME_XSAVE_PTR)
		s->code[at + z.raw.modrm.offset] =
			(uint8_t)((s->code[at + z.raw.modrm.offset] & 0xc7) | 4 << 3);
	put_abs(s, "\x48\x89\x3c\x25", 4, RUNTIME_KEPT); /* mov %rdi, KEPT */
	lea_rdi(s, &z, at);
	call_hook(s, in, hook);
	put_abs(s, "\x48\x8b\x3c\x25", 4, RUNTIME_KEPT);
}

/* mov $0, off(%rdi), of 2, 4 or 8 bytes */
static void clear_rdi(struct stub *s, struct x87_field f)
{
	uint8_t op[4] = {0x48, 0xc7, 0x47, f.off};
	if (f.len == 2)
		op[0] = 0x66;
	put(s, f.len == 4 ? op + 1 : op, f.len == 4 ? 3 : 4);
	put(s, "\0\0\0", f.len == 2 ? 2 : 4);
}

/* It is executed, and then zeros take the place of where the last x87 instruction was, and its operand. */
static void put_x87(struct stub *s, const struct elf_text *t, const struct insn *in)
{
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	unsigned at = s->len;
	if (!put_decoded(s, t, in, &z, ops))
		return;
	put_abs(s, "\x48\x89\x3c\x25", 4, RUNTIME_KEPT); /* mov %rdi, KEPT */
	lea_rdi(s, &z, at);
	for (const struct x87_field *f = x87_fields(&z, &ops[0]); f->len; f++)
		clear_rdi(s, *f);
	put_abs(s, "\x48\x8b\x3c\x25", 4, RUNTIME_KEPT);
}

/* What calls no hook in place of it. It may store registers, also as a neighbour of the group's site. */
static void put_plain(struct stub *s, const struct elf_text *t, const struct insn *in)
{
	struct site site = {.kind = SITE_SUSPECT};
	site_classify(t, in, &site);
	if (site.kind == SITE_XSAVE || site.kind == SITE_XSAVEC)
		put_xsave(s, t, in, site.kind == SITE_XSAVE ? RUNTIME_XSAVE_PTR : RUNTIME_XSAVEC_PTR);
	else if (site.kind == SITE_FXSAVE || site.kind == SITE_FNSTENV)
		put_x87(s, t, in);
	else
		put_moved(s, t, in);
}

int stub_emit(const struct elf_text *t, const struct group *g, uint64_t at, struct stub *s)
{
	memset(s, 0, sizeof(*s));
	s->at = at;
	for (unsigned i = 0; i < g->n; i++) {
		const struct insn *in = &g->insns[i];
		if (i != g->site || g->kind == SITE_SAFEPOINT)
			put_plain(s, t, in);
		else if (g->kind == SITE_SYSCALL)
			put_syscall(s, in);
		else if (g->kind == SITE_CPUID)
			call_hook(s, in, RUNTIME_CPUID_PTR);
		else if (g->kind == SITE_RDTSCP)
			put_rdtscp(s, in);
		else if (g->kind == SITE_RDTSC)
			put_rdtsc(s, in);
		else
			put_plain(s, t, in);
	}
	if (g->returns) {
		step(s, g->start + g->len);
		stub_jump(s, g->start + g->len);
	}
	return s->bad ? -1 : 0;
}
