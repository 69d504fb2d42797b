#include "rewrite/safepoint.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_MAX 64  /* instructions looked at for one place */
#define BLOCK_MAX 64 /* instructions of a loop that may need no safepoint */
#define LEAN_MAX 100 /* instructions of a loop that may lean on others */
#define STRIDE_MIN 4 /* bytes that a counted one goes on each time: 100 MB take some 20 ms */

struct choice {
	const struct elf_text *t;
	const struct survey *s;
	const struct func *f;
	insn_list *l;
	ZydisDecoder d;
	int dispatch_live; /* are flags live where indirect jumps go? -1: not known yet */
	int tables;	   /* tables_of; -2: not known yet */
};

/* --- flags --- */

/* How many places of a function are in jump tables (its start may just be a function pointer); -1: code
 * addresses are computed in it, so its indirect jumps may go elsewhere; 0: they are calls in tail position.
 */
static int count_tables(const struct choice *c, const struct func *f)
{
	int n = 0;
	for (uint64_t at = f->start; at < f->end; at++) {
		uint8_t m = survey_mark(c->s, at);
		if (m & MARK_LEA && at != f->start)
			return -1;
		n += (m & MARK_TABLE) != 0;
	}
	return n;
}

static int tables_of(struct choice *c)
{
	if (c->tables == -2)
		c->tables = count_tables(c, c->f);
	return c->tables;
}

/* Where a function ends, or calls one that is not known: the psABI (3.2.1) gives the flags no
 * meaning there. Assembly code may have rules of its own, but not for calls through pointers;
 * so what its direct callers do says whether a function returns flags. */
static bool live_beyond(const struct choice *c, const struct insn *in)
{
	const struct func *f = elf_func(c->t, in->addr);
	if (in->mnemonic == ZYDIS_MNEMONIC_RET)
		return !f || c->s->returns_flags[f - c->t->funcs.at];
	if (in->flags & IN_INDIRECT)
		return !f || count_tables(c, f);
	return in->mnemonic != ZYDIS_MNEMONIC_CALL;
}

/* From an address of another function on: are flags read before they are written?
 * It is followed through direct jumps and calls. */
static bool live_elsewhere(const struct choice *c, uint64_t addr, uint8_t mask, unsigned *budget)
{
	for (; *budget; --*budget) {
		struct insn i;
		if (decode_insn(&c->d, c->t, addr, &i) || i.reads & mask)
			return true;
		mask &= (uint8_t)~i.writes;
		if (!mask)
			return false;
		/* A slot of the linker's: what it calls the first time is its resolver, which
		 * overwrites the flags; so nobody may count on them. */
		if (i.mnemonic == ZYDIS_MNEMONIC_JMP && !(i.flags & (IN_BRANCH | IN_INDIRECT)))
			return false;
		bool follow = i.flags & (IN_CALL | IN_BRANCH);
		if (i.flags & IN_COND && (!follow || live_elsewhere(c, i.to, mask, budget)))
			return true;
		if (follow && !(i.flags & IN_COND))
			addr = i.to;
		else if (i.flags & IN_ENDS || i.mnemonic == ZYDIS_MNEMONIC_CALL)
			return live_beyond(c, &i);
		else
			addr += i.len;
	}
	return true;
}

static bool live_at_dispatch(struct choice *c);

/* May one of the flags in `mask` be read by what is executed from instruction `i` on,
 * before it is written? What cannot be followed counts as reading. */
static bool live_from(struct choice *c, size_t i, uint8_t mask, unsigned *budget)
{
	for (; i < c->l->n && *budget; --*budget) {
		const struct insn *in = &c->l->at[i];
		if (in->reads & mask)
			return true;
		mask &= (uint8_t)~in->writes;
		if (!mask)
			return false;
		if (in->flags & IN_CALL)
			return live_elsewhere(c, in->to, mask, budget);
		if (in->flags & IN_BRANCH) {
			size_t to = decode_find(c->l, in->to);
			bool out = to == SIZE_MAX;
			if (out && !(in->flags & IN_COND))
				return live_elsewhere(c, in->to, mask, budget);
			if (in->flags & IN_COND &&
			    (out ? live_elsewhere(c, in->to, mask, budget) : live_from(c, to, mask, budget)))
				return true;
			i = in->flags & IN_COND ? i + 1 : to;
			if (!*budget)
				return true;
			continue;
		}
		if (in->flags & IN_INDIRECT && tables_of(c) > 0)
			return live_at_dispatch(c);
		if (in->flags & IN_ENDS || in->mnemonic == ZYDIS_MNEMONIC_CALL)
			return live_beyond(c, in);
		i++;
	}
	return true;
}

