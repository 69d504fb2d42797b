/* Every stub decoded back and compared with what it replaces. Written apart from the
 * code that makes stubs, to find its mistakes. */
#include "rewrite/image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "layout.h"
#include "shared.h"

struct check {
	const struct elf_text *t;
	const struct image *im;
	const uint8_t *bytes; /* the image file */
	ZydisDecoder d;
	uint64_t text_base, area_base; /* addresses of the ELF file */
};

struct both {
	ZydisDecodedInstruction in;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
};

static int in_area(const struct check *c, uint64_t vaddr, struct both *b)
{
	uint64_t off = vaddr - c->area_base;
	const struct image_header *h = &c->im->head;
	if (off >= h->area_len)
		return -1;
	return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&c->d, c->bytes + h->area_off + off, h->area_len - off,
						   &b->in, b->ops))
		       ? 0
		       : -1;
}

/* The changed text at `vaddr`, or NULL. */
static const uint8_t *text_at(const struct check *c, uint64_t vaddr, size_t *left)
{
	uint64_t off = vaddr - c->text_base;
	for (unsigned i = 0; i < c->im->head.nsegs; i++) {
		const struct image_seg *s = &c->im->head.seg[i];
		if (off < s->base || off - s->base >= s->len)
			continue;
		*left = s->len - (off - s->base);
		return c->bytes + s->text_off + (off - s->base);
	}
	return NULL;
}

static int in_text(const struct check *c, uint64_t vaddr, struct both *b)
{
	size_t left;
	const uint8_t *p = text_at(c, vaddr, &left);
	return p && ZYAN_SUCCESS(ZydisDecoderDecodeFull(&c->d, p, left, &b->in, b->ops)) ? 0 : -1;
}

static uint64_t target(const struct both *b, uint64_t at)
{
	uint64_t to = 0;
	ZydisCalcAbsoluteAddress(&b->in, &b->ops[0], at, &to);
	return to;
}

static bool same_address(const struct both *a, const ZydisDecodedOperand *x, uint64_t a_at,
			 const struct both *b, const ZydisDecodedOperand *y, uint64_t b_at)
{
	uint64_t to_x = 0, to_y = 0;
	if (x->mem.base == ZYDIS_REGISTER_RIP)
		return y->mem.base == ZYDIS_REGISTER_RIP &&
		       ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&a->in, x, a_at, &to_x)) &&
		       ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&b->in, y, b_at, &to_y)) && to_x == to_y;
	return x->mem.base == y->mem.base && x->mem.index == y->mem.index && x->mem.scale == y->mem.scale &&
	       x->mem.segment == y->mem.segment && x->mem.disp.value == y->mem.disp.value;
}

/* Two operands mean the same, one seen from `a_at`, the other from `b_at`. */
static bool same_operand(const struct both *a, const struct both *b, unsigned i, uint64_t a_at, uint64_t b_at)
{
	const ZydisDecodedOperand *x = &a->ops[i], *y = &b->ops[i];
	if (x->type != y->type)
		return false;
	if (x->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && x->imm.is_relative)
		return target(a, a_at) == target(b, b_at);
	if (x->size != y->size)
		return false;
	switch (x->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return x->reg.value == y->reg.value;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		return x->imm.value.u == y->imm.value.u;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return same_address(a, x, a_at, b, y, b_at);
	default:
		return true;
	}
}

static bool same(const struct both *a, const struct both *b, uint64_t a_at, uint64_t b_at)
{
	const ZydisInstructionAttributes prefixes =
		ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
	if (a->in.mnemonic != b->in.mnemonic || a->in.operand_count != b->in.operand_count ||
	    (a->in.attributes & prefixes) != (b->in.attributes & prefixes))
		return false;
	for (unsigned i = 0; i < a->in.operand_count; i++) {
		if (!same_operand(a, b, i, a_at, b_at))
			return false;
	}
	return true;
}