static bool live_at(struct choice *c, uint64_t addr)
{
	unsigned budget = SCAN_MAX;
	size_t i = addr >= c->f->start && addr < c->f->end ? decode_find(c->l, addr) : SIZE_MAX;
	return i == SIZE_MAX ? live_elsewhere(c, addr, FLAGS_ALL, &budget)
			     : live_from(c, i, FLAGS_ALL, &budget);
}

/* Flags are live at an indirect jump if they are at one of the places it may go to. While
 * that is being found out, paths that come to the same jump again add nothing. */
static bool live_at_dispatch(struct choice *c)
{
	if (c->dispatch_live >= 0)
		return c->dispatch_live;
	bool live = tables_of(c) < 0;
	c->dispatch_live = 0;
	for (size_t i = 0; i < c->l->n && !live; i++) {
		unsigned budget = SCAN_MAX;
		if (survey_mark(c->s, c->l->at[i].addr) & MARK_TABLE)
			live = live_from(c, i, FLAGS_ALL, &budget);
	}
	c->dispatch_live = live;
	return live;
}

/* --- loops that end by themselves --- */

struct block {
	ZydisDecodedInstruction in[BLOCK_MAX];
	ZydisDecodedOperand ops[BLOCK_MAX][ZYDIS_MAX_OPERAND_COUNT];
	unsigned n;
};

/* The instructions [from, to], which each time round are executed one after the other, unless
 * a branch forward leaves them for good: what comes back from there has a branch back too. */
static bool read_block(const struct choice *c, size_t from, size_t to, struct block *b)
{
	b->n = 0;
	if (to - from >= BLOCK_MAX)
		return false;
	for (size_t i = from; i <= to; i++) {
		const struct insn *in = &c->l->at[i];
		bool leaves = in->flags & IN_BRANCH && in->flags & IN_COND && in->to > c->l->at[to].addr;
		if (!(in->flags & IN_MOVES) ||
		    (i != to && !leaves && in->flags & (IN_ENDS | IN_BRANCH | IN_COND)) ||
		    decode_one(&c->d, c->t, in->addr, &b->in[b->n], b->ops[b->n]))
			return false;
		b->n++;
	}
	return true;
}

static ZydisRegister wide(ZydisRegister r)
{
	return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
}

/* What the instruction adds to 64-bit register `r`: 0: it leaves it alone; false: something
 * that is not a constant. */