/* The parts of a system call's stub: lea, jmp *HOOK_PTR, syscall, lea. */
static bool call_parts(const struct check *c, uint64_t stub, uint64_t app_next)
{
	struct both b;
	uint64_t to = 0;
	if (in_area(c, stub, &b) || b.in.mnemonic != ZYDIS_MNEMONIC_LEA ||
	    b.ops[0].reg.value != ZYDIS_REGISTER_RCX ||
	    ZYAN_FAILED(ZydisCalcAbsoluteAddress(&b.in, &b.ops[1], stub, &to)))
		return false;
	uint64_t jump = stub + b.in.length;
	if (in_area(c, jump, &b) || b.in.mnemonic != ZYDIS_MNEMONIC_JMP ||
	    b.ops[0].type != ZYDIS_OPERAND_TYPE_MEMORY || b.ops[0].mem.base != ZYDIS_REGISTER_NONE ||
	    b.ops[0].mem.disp.value != RUNTIME_HOOK_PTR || to != jump + b.in.length)
		return false;
	if (in_area(c, to, &b) || b.in.mnemonic != ZYDIS_MNEMONIC_SYSCALL)
		return false;
	uint64_t last = to + b.in.length, rcx = 0;
	return !in_area(c, last, &b) && b.in.mnemonic == ZYDIS_MNEMONIC_LEA &&
	       b.ops[0].reg.value == ZYDIS_REGISTER_RCX &&
	       ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&b.in, &b.ops[1], last, &rcx)) && rcx == app_next;
}

static bool is_abs(const struct both *b, unsigned op, uint32_t addr)
{
	const ZydisDecodedOperand *o = &b->ops[op];
	return o->type == ZYDIS_OPERAND_TYPE_MEMORY && o->mem.base == ZYDIS_REGISTER_NONE &&
	       o->mem.index == ZYDIS_REGISTER_NONE && o->mem.disp.value == addr;
}

/* Decode what must be at *at, and go past it. */
static bool next_is(const struct check *c, uint64_t *at, ZydisMnemonic m, struct both *b)
{
	if (in_area(c, *at, b) || b->in.mnemonic != m)
		return false;
	*at += b->in.length;
	return true;
}

static bool mov_abs(const struct check *c, uint64_t *at, ZydisRegister reg, uint32_t addr, bool store)
{
	struct both b;
	return next_is(c, at, ZYDIS_MNEMONIC_MOV, &b) && is_abs(&b, !store, addr) &&
	       b.ops[store].type == ZYDIS_OPERAND_TYPE_REGISTER && b.ops[store].reg.value == reg;
}

/* A call of a hook, on the runtime's stack. */
static bool hook_parts(const struct check *c, uint64_t *at, uint32_t ptr)
{
	const uint32_t rsp = RUNTIME_STATE + offsetof(struct state, rsp);
	struct both b;
	return mov_abs(c, at, ZYDIS_REGISTER_RSP, rsp, true) && next_is(c, at, ZYDIS_MNEMONIC_MOV, &b) &&
	       b.ops[0].reg.value == ZYDIS_REGISTER_ESP && b.ops[1].imm.value.u == RUNTIME_STACK_TOP &&
	       next_is(c, at, ZYDIS_MNEMONIC_CALL, &b) && is_abs(&b, 0, ptr) &&
	       mov_abs(c, at, ZYDIS_REGISTER_RSP, rsp, false);
}

static bool jumps_to(const struct check *c, uint64_t *at, uint64_t to)
{
	struct both b;
	uint64_t jump = *at;
	return next_is(c, at, ZYDIS_MNEMONIC_JMP, &b) && target(&b, jump) == to;
}

/* The hook; where it returns further on the instruction traps, else rdtscp takes ecx. */
static bool tsc_parts(const struct check *c, const struct both *orig, uint64_t at)
{
	const uint32_t aux = RUNTIME_STATE + offsetof(struct state, tsc_aux);
	const uint32_t rsp = RUNTIME_STATE + offsetof(struct state, rsp);
	struct both b;
	bool ok = hook_parts(c, &at, RUNTIME_TSC_PTR);
	uint64_t skip = at - 8 + RUNTIME_TSC_SKIP, to = skip + 8 + orig->in.length;
	to += orig->in.mnemonic == ZYDIS_MNEMONIC_RDTSCP ? 2 : 0;
	ok = ok && jumps_to(c, &at, to) && at == skip && mov_abs(c, &at, ZYDIS_REGISTER_RSP, rsp, false) &&
	     next_is(c, &at, orig->in.mnemonic, &b);
	if (!ok || orig->in.mnemonic == ZYDIS_MNEMONIC_RDTSC)
		return ok;
	return jumps_to(c, &at, to + 7) && at == to && mov_abs(c, &at, ZYDIS_REGISTER_ECX, aux, false);
}

static bool is_xsave(ZydisMnemonic m)
{
	return m == ZYDIS_MNEMONIC_XSAVE || m == ZYDIS_MNEMONIC_XSAVE64 || m == ZYDIS_MNEMONIC_XSAVEOPT ||
	       m == ZYDIS_MNEMONIC_XSAVEOPT64 || m == ZYDIS_MNEMONIC_XSAVEC || m == ZYDIS_MNEMONIC_XSAVEC64;
}

static ZydisMnemonic without_opt(ZydisMnemonic m)
{
	return m == ZYDIS_MNEMONIC_XSAVEOPT	? ZYDIS_MNEMONIC_XSAVE
	       : m == ZYDIS_MNEMONIC_XSAVEOPT64 ? ZYDIS_MNEMONIC_XSAVE64
						: m;
}

/* An instruction that stores registers, of this mnemonic; rdi is kept, and gets its operand's address. */
static bool stores_parts(const struct check *c, const struct both *orig, ZydisMnemonic mnemonic, uint64_t app,
			 uint64_t *at)
{
	struct both b;
	uint64_t was = *at;
	if (!next_is(c, at, mnemonic, &b) || !same_operand(orig, &b, 0, app, was) ||
	    !mov_abs(c, at, ZYDIS_REGISTER_RDI, RUNTIME_KEPT, true))
		return false;
	was = *at;
	return next_is(c, at, ZYDIS_MNEMONIC_LEA, &b) && b.ops[0].reg.value == ZYDIS_REGISTER_RDI &&
	       same_address(orig, &orig->ops[0], app, &b, &b.ops[1], was);
}

/* xsave or xsavec, and the hook that gets its operand's address. */
static bool xsave_parts(const struct check *c, const struct both *orig, uint64_t app, uint64_t at)
{
	bool compacted =
		orig->in.mnemonic == ZYDIS_MNEMONIC_XSAVEC || orig->in.mnemonic == ZYDIS_MNEMONIC_XSAVEC64;
	if (!stores_parts(c, orig, without_opt(orig->in.mnemonic), app, &at))
		return false;
	return hook_parts(c, &at, compacted ? RUNTIME_XSAVEC_PTR : RUNTIME_XSAVE_PTR) &&
	       mov_abs(c, &at, ZYDIS_REGISTER_RDI, RUNTIME_KEPT, false);
}

static bool is_x87(const struct both *orig)
{
	switch (orig->in.mnemonic) {
	case ZYDIS_MNEMONIC_FXSAVE:
	case ZYDIS_MNEMONIC_FXSAVE64:
	case ZYDIS_MNEMONIC_FNSTENV:
	case ZYDIS_MNEMONIC_FNSAVE:
		return orig->ops[0].mem.segment != ZYDIS_REGISTER_FS &&
		       orig->ops[0].mem.segment != ZYDIS_REGISTER_GS && orig->in.address_width == 64;
	default:
		return false;
	}
}