static bool advance(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops, ZydisRegister r,
		    int64_t *by)
{
	bool writes = false;
	for (unsigned i = 0; i < in->operand_count; i++) {
		if (ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ops[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE && wide(ops[i].reg.value) == r)
			writes = true;
	}
	*by = 0;
	if (!writes)
		return true;
	if (ops[0].type != ZYDIS_OPERAND_TYPE_REGISTER || ops[0].reg.value != r)
		return false;
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_INC:
	case ZYDIS_MNEMONIC_DEC:
		*by = in->mnemonic == ZYDIS_MNEMONIC_INC ? 1 : -1;
		return true;
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		if (ops[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
			return false;
		*by = in->mnemonic == ZYDIS_MNEMONIC_ADD ? ops[1].imm.value.s : -ops[1].imm.value.s;
		return true;
	case ZYDIS_MNEMONIC_LEA:
		if (ops[1].mem.base != r || ops[1].mem.index != ZYDIS_REGISTER_NONE)
			return false;
		*by = ops[1].mem.disp.value;
		return true;
	default:
		return false;
	}
}

/* Does `r` move by the same distance each time round, at least by `min`? */
static bool strides(const struct block *b, ZydisRegister r, int64_t min)
{
	int64_t sum = 0, by;
	for (unsigned i = 0; i < b->n; i++) {
		if (!advance(&b->in[i], b->ops[i], r, &by))
			return false;
		sum += by;
	}
	return (sum >= min || sum <= -min) && sum > -(1 << 20) && sum < 1 << 20;
}

static bool fixed(const struct block *b, ZydisRegister r)
{
	int64_t by;
	for (unsigned i = 0; r != ZYDIS_REGISTER_NONE && i < b->n; i++) {
		if (!advance(&b->in[i], b->ops[i], r, &by) || by)
			return false;
	}
	return true;
}

/* A memory access that the instruction makes in any case, through general registers. */
static bool accesses(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op)
{
	return op->type == ZYDIS_OPERAND_TYPE_MEMORY && op->mem.type == ZYDIS_MEMOP_TYPE_MEM &&
	       op->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT && op->actions &&
	       !(op->actions & ~(ZyanU8)(ZYDIS_OPERAND_ACTION_READ | ZYDIS_OPERAND_ACTION_WRITE)) &&
	       in->mnemonic != ZYDIS_MNEMONIC_NOP && in->meta.category != ZYDIS_CATEGORY_PREFETCH &&
	       in->meta.category != ZYDIS_CATEGORY_WIDENOP && in->meta.category != ZYDIS_CATEGORY_CMOV &&
	       (in->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
		in->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX);
}

static bool is_gpr64(ZydisRegister r)
{
	return ZydisRegisterGetClass(r) == ZYDIS_REGCLASS_GPR64;
}

/* Is register `r` loaded from memory in the block? */
static bool loaded(const struct block *b, ZydisRegister r)
{
	for (unsigned i = 0; i < b->n; i++) {
		const ZydisDecodedOperand *o = b->ops[i];
		if (b->in[i].operand_count_visible < 2 || o[0].type != ZYDIS_OPERAND_TYPE_REGISTER ||
		    !(o[0].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) || wide(o[0].reg.value) != r)
			continue;
		if (o[1].type == ZYDIS_OPERAND_TYPE_MEMORY && o[1].mem.type == ZYDIS_MEMOP_TYPE_MEM)
			return true;
	}
	return false;
}

/* Does the branch `at` depend on something in memory? */
static bool looks_at_memory(const struct block *b, unsigned at)
{
	for (unsigned i = at; i-- > 0;) {
		const ZydisAccessedFlags *f = b->in[i].cpu_flags;
		if (!f || !(f->modified | f->set_0 | f->set_1))
			continue;
		for (unsigned k = 0; k < b->in[i].operand_count_visible; k++) {
			const ZydisDecodedOperand *o = &b->ops[i][k];
			if (o->type == ZYDIS_OPERAND_TYPE_MEMORY && o->mem.type == ZYDIS_MEMOP_TYPE_MEM)
				return true;
			if (o->type == ZYDIS_OPERAND_TYPE_REGISTER && loaded(b, wide(o->reg.value)))
				return true;
		}
		return false;
	}
	return false;
}

/* Does the loop end when it finds something in memory? Such searches are short; a loop that
 * only counts may well go through all there is. */
static bool searches(const struct block *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		if (b->in[i].meta.category == ZYDIS_CATEGORY_COND_BR && looks_at_memory(b, i))
			return true;
	}
	return false;
}

/* A loop in a straight line that goes through memory in equal steps ends by itself, at the end
 * of the mapping at the latest: a fault is a station too. */
static bool ends_by_itself(const struct choice *c, size_t branch)
{
	struct block b;
	size_t from = decode_find(c->l, c->l->at[branch].to);
	if (!(c->l->at[branch].flags & IN_COND) || from == SIZE_MAX || from > branch ||
	    !read_block(c, from, branch, &b))
		return false;
	int64_t min = searches(&b) ? 1 : STRIDE_MIN;
	for (unsigned i = 0; i < b.n; i++) {
		for (unsigned k = 0; k < b.in[i].operand_count_visible; k++) {
			const ZydisDecodedOperand *op = &b.ops[i][k];
			if (!accesses(&b.in[i], op))
				continue;
			ZydisRegister base = op->mem.base, index = op->mem.index;
			if ((is_gpr64(base) && strides(&b, base, min) && fixed(&b, index)) ||
			    (is_gpr64(index) && strides(&b, index, min) && fixed(&b, base)))
				return true;
		}
	}
	return false;
}

/* --- loops that need none in practice --- */

/* Is a register loaded through itself, as in p = p->next? */
static bool follows_pointer(const struct choice *c, const struct insn *in)
{
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	return in->mnemonic == ZYDIS_MNEMONIC_MOV && !decode_one(&c->d, c->t, in->addr, &z, ops) &&
	       ops[0].type == ZYDIS_OPERAND_TYPE_REGISTER && is_gpr64(ops[0].reg.value) &&
	       ops[1].type == ZYDIS_OPERAND_TYPE_MEMORY && ops[1].mem.base == ops[0].reg.value;
}

/* A short loop around one that has a safepoint, or along a chain of pointers. Nothing proves that
 * it ends, or that the inner one goes round; where others wait too long for it all the same, its
 * task is interrupted and found by its state (docs/moments.md). */
static bool leans(const struct choice *c, size_t from, size_t branch)
{
	bool inside = false, call = false, chain = false;
	if (from > branch || branch - from > LEAN_MAX)
		return false;
	for (size_t i = from; i < branch; i++) {
		const struct insn *in = &c->l->at[i];
		if (in->flags & IN_INDIRECT)
			return false;
		inside |= (in->flags & IN_SAFE) != 0;
		call |= in->mnemonic == ZYDIS_MNEMONIC_CALL;
		chain = chain || follows_pointer(c, in);
	}
	return inside || (chain && !call);
}

/* --- the choice --- */

/* A jump or call out of the function that does not come back here, as far as direct calls and
 * jumps lead. */
static bool leaves(const struct choice *c, uint64_t to)
{
	const struct func *g = elf_func(c->t, to);
	return g && !survey_recurs(c->s, c->t, c->f, g);
}

static bool movable(const struct insn *in)
{
	return in->flags & IN_MOVES;
}

/* A branch back that closes a cycle; *cut: it need not be looked at any more. */
static bool closes_loop(struct choice *c, const struct parts *cyc, size_t i, bool *cut,
			struct safepoint_counts *n)
{
	const struct insn *in = &c->l->at[i];
	if (!(in->flags & IN_BRANCH) || in->to > in->addr)
		return false;
	size_t to = decode_find(c->l, in->to);
	/* Out of the function: into its other part, or a call in tail position. */
	if (to == SIZE_MAX ? leaves(c, in->to) || !elf_func(c->t, in->to) : cyc->part[to] != cyc->part[i])
		return false;
	*cut = true;
	if (ends_by_itself(c, i)) {
		n->ended++;
		return false;
	}
	if (to != SIZE_MAX && leans(c, to, i)) {
		n->leaning++;
		return false;
	}
	n->loops++;
	return movable(in);
}

/* Which instructions are in loops that have a safepoint. A recursive call there needs none: what
 * calls itself more than once goes round the loop, and what calls itself once each time, without
 * end, runs out of stack. (Where the branching is in another function nothing counts; see leans.) */
static void mark_loops(const struct choice *c, int *depth)
{
	for (size_t i = 0; i < c->l->n; i++) {
		const struct insn *in = &c->l->at[i];
		size_t to =
			in->flags & IN_SAFE && in->flags & IN_BRANCH ? decode_find(c->l, in->to) : SIZE_MAX;
		if (to > i)
			continue;
		depth[to]++;
		depth[i + 1]--;
	}
	for (size_t i = 1; i < c->l->n; i++)
		depth[i] += depth[i - 1];
}

static bool calls_back(const struct choice *c, const struct insn *in)
{
	return in->flags & IN_CALL && in->flags & IN_REL32 && in->to <= in->addr && elf_func(c->t, in->to) &&
	       !leaves(c, in->to);
}

/* Of a jump through a table the cycles are known, once the branches back are cut: most have
 * none left, but the dispatch of an interpreter has. Others may go anywhere. */
static bool dispatches(struct choice *c, const struct parts *cyc, size_t i)
{
	if (!(c->l->at[i].flags & IN_INDIRECT))
		return false;
	return tables_of(c) <= 0 || cycles_through_table(cyc, c->l, i);
}

static void add(struct choice *c, struct insn *in, struct safepoint_counts *n)
{
	bool live = in->flags & IN_INDIRECT ? live_at_dispatch(c) : live_at(c, in->to);
	in->flags |= IN_SAFE | (live ? IN_LIVE : 0);
	n->live += live;
}

static bool has(const insn_list *l, bool (*what)(const struct insn *in))
{
	for (size_t i = 0; i < l->n; i++) {
		if (what(&l->at[i]))
			return true;
	}
	return false;
}

static bool goes_back(const struct insn *in)
{
	return in->flags & IN_BRANCH && in->to <= in->addr;
}

static bool jumps_indirectly(const struct insn *in)
{
	return in->flags & IN_INDIRECT;
}

static void choose_loops(struct choice *c, struct safepoint_work *w, bool *cut, struct safepoint_counts *n)
{
	insn_list *l = c->l;
	/* Cycles through a table have their safepoint at the jump that uses it, if at no branch. */
	cycles_find(&w->parts, c->s, l, NULL, tables_of(c) > 0);
	for (size_t i = 0; i < l->n; i++) {
		if (closes_loop(c, &w->parts, i, &cut[i], n))
			add(c, &l->at[i], n);
	}
}

void safepoint_choose(const struct elf_text *t, const struct survey *s, const struct func *f, insn_list *l,
		      struct safepoint_work *w, struct safepoint_counts *n)
{
	struct choice c = {.t = t, .s = s, .f = f, .l = l, .dispatch_live = -1, .tables = -2};
	bool *cut = NULL, back = has(l, goes_back), indirect = has(l, jumps_indirectly);
	decode_init(&c.d);
	if (back || indirect)
		cut = xcalloc(l->n + 1, 1);
	if (back)
		choose_loops(&c, w, cut, n);
	if (indirect)
		cycles_find(&w->parts, s, l, cut, false);
	int *depth = xcalloc(l->n + 1, sizeof(*depth));
	if (back)
		mark_loops(&c, depth);
	for (size_t i = 0; i < l->n; i++) {
		bool call = calls_back(&c, &l->at[i]) && !depth[i],
		     jump = indirect && dispatches(&c, &w->parts, i);
		n->calls += call;
		n->dispatches += jump;
		if (call || jump)
			add(&c, &l->at[i], n);
	}
	free(depth);
	free(cut);
}