/* What it stores of the last x87 instruction: the pointers, as the manual lays them out. */
static uint32_t x87_pointers(const struct both *orig)
{
	bool fx = orig->in.mnemonic == ZYDIS_MNEMONIC_FXSAVE || orig->in.mnemonic == ZYDIS_MNEMONIC_FXSAVE64;
	if (fx)
		return 0xffffc0; /* a bit for each byte: opcode, ip, operand */
	return orig->in.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE ? 0x3fc0 : 0x3fff000;
}

/* fnstenv, fnsave or fxsave, and zeros over the pointers. */
static bool x87_parts(const struct check *c, const struct both *orig, uint64_t app, uint64_t at)
{
	struct both b;
	uint32_t cleared = 0;
	if (!stores_parts(c, orig, orig->in.mnemonic, app, &at))
		return false;
	while (!in_area(c, at, &b) && b.in.mnemonic == ZYDIS_MNEMONIC_MOV &&
	       b.ops[0].mem.base == ZYDIS_REGISTER_RDI && b.ops[0].mem.index == ZYDIS_REGISTER_NONE &&
	       b.ops[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && !b.ops[1].imm.value.u) {
		cleared |= ((1u << b.ops[0].size / 8) - 1) << b.ops[0].mem.disp.value;
		at += b.in.length;
	}
	return cleared == x87_pointers(orig) && mov_abs(c, &at, ZYDIS_REGISTER_RDI, RUNTIME_KEPT, false);
}

/* The stub address that stands for `app` in the group: the last entry of it. */
static uint64_t stub_of(const struct check *c, unsigned first, unsigned end, uint32_t app, bool last)
{
	uint64_t found = 0;
	for (unsigned i = first; i < end; i++) {
		if (c->im->entries[i].app == app && !(c->im->entries[i].flags & ENTRY_TRAPPED) &&
		    (last || !found))
			found = c->area_base + c->im->entries[i].stub;
	}
	return found;
}

static int wrong(const struct check *c, uint32_t app, const char *what)
{
	return err_set("the stub for 0x%llx is wrong: %s", (unsigned long long)(c->text_base + app), what);
}

/* The countdown that leaves flags alone; *at then follows its trap, to which both of its
 * ways lead: the one that traps restores rcx too. */
static bool live_countdown(const struct check *c, uint64_t *at)
{
	struct both b;
	if (!mov_abs(c, at, ZYDIS_REGISTER_RCX, RUNTIME_KEPT, true) ||
	    !mov_abs(c, at, ZYDIS_REGISTER_RCX, RUNTIME_TICKS, false) ||
	    !next_is(c, at, ZYDIS_MNEMONIC_LEA, &b) || b.ops[0].reg.value != ZYDIS_REGISTER_RCX ||
	    b.ops[1].mem.base != ZYDIS_REGISTER_RCX || b.ops[1].mem.index != ZYDIS_REGISTER_NONE ||
	    b.ops[1].mem.disp.value != -RUNTIME_TICK ||
	    !mov_abs(c, at, ZYDIS_REGISTER_RCX, RUNTIME_TICKS, true))
		return false;
	uint64_t jump = *at;
	if (!next_is(c, at, ZYDIS_MNEMONIC_JRCXZ, &b))
		return false;
	uint64_t trap = target(&b, jump);
	if (!mov_abs(c, at, ZYDIS_REGISTER_RCX, RUNTIME_KEPT, false))
		return false;
	jump = *at;
	if (!next_is(c, at, ZYDIS_MNEMONIC_JMP, &b) || *at != trap ||
	    !mov_abs(c, at, ZYDIS_REGISTER_RCX, RUNTIME_KEPT, false))
		return false;
	uint64_t on = target(&b, jump);
	return next_is(c, at, ZYDIS_MNEMONIC_INT3, &b) && *at == on;
}

/* The short one: both ways lead to `to`, or (0) behind the trap. */
static bool dead_countdown(const struct check *c, uint64_t *at, uint64_t to)
{
	struct both b;
	if (!next_is(c, at, ZYDIS_MNEMONIC_SUB, &b) || !is_abs(&b, 0, RUNTIME_TICKS) || b.ops[0].size != 64 ||
	    b.ops[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE || b.ops[1].imm.value.s != RUNTIME_TICK)
		return false;
	uint64_t jump = *at;
	if (!next_is(c, at, ZYDIS_MNEMONIC_JNZ, &b))
		return false;
	uint64_t on = target(&b, jump);
	return next_is(c, at, ZYDIS_MNEMONIC_INT3, &b) && on == (to ? to : *at);
}

static bool countdown(const struct check *c, uint64_t *at, uint64_t to)
{
	uint64_t start = *at;
	if (dead_countdown(c, at, to))
		return true;
	*at = start;
	return live_countdown(c, at);
}

/* A displaced branch or indirect jump with a safepoint: is it all there? */
static bool safe_parts(const struct check *c, const struct both *orig, uint64_t app, uint64_t at)
{
	struct both b;
	if (orig->in.meta.category == ZYDIS_CATEGORY_UNCOND_BR && !orig->in.raw.imm[0].is_relative)
		return countdown(c, &at, 0) && !in_area(c, at, &b) && same(orig, &b, app, at);
	if (orig->in.meta.category != ZYDIS_CATEGORY_UNCOND_BR &&
	    orig->in.meta.category != ZYDIS_CATEGORY_COND_BR)
		return false;
	uint64_t to = target(orig, app), round = 0;
	if (orig->in.meta.category == ZYDIS_CATEGORY_COND_BR) {
		if (in_area(c, at, &b) || b.in.meta.category != ZYDIS_CATEGORY_COND_BR ||
		    (b.in.opcode & 0xf) != ((orig->in.opcode & 0xf) ^ 1))
			return false;
		round = target(&b, at);
		at += b.in.length;
	}
	if (!countdown(c, &at, to))
		return false;
	uint64_t jump = at;
	return next_is(c, &at, ZYDIS_MNEMONIC_JMP, &b) && target(&b, jump) == to && (!round || round == at);
}

/* A jump or call that leads to a countdown and on to where it led before. */
static int check_retargeted(const struct check *c, const struct image_entry *e)
{
	struct both orig, now, b;
	uint64_t at = c->text_base + e->group;
	if (decode_one(&c->d, c->t, at, &orig.in, orig.ops) || in_text(c, at, &now) ||
	    now.in.mnemonic != orig.in.mnemonic || now.in.length != orig.in.length)
		return wrong(c, e->group, "another instruction is in its place");
	uint64_t to = target(&orig, at), stub = target(&now, at);
	if (to != c->text_base + e->app || stub != c->area_base + e->stub || !countdown(c, &stub, to))
		return wrong(c, e->group, "it does not count down");
	uint64_t jump = stub;
	if (!next_is(c, &stub, ZYDIS_MNEMONIC_JMP, &b) || target(&b, jump) != to)
		return wrong(c, e->group, "it goes elsewhere after its safepoint");
	return 0;
}

/* Text, trampoline and stub of one group, whose entries are [first, end). */
static int check_group(const struct check *c, unsigned first, unsigned end)
{
	const struct image_entry *e = &c->im->entries[first];
	uint64_t start = c->text_base + e->group, at = start, stop = start + e->group_len;
	struct both orig, now;
	if (in_text(c, start, &now) || now.in.mnemonic != ZYDIS_MNEMONIC_JMP || now.in.length != 5)
		return wrong(c, e->group, "there is no jump at it");
	uint64_t to = target(&now, start), stub = stub_of(c, first, end, e->group, false);
	if (to != stub &&
	    (in_area(c, to, &now) || now.in.mnemonic != ZYDIS_MNEMONIC_JMP || target(&now, to) != stub))
		return wrong(c, e->group, "the jump goes elsewhere");
	bool ended = false;
	while (at < stop && !ended) {
		uint32_t app = (uint32_t)(at - c->text_base);
		if (!elf_func(c->t, at))
			break; /* the rest is filling */
		if (decode_one(&c->d, c->t, at, &orig.in, orig.ops))
			return wrong(c, app, "the original does not decode");
		uint64_t first_stub = stub_of(c, first, end, app, false);
		stub = stub_of(c, first, end, app, true);
		size_t left;
		const uint8_t *byte = text_at(c, at, &left);
		if (at != start && (!byte || (*byte != 0xcc && *byte != 0x60)))
			return wrong(c, app, "its old place does not trap");
		if (orig.in.mnemonic == ZYDIS_MNEMONIC_SYSCALL) {
			/* What follows has the step before it too. */
			if (!call_parts(c, first_stub, at + orig.in.length))
				return wrong(c, app, "the call is not as it must be");
		} else if (is_xsave(orig.in.mnemonic)) {
			if (!xsave_parts(c, &orig, at, first_stub))
				return wrong(c, app, "xsave is not completed");
		} else if (is_x87(&orig)) {
			if (!x87_parts(c, &orig, at, first_stub))
				return wrong(c, app, "its x87 pointers are not cleared");
		} else if (orig.in.mnemonic == ZYDIS_MNEMONIC_CPUID) {
			if (!hook_parts(c, &first_stub, RUNTIME_CPUID_PTR))
				return wrong(c, app, "cpuid is not as it must be");
		} else if (orig.in.mnemonic == ZYDIS_MNEMONIC_RDTSC ||
			   orig.in.mnemonic == ZYDIS_MNEMONIC_RDTSCP) {
			if (!tsc_parts(c, &orig, first_stub))
				return wrong(c, app, "rdtsc is not as it must be");
		} else if (!safe_parts(c, &orig, at, stub) &&
			   (in_area(c, stub, &now) || !same(&orig, &now, at, stub))) {
			return wrong(c, app, "the displaced instruction differs");
		}
		ended = orig.in.meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
			orig.in.meta.category == ZYDIS_CATEGORY_RET;
		at += orig.in.length;
	}
	uint64_t back = stub_of(c, first, end, (uint32_t)(stop - c->text_base), true);
	if (!ended &&
	    (in_area(c, back, &now) || now.in.mnemonic != ZYDIS_MNEMONIC_JMP || target(&now, back) != stop))
		return wrong(c, e->group, "it does not come back");
	return 0;
}

static int check_all(struct check *c)
{
	const struct image *im = c->im;
	c->text_base = im->head.vaddr;
	c->area_base = im->head.vaddr + (uint64_t)im->head.distance;
	for (unsigned i = 0; i < im->head.nentries;) {
		const struct image_entry *e = &im->entries[i];
		unsigned end = i;
		while (end < im->head.nentries && im->entries[end].group == e->group)
			end++;
		if (e->group_len ? check_group(c, i, end) : check_retargeted(c, e))
			return -1;
		i = end;
	}
	return 0;
}

int image_verify(int elf_fd, int image_fd)
{
	struct elf_text t;
	struct image im;
	struct check c = {.t = &t, .im = &im};
	if (image_load(&im, image_fd, true))
		return -1;
	int rc = elf_text_open(&t, elf_fd) ? err_set("the file cannot be read again") : 0;
	void *map = mmap(NULL, im.head.size, PROT_READ, MAP_PRIVATE, image_fd, 0);
	decode_init(&c.d);
	c.bytes = map;
	if (map == MAP_FAILED)
		rc = err_set("the image cannot be mapped");
	if (!rc)
		rc = check_all(&c);
	if (map != MAP_FAILED)
		munmap(map, im.head.size);
	elf_text_close(&t);
	image_free(&im);
	return rc;
}
